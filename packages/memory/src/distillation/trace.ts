import type { Episode, Fact, Step } from '@skillrl/core';

import { classOf, numberedNames, withoutNumbers } from './names.ts';

/** A step, read: what was done to what, and whether it did anything. */
export interface TraceStep {
  readonly index: number;
  readonly action: string;
  /** The action without numbers: `take mug from cabinet`. Equal patterns are the same kind of act. */
  readonly pattern: string;
  /** What stands before the first thing named: `take`, `go to`. */
  readonly verb: string;
  /** Things named by the action, in order. */
  readonly things: readonly string[];
  readonly observation: string;
  readonly facts: readonly Fact[];
  /** Whether the world changed; `undefined` where the environment does not tell. */
  readonly effect: boolean | undefined;
  readonly stateKey: string | undefined;
  readonly admissible: readonly string[] | undefined;
}

/** Where a thing was seen first. */
export interface Sighting {
  readonly fact: Fact;
  /** Index of the step whose answer told it; −1 for the first observation. */
  readonly step: number;
}

/** An episode read for what it says about the world. Knows relations (`in`, `on`) and numbered names, and no environment. */
export interface Trace {
  readonly steps: readonly TraceStep[];
  /** Things that hold things, such as `cabinet 3`. */
  readonly places: ReadonlySet<string>;
  /** First sighting of each thing, by its name: where it was before the agent moved it. */
  readonly found: ReadonlyMap<string, Sighting>;
  /** Numbered names that the first observation mentions. */
  readonly mentioned: readonly string[];
  /** Places that were looked into, with the index of the first step that showed their inside. */
  readonly visited: ReadonlyMap<string, number>;
}

const spatial: ReadonlySet<string> = new Set(['in', 'on']);

export function readTrace(episode: Episode): Trace {
  const steps = episode.steps.map((step, position) => readStep(step, episode.steps[position - 1]));
  const places = placesOf(episode, steps);
  const mentioned = numberedNames(episode.initialObservation ?? '');
  return { steps, places, mentioned, found: foundIn(episode, steps), visited: visitedIn(steps, places) };
}

/** An action, read without what came of it. */
export type ReadAction = Pick<TraceStep, 'action' | 'pattern' | 'verb' | 'things'>;

export function readAction(action: string, facts: readonly Fact[] = []): ReadAction {
  const things = thingsOf(action, facts);
  const first = things[0];
  const verb = first === undefined ? action : action.slice(0, action.indexOf(first));
  return { action, pattern: withoutNumbers(action), verb: verb.trim().toLowerCase(), things };
}

function readStep(step: Step, previous: Step | undefined): TraceStep {
  return {
    index: step.index,
    ...readAction(step.action, step.facts ?? []),
    observation: step.observation ?? '',
    facts: step.facts ?? [],
    effect: effectOf(step, previous),
    stateKey: step.stateKey,
    admissible: step.admissible,
  };
}

/** Numbered names, and unnumbered ones that the facts beside the action know. */
function thingsOf(action: string, facts: readonly Fact[]): string[] {
  const named = facts
    .flatMap(({ subject, object }) => [subject, object])
    .filter((name) => !/ \d+$/u.test(name) && ` ${action} `.includes(` ${name} `));
  const things = new Set([...numberedNames(action), ...named]);
  return [...things].toSorted((a, b) => action.indexOf(a) - action.indexOf(b));
}

function effectOf(step: Step, previous: Step | undefined): boolean | undefined {
  if (step.changed !== undefined) return step.changed;
  if (step.stateKey !== undefined && previous?.stateKey !== undefined) return step.stateKey !== previous.stateKey;
  if (previous?.admissible !== undefined && !previous.admissible.includes(step.action)) return false;
  return undefined;
}

/** What facts say holds something, what shares its class, and what the agent goes to with the same words. */
function placesOf(episode: Episode, steps: readonly TraceStep[]): Set<string> {
  const places = new Set<string>();
  for (const fact of allFacts(episode)) if (spatial.has(fact.relation)) places.add(fact.object);
  if (places.size === 0) return places;

  const goingVerbs = new Set(
    steps.filter(({ things }) => things.length === 1 && places.has(things[0]!)).map(({ verb }) => verb),
  );
  const contents = new Set(allFacts(episode).map(({ subject }) => subject));
  for (const { verb, things, effect } of steps) {
    const only = things[0];
    if (things.length !== 1 || only === undefined || effect === false) continue;
    if (goingVerbs.has(verb) && !contents.has(only)) places.add(only);
  }
  const classes = new Set([...places].map(classOf));
  for (const name of numberedNames(episode.initialObservation ?? '')) if (classes.has(classOf(name))) places.add(name);
  return places;
}

function allFacts(episode: Episode): Fact[] {
  return [...(episode.initialFacts ?? []), ...episode.steps.flatMap(({ facts }) => facts ?? [])];
}

function foundIn(episode: Episode, steps: readonly TraceStep[]): Map<string, Sighting> {
  const found = new Map<string, Sighting>();
  const moved = new Set<string>();
  const see = (facts: readonly Fact[], step: number): void => {
    for (const fact of facts) {
      if (spatial.has(fact.relation) && !found.has(fact.subject) && !moved.has(fact.subject)) {
        found.set(fact.subject, { fact, step });
      }
    }
  };
  see(episode.initialFacts ?? [], -1);
  for (const step of steps) {
    // What an action with two things names first may have been moved by it: its place afterwards is not where it was found.
    if (step.things.length > 1 && step.effect !== false) moved.add(step.things[0]!);
    see(step.facts, step.index);
  }
  return found;
}

const shut = /\b(closed|locked|shut)\b/iu;

function visitedIn(steps: readonly TraceStep[], places: ReadonlySet<string>): Map<string, number> {
  const visited = new Map<string, number>();
  for (const step of steps) {
    for (const fact of step.facts) {
      if (spatial.has(fact.relation) && step.effect !== false && !visited.has(fact.object)) {
        visited.set(fact.object, step.index);
      }
    }
    const place = step.things.at(-1);
    if (place === undefined || step.effect === false || visited.has(place) || !places.has(place)) continue;
    if (step.observation.includes(place) && !shut.test(step.observation)) visited.set(place, step.index);
  }
  return visited;
}
