import type { Conditions, Demonstration, Episode, Fact, Lesson, MachineForm, Task } from '@skillrl/core';

import { readFailure, type FailedAttempt, type Finding } from './contrastive/failed-attempt.ts';
import { leftOut } from './contrastive/left-out.ts';
import { notReached, repeatedInVain } from './contrastive/no-progress.ts';
import { refusedAct } from './contrastive/refused-act.ts';
import { passedBy, searchedInVain, takenLate } from './contrastive/searched-in-vain.ts';
import { wordsFor, type Words } from './contrastive/wording.ts';
import { wrongReading } from './contrastive/wrong-reading.ts';
import type { DistilContext, Distiller } from './distiller.ts';
import { evidenceFrom, joinEvidence } from './evidence.ts';
import { clusterOf, shorten } from './goal.ts';
import { entryId, firstStatus, withTokens } from './make-entry.ts';
import { classOf, namesClass } from './names.ts';
import { promotionOf } from './promotion.ts';

/** In the order in which a divergence explains a failure: what cannot be made good later comes first. */
const finders: readonly ((attempt: FailedAttempt, words: Words) => Finding | undefined)[] = [
  refusedAct,
  searchedInVain,
  passedBy,
  wrongReading,
  takenLate,
  leftOut,
  repeatedInVain,
  notReached,
];

/**
 * A failure as a lesson: the first divergence that mattered from how such a task succeeds. Deterministic, needs no model, and never repeats
 * the failed transcript.
 *
 * @returns `undefined` for an episode that did not fail or has no action. A failure that no reliable source has verified, or that rests on
 * text of an untrusted source, becomes a quarantined lesson.
 */
export function contrastiveLesson(episode: Episode, context: DistilContext): Lesson | undefined {
  const { task, outcome } = episode;
  if (outcome?.status !== 'failure' || episode.steps.length === 0) return undefined;

  const attempt = readFailure(episode, context);
  const words = wordsFor(task);
  for (const find of finders) {
    const finding = find(attempt, words);
    if (finding !== undefined) return lessonOf(finding, attempt, episode, context);
  }
  return undefined;
}

/** Makes one lesson of each failure by comparing it with the nearest success. */
export function contrastiveDistiller(): Distiller {
  return {
    name: 'contrastive',
    version: '2',
    from: 'failure',
    distil: (episode, context) => {
      const lesson = contrastiveLesson(episode, context);
      return Promise.resolve({ accepted: lesson ? [lesson] : [], rejected: [] });
    },
  };
}

function lessonOf(finding: Finding, attempt: FailedAttempt, episode: Episode, context: DistilContext): Lesson {
  const { task } = episode;
  const machine = machineForm(finding, attempt);
  const family = finding.isLocal ? task.family : undefined;
  const own = evidenceFrom(episode, context.trusted, finding.steps);
  const evidence = joinEvidence([own], sourcesOf(finding.from));
  const { becomes } = promotionOf(episode, context.doubts?.(episode));
  const isSound = becomes === 'lesson' && evidence.every(({ trusted }) => trusted);
  return withTokens<Lesson>({
    kind: 'lesson',
    id: entryId('lesson', context.namespace, task.environment, family ?? task.type ?? '', ...finding.key),
    version: 1,
    namespace: context.namespace,
    scope: 'task',
    cluster: clusterOf(task),
    title: shorten(finding.title, 300),
    conditions: conditionsOf(finding, task),
    machine: Object.keys(machine).length === 0 ? undefined : machine,
    body: {
      pointOfFailure: finding.pointOfFailure,
      flawedDecision: finding.flawedDecision,
      correction: finding.correction,
      principle: finding.principle,
      appliesWhen: finding.appliesWhen,
    },
    evidence,
    status: firstStatus(isSound),
    madeBy: { method: 'contrastive' },
    createdAt: context.now,
  });
}

/** What holds in one place is shown there; what holds for a kind of goal, for goals of that kind. */
function conditionsOf({ isLocal }: Finding, { environment, family, type }: Task): Conditions {
  return {
    environments: [environment],
    ...(isLocal && family !== undefined && { families: [family] }),
    ...(!isLocal && type !== undefined && { types: [type] }),
  };
}

/** Most facts of one lesson; those about what the goal names come first. */
const mostFacts = 40;

function machineForm({ instead, order, procedure, isLocal }: Finding, { trace, task }: FailedAttempt): MachineForm {
  const seen = isLocal ? [...trace.found.values()].map(({ fact }): Fact => fact) : [];
  const isNamed = ({ subject }: Fact): boolean => namesClass(task.instruction, classOf(subject));
  const facts = [...seen.filter(isNamed), ...seen.filter((fact) => !isNamed(fact))].slice(0, mostFacts);
  return {
    ...(facts.length > 0 && { facts }),
    ...(order && { order: [order] }),
    ...(instead && { instead: [instead] }),
    ...(procedure && { procedures: [procedure] }),
  };
}

/** What is told of a success rests on that success as well: forgetting it must reach the lesson. */
function sourcesOf(demonstration: Demonstration | undefined): Demonstration['evidence'] {
  return demonstration?.evidence.slice(0, 1) ?? [];
}
