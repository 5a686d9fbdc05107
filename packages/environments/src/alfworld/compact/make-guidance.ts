import type { Fact } from '@skillrl/core';
import { applianceOf, classOf, treatments } from '../expert/goal.ts';
import type { Treatment } from '../expert/goal.ts';
import type { Guidance } from '../expert/guidance.ts';
import { parseRoom } from '../expert/observation.ts';
import { placementCounts } from '../expert/placement-counts.ts';
import { placementShare } from '../expert/placement-share.ts';
import { pick, shuffle } from '../expert/random.ts';
import type { Random } from '../expert/random.ts';
import { goalOf } from './playable-game.ts';
import type { Placement, PlayableGame } from './playable-game.ts';

// Every function here reads a game's privileged truth: for demonstrations and for evaluation rows that say so, never at play.

/** What of another game an earlier success needs. */
export type EarlierGame = Pick<PlayableGame, 'instruction' | 'walkthrough'>;

/** Where objects of the goal's class lie (one or two of them, as many as the goal needs), and the lamp where one is needed. */
export function trueFacts(game: PlayableGame, random: Random): Guidance {
  const goal = goalOf(game);
  const objects = shuffle(random, usefulPlacements(game)).slice(0, goal.count);
  const lamps = goal.kind === 'look' ? shuffle(random, placementsOf(game, goal.destination)).slice(0, 1) : [];
  return { facts: shuffle(random, [...objects, ...lamps].map(factOf)) };
}

/** Where objects lie that the goal does not ask for; true, and of no use. */
export function irrelevantFacts(game: PlayableGame, random: Random, count: number): Guidance {
  const goal = goalOf(game);
  const others = game.truth.filter(
    ({ object }) => classOf(object) !== goal.object && classOf(object) !== goal.destination,
  );
  return { facts: shuffle(random, others).slice(0, count).map(factOf) };
}

/** Irrelevant facts whose places this room has none of: entries of the right length and form that say nothing about it. */
export function factsOfAbsentPlaces(game: PlayableGame, random: Random, count: number): Guidance {
  const here = new Set(roomClasses(game));
  const absent = shuffle(
    random,
    everyPlace.filter((place) => !here.has(place)),
  );
  const { facts = [] } = irrelevantFacts(game, random, count);
  return { facts: facts.map((fact, index) => ({ ...fact, object: `${absent[index]} 1` })) };
}

/** The right objects in places where none of their class is. */
export function wrongFacts(game: PlayableGame, random: Random): Guidance {
  const facts = trueFacts(game, random).facts ?? [];
  return {
    facts: facts.map((fact) => ({ ...fact, object: wrongPlace(game, random, classOf(fact.subject)) ?? fact.object })),
  };
}

/** Classes of receptacle of the room for the goal's object, the likeliest first as counted in training games. */
export function countedOrder(game: PlayableGame, random: Random, length = 2 + Math.floor(random() * 4)): Guidance {
  const { object } = goalOf(game);
  const classes = roomClasses(game).sort((one, other) => placementShare(object, other) - placementShare(object, one));
  return { order: [{ find: object, places: classes.slice(0, length) }] };
}

/** The unlikeliest classes first. */
export function worstOrder(game: PlayableGame): Guidance {
  const { object } = goalOf(game);
  const classes = roomClasses(game).sort((one, other) => placementShare(object, one) - placementShare(object, other));
  return { order: [{ find: object, places: classes.slice(0, 4) }] };
}

/** Classes of the room in random order. */
export function randomOrder(game: PlayableGame, random: Random): Guidance {
  const places = shuffle(random, roomClasses(game)).slice(0, 2 + Math.floor(random() * 3));
  return { order: [{ find: goalOf(game).object, places }] };
}

/** A search order for an object that the goal does not ask for. */
export function otherOrder(game: PlayableGame, random: Random): Guidance {
  const goal = goalOf(game);
  const others = game.truth
    .map(({ object }) => classOf(object))
    .filter((name) => name !== goal.object && name !== goal.destination);
  const find = pick(random, others) ?? 'pen';
  return { order: [{ find, places: shuffle(random, roomClasses(game)).slice(0, 2 + Math.floor(random() * 3)) }] };
}

/** What the game's made-up verb means; `undefined` for a plain game. */
export function trueProcedure(game: PlayableGame): Guidance | undefined {
  return game.madeUp && { procedures: [{ name: game.madeUp.verb, means: meansText(game.madeUp.means) }] };
}

/** A meaning of the game's made-up verb that is not its own. */
export function wrongProcedure(game: PlayableGame, random: Random): Guidance | undefined {
  if (!game.madeUp) return undefined;
  const { verb, means } = game.madeUp;
  const wrong = pick(
    random,
    treatments.filter((treatment) => treatment !== means && hasAppliance(game, treatment)),
  );
  return { procedures: [{ name: verb, means: meansText(wrong ?? means) }] };
}

/** Procedures of other verbs. */
export function otherProcedures(random: Random, verbs: readonly string[], count: number): Guidance[] {
  return shuffle(random, verbs)
    .slice(0, count)
    .map((name) => ({ procedures: [{ name, means: meansText(pick(random, treatments)) }] }));
}

/** A place searched in vain, and where the object is instead. */
export function avoidPlace(game: PlayableGame, random: Random): Guidance | undefined {
  const placement = pick(random, usefulPlacements(game));
  const wrong = placement && wrongPlace(game, random, classOf(placement.object));
  if (!wrong) return undefined;
  return { instead: [{ avoid: `go to ${wrong}`, do: `go to ${placement.receptacle}` }] };
}

/** The wrong meaning of the game's made-up verb that was tried, and the right one. */
export function avoidMeaning(game: PlayableGame, random: Random): Guidance | undefined {
  if (!game.madeUp) return undefined;
  const { means } = game.madeUp;
  const wrong = pick(
    random,
    treatments.filter((treatment) => treatment !== means),
  );
  const object = `${goalOf(game).object} ${1 + Math.floor(random() * 3)}`;
  return { instead: [{ avoid: treatCommand(wrong, object, 1), do: treatCommand(means, object, 1) }] };
}

/** An appliance of the house that refuses what the game needs, and the one that works; `undefined` where none refuses that. */
export function avoidAppliance(game: PlayableGame, random: Random): Guidance | undefined {
  const refusal = game.rules?.refusal;
  if (!refusal || refusal.process !== game.kind) return undefined;
  const object = `${goalOf(game).object} ${1 + Math.floor(random() * 3)}`;
  const command = (receptacle: string): string => `${refusal.process} ${object} with ${receptacle}`;
  return { instead: [{ avoid: command(pick(random, refusal.refuses)), do: command(refusal.works) }] };
}

/** An earlier success: the plan of that game (or of this one). */
export function earlierSuccess(game: EarlierGame): Guidance {
  return { earlier: { goal: game.instruction, actions: game.walkthrough } };
}

const everyPlace = [...new Set(Object.values(placementCounts).flatMap((counts) => Object.keys(counts)))].sort();

function factOf(placement: Placement): Fact {
  return { subject: placement.object, relation: 'in', object: placement.receptacle };
}

function placementsOf(game: PlayableGame, objectClass: string): Placement[] {
  return game.truth.filter(({ object }) => classOf(object) === objectClass);
}

/** Objects of the goal's class that can serve: not where they must end, unless they must be treated first. */
function usefulPlacements(game: PlayableGame): Placement[] {
  const goal = goalOf(game);
  const all = placementsOf(game, goal.object);
  const away = all.filter(({ receptacle }) => classOf(receptacle) !== goal.destination);
  return away.length > 0 ? away : all;
}

function wrongPlace(game: PlayableGame, random: Random, objectClass: string): string | undefined {
  const holders = new Set(placementsOf(game, objectClass).map(({ receptacle }) => receptacle));
  return pick(
    random,
    parseRoom(game.firstObservation).filter((receptacle) => !holders.has(receptacle)),
  );
}

function roomClasses(game: PlayableGame): string[] {
  return [...new Set(parseRoom(game.firstObservation).map(classOf))].sort();
}

function hasAppliance(game: PlayableGame, treatment: Treatment): boolean {
  return roomClasses(game).includes(applianceOf[treatment]);
}

function meansText(treatment: Treatment): string {
  return `${treatment} with ${applianceOf[treatment]}`;
}

function treatCommand(treatment: Treatment, object: string, number: number): string {
  return `${treatment} ${object} with ${applianceOf[treatment]} ${number}`;
}
