import type { Demonstration, Fact } from '@skillrl/core';

import { classOf, namesClass } from '../names.ts';
import type { Trace, TraceStep } from '../trace.ts';
import type { FailedAttempt, Finding } from './failed-attempt.ts';
import { at, listed, one, place, type Words } from './wording.ts';

/** The thing the goal is about was never seen: where the search went, and where it should have gone. */
export function searchedInVain(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { task, trace, object } = attempt;
  if (object === undefined || trace.visited.size === 0 || seen(attempt).length > 0) return undefined;

  const visited = [...trace.visited.keys()];
  const known = placeInSuccess(attempt);
  const left = leftUnvisited(trace);
  // Whoever has looked everywhere has nothing to learn about where to look.
  if (known === undefined && left.names.length === 0) return undefined;
  const going = vainestMove(attempt);
  return {
    title: known ? `${place(task)}: look for ${object} in ${known.place}` : `${place(task)}: where no ${object} is`,
    pointOfFailure: `No ${object} was found in ${trace.steps.length} steps; looked into: ${listed(visited)}.`,
    flawedDecision:
      going === undefined
        ? `Searching without an order.`
        : `${at(going)} \`${going.action}\`: a place of a kind that had held no ${object}.`,
    correction: known
      ? `Look in ${known.place}: there ${one(object)} was found in a success.`
      : left.classes.length > 0
        ? `Look in the kinds of places that were left out: ${listed(left.classes)}.`
        : `Look into those that were left out: ${listed(left.names)}.`,
    principle: `Search where such a thing was found before, then each remaining kind of place once; do not go back to a place already looked into.`,
    appliesWhen: `${words.where} ${one(object)} must be found.`,
    steps: [0, trace.steps.at(-1)?.index ?? 0],
    key: ['search', object, known?.place ?? ''],
    instead: known && going && redirected(going, known.place),
    order: orderTo(object, known ? [known.place] : left.classes.length > 0 ? left.classes : left.names),
    isLocal: true,
    from: known?.demonstration,
  };
}

/** A thing found in so many last steps was found too late to be of use. */
const tooLate = 5;

/** The thing was seen and never taken: passed by, or found when the steps were used up. */
export function passedBy(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { task, trace, object } = attempt;
  const sighting = seen(attempt)[0];
  const last = trace.steps.at(-1);
  if (object === undefined || sighting === undefined || last === undefined) return undefined;
  const acts = actsOn(object, trace);
  if (acts.some(({ effect }) => effect !== false)) return undefined;

  const { fact, step } = sighting;
  if (step > last.index - tooLate) {
    return foundLate(
      attempt,
      words,
      fact,
      step,
      `${fact.subject} was found ${fact.relation} ${fact.object} only at step ${step}`,
    );
  }
  const refused = acts.find(({ index }) => index > step) ?? acts[0];
  return {
    title: `${place(task)}: ${object} is ${fact.relation} ${fact.object}; take it when you see it`,
    pointOfFailure: `${step < 0 ? 'From the start' : `From step ${step} on`} ${fact.subject} was to be seen ${fact.relation} ${fact.object}, and it was never taken.`,
    flawedDecision:
      refused === undefined
        ? `Going on without taking the ${object} that the goal asks for.`
        : `${at(refused)} \`${refused.action}\` did nothing: ${reasonOfRefusal(refused, trace)}.`,
    correction: `Take ${fact.subject} from ${fact.object} as soon as it is seen.`,
    principle: `Take what the goal asks for at first sight, by the name and from the place that were seen; then do the rest.`,
    appliesWhen: `${words.where} ${one(object)} is asked for.`,
    steps: [Math.max(0, step), last.index],
    key: ['seen', object, fact.object],
    isLocal: true,
  };
}

/** The thing was taken, but only when the steps were used up. */
export function takenLate(attempt: FailedAttempt, words: Words): Finding | undefined {
  const { trace, object } = attempt;
  const last = trace.steps.at(-1);
  if (object === undefined || last === undefined) return undefined;
  const first = actsOn(object, trace).find(({ effect }) => effect !== false);
  const fact = first && trace.found.get(first.things[0]!)?.fact;
  if (first === undefined || fact === undefined || fact.object !== first.things[1]) return undefined;
  if (first.index <= last.index - tooLate || first.index <= last.index / 2) return undefined;
  return foundLate(
    attempt,
    words,
    fact,
    first.index,
    `${at(first)} \`${first.action}\` was the first act on ${one(object)}`,
  );
}

function foundLate(attempt: FailedAttempt, words: Words, fact: Fact, step: number, what: string): Finding {
  const { task, trace } = attempt;
  const object = classOf(fact.subject);
  const going = vainestMove(attempt, { before: step, except: fact.object });
  return {
    title: `${place(task)}: look for ${object} in ${fact.object} first`,
    pointOfFailure: `${what}, when the steps were nearly used up.`,
    flawedDecision:
      going === undefined
        ? `Searching elsewhere first.`
        : `${at(going)} \`${going.action}\`, like other searches in places that held no ${object}.`,
    correction: `Go to ${fact.object} first.`,
    principle: `Search first where such a thing was found before.`,
    appliesWhen: `${words.where} ${one(object)} must be found.`,
    steps: [0, trace.steps.at(-1)?.index ?? step],
    key: ['seen', object, fact.object],
    instead: going && redirected(going, fact.object),
    order: orderTo(object, [fact.object]),
    isLocal: true,
  };
}

function actsOn(object: string, { steps }: Trace): TraceStep[] {
  return steps.filter(({ things }) => things.length > 1 && classOf(things[0]!) === object);
}

function reasonOfRefusal({ index, things: [thing = '', from] }: TraceStep, { found }: Trace): string {
  const sighting = found.get(thing);
  const isSeenThere = sighting !== undefined && sighting.step < index && sighting.fact.object === from;
  return isSeenThere ? 'it was given where or when it could not work' : `no ${thing} had been seen there`;
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

/** The move to a place that did not hold the thing which was made most often, the last of equals. Where the goal itself sends to is no mistake. */
function vainestMove(
  { trace, task }: FailedAttempt,
  { before = Infinity, except }: { readonly before?: number; readonly except?: string } = {},
): TraceStep | undefined {
  const verb = movingVerb(trace);
  const count = new Map<string, number>();
  let vainest: TraceStep | undefined;
  for (const step of trace.steps) {
    const [to] = step.things;
    if (!isAtPlace(step, trace) || step.verb !== verb || to === except || step.index >= before) continue;
    if (namesClass(task.instruction, classOf(to!))) continue;
    count.set(step.action, (count.get(step.action) ?? 0) + 1);
    if (vainest === undefined || count.get(step.action)! >= count.get(vainest.action)!) vainest = step;
  }
  return vainest;
}

/** The word for going somewhere: of all that is done to places alone, what is done to the most of them. One can go to each, and open a few. */
function movingVerb(trace: Trace): string | undefined {
  const steps = trace.steps.filter((step) => isAtPlace(step, trace));
  const reach = [...Map.groupBy(steps, ({ verb }) => verb)].map(([verb, same]) => ({
    verb,
    places: new Set(same.map(({ things }) => things[0])).size,
  }));
  return reach.toSorted((a, b) => b.places - a.places)[0]?.verb;
}

function isAtPlace({ things, effect }: TraceStep, { visited }: Trace): boolean {
  return things.length === 1 && visited.has(things[0]!) && effect !== false;
}

function redirected(going: TraceStep, to: string): Finding['instead'] {
  return { avoid: going.action, do: going.action.replace(going.things[0]!, to) };
}

function orderTo(find: string, places: readonly string[]): Finding['order'] {
  return { find, places: [...new Set(places.map(classOf))].slice(0, 5) };
}

/** Places that the first view names and that were not looked into, and the kinds of which none was. */
function leftUnvisited({ mentioned, visited }: Trace): { readonly names: string[]; readonly classes: string[] } {
  const names = [...new Set(mentioned)].filter((name) => !visited.has(name));
  const visitedClasses = new Set([...visited.keys()].map(classOf));
  const classes = [...new Set(names.map(classOf))].filter((name) => !visitedClasses.has(name)).toSorted();
  return { names, classes };
}
