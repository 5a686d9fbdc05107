import { isAt } from './belief.ts';
import type { Belief } from './belief.ts';
import { classOf, numberOf } from './goal.ts';
import { namesPlace, placesFromGuidance, placesToAvoid } from './guidance.ts';
import type { Guidance } from './guidance.ts';
import { placementShare } from './placement-share.ts';
import { createRandom, shuffle } from './random.ts';

/** How the rest of a room is searched once guidance has nothing to say. */
export interface SearchStyle {
  /** `informed`: where the class of object was most often seen in training games, per receptacle; `uninformed`: classes in an order that tells nothing. */
  readonly search: 'informed' | 'uninformed';
  /** Decides the random order. */
  readonly seed: number;
  readonly guidance: readonly Guidance[];
  /**
   * Finish the class of receptacle at hand before turning to another (uninformed search only). For an expert that corrects another's play,
   * whose order is not its own. Default `false`.
   */
  readonly finishesClass?: boolean;
}

/** The receptacle to look into next for an object of a class; `undefined` when every one was seen. */
export function nextPlace(belief: Belief, objectClass: string, style: SearchStyle): string | undefined {
  const unseen = belief.receptacles.filter((receptacle) => !belief.contents.has(receptacle));
  if (unseen.length === 0) return undefined;
  for (const place of placesFromGuidance(style.guidance, objectClass)) {
    const named = unseen.filter((receptacle) => namesPlace(place, receptacle));
    if (named.length > 0)
      return lowest(named, (receptacle) => (style.search === 'informed' ? 1 : -1) * numberOf(receptacle));
  }
  const avoided = placesToAvoid(style.guidance);
  const penalty = (receptacle: string): number =>
    (avoided.includes(receptacle) ? 1e6 : 0) + (wouldBeWon(belief, objectClass, receptacle) ? 1e7 : 0);
  const rank = style.search === 'informed' ? informedRank(belief, objectClass) : uninformedRank(belief, style);
  return lowest(unseen, (receptacle) => rank(receptacle) + penalty(receptacle));
}

/** Whether the game would be over if the object lay there: nobody need look for a thing that is only to be moved where it must end. */
function wouldBeWon({ goal }: Belief, objectClass: string, receptacle: string): boolean {
  const isOnlyMoved =
    goal.kind === 'place' && goal.count === 1 && goal.treatment === undefined && goal.verb === undefined;
  return isOnlyMoved && objectClass === goal.object && classOf(receptacle) === goal.destination;
}

/**
 * Classes in random order, or, for every other seed, in the order of the room from a random start; within a class from the highest number down.
 * Counting down from the number that the room's line gives, and stopping at 1, is easier to imitate than counting up to it.
 */
function uninformedRank(belief: Belief, style: SearchStyle): (receptacle: string) => number {
  const random = createRandom(style.seed);
  const classes = [...belief.classSizes.keys()].sort();
  const isCyclic = random() < 0.5;
  const start = Math.floor(random() * classes.length);
  let order = isCyclic ? rotate(classes, start) : shuffle(random, classes);
  const here = style.finishesClass && belief.at !== undefined ? classOf(belief.at) : undefined;
  if (here !== undefined) order = isCyclic ? rotate(classes, classes.indexOf(here)) : [here, ...order];
  return (receptacle) => order.indexOf(classOf(receptacle)) * 1000 - numberOf(receptacle);
}

function rotate(items: readonly string[], start: number): string[] {
  return [...items.slice(start), ...items.slice(0, start)];
}

function informedRank(belief: Belief, objectClass: string): (receptacle: string) => number {
  return (receptacle) => {
    const receptacleClass = classOf(receptacle);
    const share = placementShare(objectClass, receptacleClass) / belief.classSizes.get(receptacleClass)!;
    const isClosedKind = belief.receptacles.some(
      (other) =>
        classOf(other) === receptacleClass && belief.states.has(other) && belief.states.get(other) !== 'surface',
    );
    const cost = (isAt(belief, receptacle) ? 0 : 1) + (isClosedKind ? 1 : 0);
    return -share / Math.max(cost, 0.5) + numberOf(receptacle) * 1e-9;
  };
}

/** The item with the lowest rank, the first of equals. */
function lowest(items: readonly string[], rank: (item: string) => number): string {
  let best = items[0]!;
  let bestRank = rank(best);
  for (const item of items.slice(1)) {
    const itemRank = rank(item);
    if (itemRank < bestRank) [best, bestRank] = [item, itemRank];
  }
  return best;
}
