import type { TraceStep } from '../trace.ts';
import type { FailedAttempt, Finding } from './failed-attempt.ts';
import { at, type Words } from './wording.ts';

/** A command that did nothing and was given again and again. */
export function repeatedInVain({ trace, task }: FailedAttempt, words: Words): Finding | undefined {
  const idle = new Map<string, TraceStep[]>();
  for (const step of trace.steps) {
    if (step.effect === false) idle.set(step.action, [...(idle.get(step.action) ?? []), step]);
  }
  const [worst] = [...idle.values()].toSorted((a, b) => b.length - a.length);
  const [first] = worst ?? [];
  if (worst === undefined || first === undefined || worst.length < 3) return undefined;
  return {
    title: `\`${first.pattern}\` that does nothing once does nothing again`,
    pointOfFailure: `${at(first)} \`${first.action}\` did nothing; it was given ${worst.length} times.`,
    flawedDecision: `Repeating a command that had changed nothing.`,
    correction: `Do something else after the first answer, such as going where the command can work.`,
    principle: `A command that changed nothing will change nothing when repeated: change place, object or command.`,
    appliesWhen: `A command for "${words.goal}" does nothing.`,
    steps: [first.index, worst.at(-1)?.index ?? first.index],
    key: ['repeated', task.environment, first.verb],
    isLocal: false,
  };
}

/** What is left to say when nothing more exact was found: the answer that was wrong, or how a like goal was reached. */
export function notReached({ trace, nearest }: FailedAttempt, words: Words): Finding | undefined {
  const last = trace.steps.at(-1);
  if (last === undefined) return undefined;
  const better = nearest?.body.steps.at(-1)?.action;
  const isAnswer = trace.steps.length === 1;
  // That a goal was not reached, and nothing more, teaches nobody.
  if (!isAnswer && better === undefined) return undefined;
  const quoted = `\`${last.action.slice(0, 200)}\``;
  return {
    title: isAnswer ? `"${words.goal}": not ${quoted.slice(0, 80)}` : `"${words.goal}": the goal was not reached`,
    pointOfFailure: isAnswer
      ? `The answer ${quoted} was not accepted.`
      : `After ${trace.steps.length} steps, the last of them ${quoted}, the goal was not reached.`,
    flawedDecision: isAnswer
      ? `Giving ${quoted} as the answer.`
      : `Ending without checking what the goal still asked for.`,
    correction:
      better === undefined
        ? `Check the result against each part of "${words.goal}" before the end.`
        : `A success for a goal of this kind ended with \`${better.slice(0, 200)}\`.`,
    principle: `Check the result against every part of the goal before giving it.`,
    appliesWhen: `The goal is like "${words.goal}".`,
    steps: [0, last.index],
    key: ['not-reached', words.goal, isAnswer ? last.action.slice(0, 200) : ''],
    isLocal: false,
    from: better === undefined ? undefined : nearest,
  };
}
