import { classOf, parseGoal } from './goal.ts';
import type { Goal, Treatment } from './goal.ts';
import { parseCommand, parseList, parseReceptacle, parseRoom, parseTaskSentence } from './observation.ts';

/** What an observer knows after the commands and answers so far. Changed in place by `observe`. */
export interface Belief {
  readonly goal: Goal;
  /** Receptacles of the room, in the order listed. */
  readonly receptacles: readonly string[];
  /** How many receptacles of a class there are. */
  readonly classSizes: ReadonlyMap<string, number>;
  /** Where the observer stands; `undefined` in the middle of the room. */
  at: string | undefined;
  holding: string | undefined;
  /** Receptacles found to share a place: `go to` between them does nothing. Class representatives by union. */
  readonly placeOf: Map<string, string>;
  readonly states: Map<string, 'open' | 'closed' | 'surface'>;
  /** Contents of the receptacles whose inside was seen. */
  readonly contents: Map<string, Set<string>>;
  /** Where each object held now or before was taken from. */
  readonly origins: Map<string, string>;
  /** Treatments an object carries now. Heating undoes cooling, and the reverse. */
  readonly treated: Map<string, Set<Treatment>>;
  /** `verb appliance` pairs that did nothing to an object of the goal's class. */
  readonly refused: Set<string>;
  /** Treatments carried by an object that was put where it belongs without the game being won. */
  readonly disproved: Set<Treatment>;
  /** Lamps turned on. */
  readonly lit: Set<string>;
  /** Commands that did nothing since the world last changed. */
  readonly failed: Set<string>;
  steps: number;
}

/** @throws {RangeError} when the text has no goal sentence of a known type. */
export function createBelief(firstObservation: string, instruction?: string): Belief {
  const goal = parseGoal(instruction ?? parseTaskSentence(firstObservation) ?? '');
  if (!goal)
    throw new RangeError(`No goal sentence of a known type in: ${instruction ?? firstObservation.slice(-120)}`);
  const receptacles = parseRoom(firstObservation);
  const classSizes = new Map<string, number>();
  for (const name of receptacles) classSizes.set(classOf(name), (classSizes.get(classOf(name)) ?? 0) + 1);
  return {
    goal,
    receptacles,
    classSizes,
    at: undefined,
    holding: undefined,
    placeOf: new Map(),
    states: new Map(),
    contents: new Map(),
    origins: new Map(),
    treated: new Map(),
    refused: new Set(),
    disproved: new Set(),
    lit: new Set(),
    failed: new Set(),
    steps: 0,
  };
}

/** Whether the observer can reach into a receptacle without walking, as far as known. */
export function isAt(belief: Belief, receptacle: string): boolean {
  if (belief.at === undefined) return false;
  return belief.at === receptacle || placeOf(belief, belief.at) === placeOf(belief, receptacle);
}

function placeOf(belief: Belief, receptacle: string): string {
  return belief.placeOf.get(receptacle) ?? receptacle;
}

/** Adds one command and its answer to the belief. */
export function observe(belief: Belief, commandText: string, answer: string): void {
  belief.steps += 1;
  const command = parseCommand(commandText);
  if (answer.trim() === 'Nothing happens.') return observeFailure(belief, commandText, command);
  const view = parseReceptacle(answer);
  if (view) {
    belief.states.set(view.receptacle, view.state);
    if (view.state !== 'closed') belief.contents.set(view.receptacle, new Set(view.objects));
  }
  if (!command) return;
  const { verb, object, receptacle } = command;
  switch (verb) {
    case 'go':
      belief.at = receptacle;
      break;
    case 'close':
      if (receptacle) belief.states.set(receptacle, 'closed');
      break;
    case 'take':
      take(belief, object!, receptacle!);
      break;
    case 'put':
      put(belief, object!, receptacle!);
      break;
    case 'heat':
    case 'cool':
    case 'clean':
      if (object) treat(belief, object, verb);
      break;
    case 'use':
      if (object) belief.lit.add(object);
      break;
    case 'inventory':
      belief.holding = parseList(/^You are carrying: (.*)/.exec(answer)?.[1] ?? 'nothing')[0];
      return;
    default:
      return;
  }
  belief.failed.clear();
}

function take(belief: Belief, object: string, receptacle: string): void {
  belief.contents.get(receptacle)?.delete(object);
  belief.holding = object;
  belief.origins.set(object, receptacle);
}

function put(belief: Belief, object: string, receptacle: string): void {
  const inside = belief.contents.get(receptacle) ?? new Set();
  inside.add(object);
  belief.contents.set(receptacle, inside);
  belief.holding = undefined;
  if (classOf(receptacle) !== belief.goal.destination || classOf(object) !== belief.goal.object) return;
  for (const treatment of belief.treated.get(object) ?? []) belief.disproved.add(treatment);
}

function treat(belief: Belief, object: string, treatment: Treatment): void {
  const carried = belief.treated.get(object) ?? new Set<Treatment>();
  if (treatment === 'heat') carried.delete('cool');
  if (treatment === 'cool') carried.delete('heat');
  carried.add(treatment);
  belief.treated.set(object, carried);
}

function observeFailure(belief: Belief, text: string, command: ReturnType<typeof parseCommand>): void {
  belief.failed.add(text.trim().toLowerCase());
  if (!command) return;
  const { verb, object, receptacle } = command;
  const isKnown = receptacle !== undefined && belief.receptacles.includes(receptacle);
  if (verb === 'go' && isKnown && belief.at !== undefined && belief.at !== receptacle)
    joinPlaces(belief, belief.at, receptacle);
  if (isKnown && verb === 'take' && object && isAt(belief, receptacle) && belief.holding === undefined) {
    if (belief.states.get(receptacle) !== 'closed') belief.contents.get(receptacle)?.delete(object);
  }
  if (isKnown && (verb === 'heat' || verb === 'cool' || verb === 'clean') && object && object === belief.holding) {
    if (isAt(belief, receptacle)) belief.refused.add(`${verb} ${receptacle}`);
  }
}

function joinPlaces(belief: Belief, one: string, other: string): void {
  const kept = placeOf(belief, one);
  const dropped = placeOf(belief, other);
  for (const name of belief.receptacles) if (placeOf(belief, name) === dropped) belief.placeOf.set(name, kept);
}
