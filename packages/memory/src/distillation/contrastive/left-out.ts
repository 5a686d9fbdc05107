import type { Demonstration } from '@skillrl/core';

import { handlingsIn } from '../handling.ts';
import { treatmentPattern } from '../made-up-words.ts';
import { classOf, namesClass } from '../names.ts';
import { readAction, type ReadAction, type Trace } from '../trace.ts';
import type { FailedAttempt, Finding } from './failed-attempt.ts';
import { at, one, type Words } from './wording.ts';

/** What an act is for, whatever the object and the place: getting a thing, delivering it, or something done in between. */
type Role = 'fetch' | 'deliver' | `treat ${string}` | `use ${string}`;

interface Act extends ReadAction {
  readonly role: Role;
}

/** The first act of the nearest success that the failure has no counterpart of. */
export function leftOut(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { nearest, object } = attempt;
  if (nearest === undefined || object === undefined) return undefined;
  const done = actsOfAttempt(attempt, object);
  const missing = firstMissing(actsOfSuccess(nearest, attempt.trace), done);
  return missing && omission(missing.act, missing.position, done.at(-1), attempt, object, nearest, words);
}

function firstMissing(success: readonly Act[], done: readonly Act[]) {
  const left = new Map([...Map.groupBy(done, ({ role }) => role)].map(([role, acts]) => [role, acts.length]));
  for (const [position, act] of success.entries()) {
    const count = left.get(act.role) ?? 0;
    if (count === 0) return { act, position };
    left.set(act.role, count - 1);
  }
  return undefined;
}

/** What the attempt did to things of the goal's class, and to other things the goal names; doing the same to the same thing again adds nothing. */
function actsOfAttempt({ trace, task }: FailedAttempt, object: string): (Act & { readonly index: number })[] {
  const handlings = handlingsIn(trace, task.instruction);
  const acts = new Map<string, Act & { readonly index: number }>();
  for (const step of trace.steps) {
    const [thing, place] = step.things;
    const handling = handlings.get(step.index);
    let role: Role | undefined;
    if (place === undefined) role = useOf(step, task.instruction, trace);
    else if (classOf(thing!) !== object) continue;
    else if (handling === 'fetch') role = 'fetch';
    else if (handling === 'treatment') role = `treat ${treatmentPattern(step)}`;
    else if (handling === 'put-down' && namesClass(task.instruction, classOf(place))) role = 'deliver';
    const key = `${role} ${thing}`;
    if (role !== undefined && step.effect !== false && !acts.has(key)) acts.set(key, { ...step, role });
  }
  return [...acts.values()];
}

/** The acts of a success that have a role. Its facts say what was fetched; its last act on the fetched thing is the delivery, where the goal names the place. */
function actsOfSuccess({ body, machine }: Demonstration, trace: Trace): Act[] {
  const steps = body.steps.map(({ action }) => readAction(action));
  const isFetched = ({ things: [thing, from] }: ReadAction): boolean =>
    machine?.facts?.some(({ subject, object }) => subject === thing && object === from) ?? false;
  const first = steps.find(isFetched);
  if (first === undefined) return [];
  const object = classOf(first.things[0]!);
  const fetching = new Set(steps.filter(isFetched).map(({ verb }) => verb));
  const isDelivery = ({ verb, things: [, place = ''] }: ReadAction): boolean =>
    !fetching.has(verb) && namesClass(body.goal, classOf(place));
  const delivering = steps.findLast(isDelivery)?.verb;
  return steps.flatMap((step): Act[] => {
    const [thing, place] = step.things;
    let role: Role | undefined;
    if (place === undefined) role = useOf(step, body.goal, trace);
    else if (classOf(thing!) !== object) return [];
    else if (fetching.has(step.verb)) role = 'fetch';
    else if (step.verb === delivering && isDelivery(step)) role = 'deliver';
    else role = `treat ${treatmentPattern(step)}`;
    return role === undefined ? [] : [{ ...step, role }];
  });
}

/** Using a thing that the goal names, such as a lamp. Going to places and opening them has no role: where things are differs from task to task. */
function useOf({ verb, things: [thing] }: ReadAction, goal: string, { steps, places }: Trace): Role | undefined {
  if (thing === undefined || !namesClass(goal, classOf(thing))) return undefined;
  const isOfPlaces = steps.some(
    (step) => step.verb === verb && step.things.length === 1 && places.has(step.things[0]!),
  );
  return isOfPlaces ? undefined : `use ${verb} ${classOf(thing)}`;
}

function omission(
  act: Act,
  position: number,
  reached: (Act & { readonly index: number }) | undefined,
  attempt: FailedAttempt,
  object: string,
  nearest: Demonstration,
  words: Words,
): Finding | undefined {
  const { task, trace } = attempt;
  // A thing that was never fetched was not found or not taken, and other findings tell of that.
  if (reached === undefined) return undefined;
  const missing = inTermsOfTask(act, attempt, object, position);
  const isTry = ({ verb, things, effect }: (typeof trace.steps)[number]): boolean =>
    effect === false && verb === act.verb && classOf(things[0] ?? '') === object;
  const tried = trace.steps.find(isTry);
  return {
    title: `"${words.goal}": do not leave out ${missing}`,
    pointOfFailure: `After step ${reached.index} (\`${reached.action}\`) it never came to ${missing}.`,
    flawedDecision: tried
      ? `${at(tried)} \`${tried.action}\` did nothing: it was given where or when it could not work.`
      : `Spending the steps on other things than the next act of the goal.`,
    correction: `A success for "${nearest.body.goal}" went on with \`${act.action}\`.`,
    principle: `Before delivering, check each part of the goal against what was done, in order; what is missing is the next act.`,
    appliesWhen: `The goal is like "${words.goal}".`,
    steps: [reached.index, trace.steps.at(-1)?.index ?? reached.index],
    key: ['left-out', task.environment, task.type ?? words.goal, act.role],
    isLocal: false,
    from: nearest,
  };
}

/** The act of another task in terms of this one; of where that one happened nothing is kept. */
function inTermsOfTask(act: Act, { task, trace }: FailedAttempt, object: string, position: number): string {
  if (act.role === 'fetch') return position === 0 ? `\`${act.verb} ${object}\`` : `getting another ${object}`;
  if (act.role === 'deliver') {
    const classes = new Set([...trace.places, ...trace.mentioned].map(classOf));
    const place = [...classes].toSorted().find((name) => name !== object && namesClass(task.instruction, name));
    return place === undefined
      ? `putting ${one(object)} where the goal says`
      : `putting ${one(object)} in or on a ${place}`;
  }
  if (act.role.startsWith('use ')) return `\`${act.pattern}\``;
  return `\`${act.pattern.replace(classOf(act.things[0]!).toLowerCase(), object)}\``;
}
