import { sharedWords, type WordSet } from '../bank/prose-words.ts';

/** A candidate for a choice without repetition. */
export interface Ranked {
  readonly relevance: number;
  /** What it says. Asked for only when it comes near to being chosen. */
  words(): WordSet;
}

/** Weight of relevance against novelty. */
const lambda = 0.75;
/** Share of common words above which two entries say the same. */
const duplicate = 0.85;

/**
 * Chooses by maximal marginal relevance: the next one is the most relevant for how little of it has been said already. What only repeats a
 * chosen one is left out.
 *
 * @param candidates - by falling relevance.
 * @returns in the order of choice, at most `limit`.
 *
 * Source: Carbonell and Goldstein 1998. Ours: similarity is the Jaccard index of the words. What has been said of a candidate can only grow, so
 * that it is worked out only for those that lead with what is known of it (Minoux 1978); the choice is the same.
 */
export function diversify<Item extends Ranked>(candidates: readonly Item[], limit: number): Item[] {
  const left = candidates.map((item) => ({ item, said: 0, compared: 0, worth: lambda * item.relevance }));
  const chosen: Item[] = [];
  while (chosen.length < limit && left.length > 0) {
    let best = 0;
    for (let at = 1; at < left.length; at += 1) {
      if (left[at]!.worth > left[best]!.worth) best = at;
      // Whoever comes after one that is worth its whole relevance is worth no more.
      if (left[at]!.compared === 0) break;
    }
    const leader = left[best]!;
    if (leader.compared === chosen.length) {
      chosen.push(leader.item);
      left.splice(best, 1);
      continue;
    }
    for (; leader.compared < chosen.length; leader.compared += 1) {
      leader.said = Math.max(leader.said, sharedWords(chosen[leader.compared]!.words(), leader.item.words()));
    }
    leader.worth = lambda * leader.item.relevance - (1 - lambda) * leader.said;
    if (leader.said > duplicate) left.splice(best, 1);
  }
  return chosen;
}

/** Whether a candidate says the same as one of those. */
export function repeats(candidate: Ranked, chosen: readonly Ranked[]): boolean {
  return chosen.some((other) => sharedWords(other.words(), candidate.words()) > duplicate);
}
