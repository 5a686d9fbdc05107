import { classOf } from '../names.ts';
import { refusalsIn } from '../refusals.ts';
import type { TraceStep } from '../trace.ts';
import { at, place, type Words } from './wording.ts';
import type { FailedAttempt, Finding } from './failed-attempt.ts';

/** An appliance that did nothing, and the one of its kind that works, or that was not tried. */
export function refusedAct(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { task, trace } = attempt;
  for (const { step, worked } of refusalsIn(trace, task.instruction)) {
    const appliance = step.things.at(-1)!;
    const shown = worked?.things.at(-1) ?? workingAppliance(step, attempt);
    const untried = shown ?? otherOfItsClass(appliance, attempt);
    if (untried === undefined) continue;
    const better = step.action.replace(appliance, untried);
    const means = `${step.verb} with ${classOf(appliance)}`;
    return {
      title:
        shown === undefined
          ? `${place(task)}: the ${appliance} refuses \`${means}\``
          : `${place(task)}: not the ${appliance} but the ${shown} for \`${means}\``,
      pointOfFailure: `${at(step)} \`${step.action}\` did nothing, although the ${appliance} was at hand.`,
      flawedDecision: `Relying on the ${appliance} and not trying another ${classOf(appliance)}.`,
      correction:
        shown === undefined
          ? `Try another one: \`${better}\` was not tried.`
          : `Use the one that works: \`${better}\`.`,
      principle: `When an appliance does nothing once, go to another of its kind instead of repeating the command.`,
      appliesWhen: `${words.where} something is to be treated: ${means}.`,
      steps: [step.index, worked?.index ?? step.index],
      key: ['refusal', step.pattern.replace(classOf(step.things[0]!), ''), appliance, untried],
      instead: { avoid: step.action, do: better },
      isLocal: true,
      from: worked === undefined && shown !== undefined ? demonstrationWith(shown, step, attempt) : undefined,
    };
  }
  return undefined;
}

function workingAppliance(refused: TraceStep, attempt: FailedAttempt): string | undefined {
  return attempt.local.flatMap((demonstration) => workingIn(demonstration.body.steps, refused))[0];
}

function demonstrationWith(appliance: string, refused: TraceStep, attempt: FailedAttempt) {
  return attempt.local.find(({ body }) => workingIn(body.steps, refused).includes(appliance));
}

/** Appliances of the refusing one's class with which the same verb was used in a success. */
function workingIn(steps: readonly { readonly action: string }[], refused: TraceStep): string[] {
  const appliance = refused.things.at(-1)!;
  return steps
    .filter(({ action }) => action.toLowerCase().startsWith(`${refused.verb} `))
    .map(({ action }) => action.match(new RegExp(`${escaped(classOf(appliance))} \\d+$`, 'u'))?.[0])
    .filter((name) => name !== undefined && name !== appliance) as string[];
}

function otherOfItsClass(appliance: string, { trace }: FailedAttempt): string | undefined {
  const refused = new Set(trace.steps.filter(({ effect }) => effect === false).map(({ things }) => things.at(-1)));
  const known = [...trace.places, ...trace.mentioned].filter((name) => classOf(name) === classOf(appliance));
  return known.toSorted().find((name) => name !== appliance && !refused.has(name));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);
}
