import type { Demonstration, DemonstrationStep, Episode, Fact, MachineForm } from '@skillrl/core';

import type { DistilContext, Distiller } from './distiller.ts';
import { evidenceFrom } from './evidence.ts';
import { clusterOf, goalPattern, shorten } from './goal.ts';
import { proceduresShown } from './made-up-words.ts';
import { entryId, firstStatus, withTokens } from './make-entry.ts';
import { promotionOf } from './promotion.ts';
import { resolvedRefusals } from './refusals.ts';
import { stepsThatMattered } from './steps-that-mattered.ts';
import { readTrace, type Trace, type TraceStep } from './trace.ts';

/**
 * A success as an example to follow: the steps that mattered, kept concrete. Needs no model.
 *
 * @returns `undefined` for an episode that did not succeed or has no action. One that is not sure (`promotionOf`), or that rests on text of
 * an untrusted source, becomes a quarantined demonstration.
 */
export function demonstrationFrom(episode: Episode, context: DistilContext): Demonstration | undefined {
  const { task, outcome } = episode;
  if (outcome?.status !== 'success' || episode.steps.length === 0) return undefined;

  const trace = readTrace(episode);
  const kept = stepsThatMattered(trace, task.instruction);
  const machine = machineForm(trace, kept, episode, context);
  const goal = goalPattern(task.instruction);
  const steps = kept.filter(({ action }) => action !== '').map((step) => shownStep(step, trace));
  if (steps.length === 0) return undefined;
  const boundTo = Object.keys(machine).length === 0 ? undefined : task.family;
  const evidence = evidenceFrom(episode, context.trusted);
  const { becomes } = promotionOf(episode, context.doubts?.(episode));
  const key = [context.namespace, task.environment, boundTo ?? '', goal, ...steps.map(({ action }) => action)];
  return withTokens<Demonstration>({
    kind: 'demonstration',
    id: entryId('demonstration', ...key),
    version: 1,
    namespace: context.namespace,
    scope: 'task',
    cluster: clusterOf(task),
    title: shorten(boundTo === undefined ? goal : `${goal} (${boundTo})`, 200),
    conditions: { environments: [task.environment], ...(boundTo === undefined ? {} : { families: [boundTo] }) },
    machine: Object.keys(machine).length === 0 ? undefined : machine,
    body: { goal, steps, result: `Success with ${countOf(steps.length, 'step')}, score ${outcome.score}.` },
    evidence: [evidence],
    status: firstStatus(becomes === 'demonstration' && evidence.trusted),
    madeBy: { method: 'demonstration' },
    createdAt: context.now,
  });
}

/** Makes a demonstration of each success. */
export function demonstrationDistiller(): Distiller {
  return {
    name: 'demonstration',
    version: '1',
    from: 'success',
    distil: (episode, context) => {
      const demonstration = demonstrationFrom(episode, context);
      return Promise.resolve({ accepted: demonstration ? [demonstration] : [], rejected: [] });
    },
  };
}

function machineForm(
  trace: Trace,
  kept: readonly TraceStep[],
  episode: Episode,
  { ordinaryWords }: DistilContext,
): MachineForm {
  const used = new Set(kept.flatMap(({ things }) => things));
  const facts = [...trace.found].filter(([thing]) => used.has(thing)).map(([, { fact }]): Fact => fact);
  const procedures = proceduresShown(trace, episode).filter(({ name }) => ordinaryWords?.has(name) !== true);
  const instead = resolvedRefusals(trace, episode.task.instruction);
  return {
    ...(facts.length > 0 && { facts }),
    ...(procedures.length > 0 && { procedures }),
    ...(instead.length > 0 && { instead }),
  };
}

/** The action, with what had been seen just before where that told of a thing it acts on (or where nothing is known of things). */
function shownStep(step: TraceStep, trace: Trace): DemonstrationStep {
  const action = shorten(step.action, 4_000);
  const before = trace.steps.find(({ index }) => index === step.index - 1);
  const isTelling =
    before !== undefined &&
    before.observation !== '' &&
    (trace.places.size === 0 || before.facts.some(({ subject }) => step.things.includes(subject)));
  return isTelling ? { observation: shorten(before.observation, 200), action } : { action };
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
