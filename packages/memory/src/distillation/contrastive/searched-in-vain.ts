import type { Demonstration } from '@skillrl/core';

import { classOf } from '../names.ts';
import type { TraceStep } from '../trace.ts';
import type { FailedAttempt, Finding } from './failed-attempt.ts';
import { at, listed, one, place, type Words } from './wording.ts';

/** The thing the goal is about was never seen: where the search went, and where it should have gone. */
export function searchedInVain(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { task, trace, object } = attempt;
  if (object === undefined || trace.visited.size === 0 || seen(attempt).length > 0) return undefined;

  const visited = [...trace.visited.keys()];
  const known = placeInSuccess(attempt);
  const going = vainestMove(attempt);
  const unvisited = unvisitedClasses(attempt);
  const kinds = known ? [classOf(known.place)] : unvisited;
  const better = known && going && going.action.replace(going.things[0]!, known.place);
  return {
    title: known ? `${place(task)}: look for ${object} in ${known.place}` : `${place(task)}: where no ${object} is`,
    pointOfFailure: `No ${object} was found in ${trace.steps.length} steps; looked into: ${listed(visited)}.`,
    flawedDecision:
      going === undefined
        ? `Searching without an order.`
        : `${at(going)} \`${going.action}\`: a place of a kind that had held no ${object}.`,
    correction: known
      ? `Look in ${known.place}: there ${one(object)} was found in a success.`
      : unvisited.length > 0
        ? `Look in the kinds of places that were left out: ${listed(unvisited)}.`
        : `Look into each place once, closed ones too.`,
    principle: `Search where such a thing was found before, then each remaining kind of place once; do not go back to a place already looked into.`,
    appliesWhen: `${words.where} ${one(object)} must be found.`,
    steps: [0, trace.steps.at(-1)?.index ?? 0],
    key: ['search', object, known?.place ?? ''],
    instead: better === undefined || going === undefined ? undefined : { avoid: going.action, do: better },
    order: kinds.length === 0 ? undefined : { find: object, places: kinds.slice(0, 5) },
    isLocal: true,
    from: known?.demonstration,
  };
}

/** A thing seen in so many last steps was found too late to be of use. */
const tooLate = 4;

/** The thing was seen and never taken: passed by, or found when the steps were used up. */
export function passedBy(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { task, trace, object } = attempt;
  const sighting = seen(attempt)[0];
  const last = trace.steps.at(-1);
  if (object === undefined || sighting === undefined || last === undefined) return undefined;
  const isTouched = ({ effect, things }: TraceStep): boolean =>
    effect !== false && things.length > 1 && classOf(things[0]!) === object;
  if (trace.steps.some(isTouched)) return undefined;

  const { fact, step } = sighting;
  const going = vainestMove(attempt, fact.object);
  const shared = { steps: [Math.max(0, step), last.index], key: ['seen', object, fact.object], isLocal: true } as const;
  if (step > last.index - tooLate && going !== undefined) {
    return {
      ...shared,
      title: `${place(task)}: look for ${object} in ${fact.object} first`,
      pointOfFailure: `${fact.subject} was found ${fact.relation} ${fact.object} only at step ${step}, when the steps were nearly used up.`,
      flawedDecision: `${at(going)} \`${going.action}\`, like other searches in places that held no ${object}.`,
      correction: `Go to ${fact.object} first.`,
      principle: `Search first where such a thing was found before.`,
      appliesWhen: `${words.where} ${one(object)} must be found.`,
      instead: { avoid: going.action, do: going.action.replace(going.things[0]!, fact.object) },
      order: { find: object, places: [classOf(fact.object)] },
    };
  }
  return {
    ...shared,
    title: `${place(task)}: ${object} is ${fact.relation} ${fact.object}; take it when you see it`,
    pointOfFailure: `${step < 0 ? 'From the start' : `From step ${step} on`} ${fact.subject} was to be seen ${fact.relation} ${fact.object}, and it was never taken.`,
    flawedDecision: `Going on without taking the ${object} that the goal asks for.`,
    correction: `Take ${fact.subject} from ${fact.object} as soon as it is seen.`,
    principle: `Take what the goal asks for at first sight; then do the rest.`,
    appliesWhen: `${words.where} ${one(object)} is asked for.`,
  };
}

function seen({ trace, object }: FailedAttempt) {
  return [...trace.found.values()].filter(({ fact }) => classOf(fact.subject) === object);
}

/** Where a success in the same family found a thing of the class, at a place this attempt did not look into. */
function placeInSuccess({
  local,
  object,
  trace,
}: FailedAttempt): { place: string; demonstration: Demonstration } | undefined {
  for (const demonstration of local) {
    const facts = demonstration.machine?.facts ?? [];
    const fact = facts.find(({ subject, object: where }) => classOf(subject) === object && !trace.visited.has(where));
    if (fact !== undefined) return { place: fact.object, demonstration };
  }
  return undefined;
}

/** The move to a place without the thing that was made most often, the last of equals. */
function vainestMove({ trace }: FailedAttempt, holder?: string): TraceStep | undefined {
  const count = new Map<string, number>();
  let vainest: TraceStep | undefined;
  for (const step of trace.steps) {
    const [to] = step.things;
    if (
      step.things.length !== 1 ||
      to === undefined ||
      to === holder ||
      !trace.visited.has(to) ||
      step.effect === false
    )
      continue;
    count.set(step.action, (count.get(step.action) ?? 0) + 1);
    if (vainest === undefined || count.get(step.action)! >= count.get(vainest.action)!) vainest = step;
  }
  return vainest;
}

function unvisitedClasses({ trace }: FailedAttempt): string[] {
  const visited = new Set([...trace.visited.keys()].map(classOf));
  return [...new Set(trace.mentioned.map(classOf))].filter((name) => !visited.has(name)).toSorted();
}
