import type { Demonstration } from '@skillrl/core';

import { classOf, namesClass } from '../names.ts';
import { readAction, type ReadAction, type TraceStep } from '../trace.ts';
import type { FailedAttempt, Finding } from './failed-attempt.ts';
import { at, type Words } from './wording.ts';

/** The first act of the nearest success that the failure has no counterpart of. */
export function leftOut(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { nearest, trace, task } = attempt;
  if (nearest === undefined) return undefined;
  const done = counted(
    trace.steps.filter(({ effect }) => effect !== false).map((step) => roleOf(step, task.instruction)),
  );
  let position = 0;
  let reached: TraceStep | undefined;
  for (const { action } of nearest.body.steps) {
    const act = readAction(action);
    const role = roleOf(act, nearest.body.goal);
    if (role === undefined) continue;
    const left = done.get(role) ?? 0;
    if (left > 0) {
      done.set(role, left - 1);
      reached = trace.steps.find((step) => roleOf(step, task.instruction) === role) ?? reached;
      position += 1;
      continue;
    }
    return omission(act, position, reached, attempt, nearest, words);
  }
  return undefined;
}

function omission(
  act: ReadAction,
  position: number,
  reached: TraceStep | undefined,
  { task, trace, object }: FailedAttempt,
  nearest: Demonstration,
  words: Words,
): Finding {
  const last = trace.steps.at(-1);
  const missing = inTermsOf(act, object);
  const isTry = ({ verb, things }: TraceStep): boolean => verb === act.verb && classOf(things[0] ?? '') === object;
  const refused = trace.steps.find((step) => step.effect === false && isTry(step));
  return {
    title: `"${words.goal}": do not leave out \`${missing}\``,
    pointOfFailure: reached
      ? `After step ${reached.index} (\`${reached.action}\`) nothing came of \`${missing}\`, which the nearest success has as its act ${position + 1}.`
      : `The attempt never came to \`${missing}\`, the first act of the nearest success.`,
    flawedDecision: refused
      ? `${at(refused)} \`${refused.action}\` was tried where it could not work.`
      : `Spending the steps on other things than the next act of the goal.`,
    correction: `A success for "${nearest.body.goal}" went on with \`${act.action}\`.`,
    principle: `Before delivering, check each part of the goal against what was done, in order; what is missing is the next act.`,
    appliesWhen: `The goal is like "${words.goal}".`,
    steps: [reached?.index ?? 0, last?.index ?? 0],
    key: ['left-out', task.environment, task.type ?? words.goal, act.verb],
    isLocal: false,
    from: nearest,
  };
}

/** The act of another task in terms of this one: `move cloth 2 to countertop 1` → `move candle`; what it was done with is kept. */
function inTermsOf({ pattern, things: [first, other], verb }: ReadAction, object: string | undefined): string {
  if (object === undefined || first === undefined) return pattern;
  return other === undefined ? `${verb} ${object}` : pattern.replace(classOf(first).toLowerCase(), object);
}

/**
 * What an act is for, in words that hold for other objects and places: `heat OBJECT`. Moves and acts on places alone have no role, for where
 * things are differs from task to task; nor has text that names no thing.
 */
function roleOf({ things, verb }: ReadAction, goal: string): string | undefined {
  const [first, other] = things;
  if (first === undefined) return undefined;
  const isNamed = (thing: string): boolean => namesClass(goal, classOf(thing));
  if (other === undefined) return isNamed(first) ? `${verb} OBJECT` : undefined;
  if (!isNamed(first)) return undefined;
  return isNamed(other) ? `${verb} OBJECT PLACE` : `${verb} OBJECT`;
}

function counted(roles: readonly (string | undefined)[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const role of roles) if (role !== undefined) counts.set(role, (counts.get(role) ?? 0) + 1);
  return counts;
}
