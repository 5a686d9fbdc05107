import { checkProbability } from '../checks.ts';
import type { SemanticKey } from './effective-diversity.ts';

/**
 * `convergent`: there is a right answer, and all may agree on it. `divergent`: many answers are good, and different ones are wanted. Declared with the
 * task family, never inferred.
 */
export type DomainKind = 'convergent' | 'divergent';

/** One rollout of a group, as its novelty is judged. */
export interface NovelRollout {
  /** Equal for equal wording: a hash of the normalised text. */
  readonly surfaceKey: string;
  /** Equal for equal meaning; `null` when it is not known: then it resembles nothing. */
  readonly semanticKey: SemanticKey;
  /** 1 when good enough to count, 0 when not, `null` when that could not be judged. */
  readonly valid: number | null;
  /** How good, in [0, 1]. Default 1. */
  readonly quality?: number;
}

export interface NoveltyRewardOptions {
  /** A convergent domain must not pay for difference. */
  readonly domainKind: 'divergent';
  /** Weight of novelty beside quality, in [0, 1]. Default 1: novelty alone, behind the gate of validity. */
  readonly noveltyWeight?: number;
  /** Share of novelty that is a matter of wording, in [0, 1]; the rest is meaning. Default 0.5. */
  readonly surfaceShare?: number;
}

/**
 * Reward for being good and unlike the others: valid · ((1 − w) · quality + w · novelty), where novelty is 1 less the shares of the group's other rollouts
 * that have the same wording and the same meaning.
 *
 * @returns one per rollout, in [0, 1]; 0 when not valid, `null` when validity could not be judged. In a group of one novelty is 1.
 * @throws {RangeError} for a convergent domain, and when a number is outside its range.
 *
 * Source: ours. A divergent domain rewarded for quality alone collapses like a convergent one: in the toy study, effective pairs 0.002 without novelty,
 * 0.58 at w = 0.5, 0.82 at w = 1.
 */
export function noveltyReward(rollouts: readonly NovelRollout[], options: NoveltyRewardOptions): (number | null)[] {
  const { domainKind, noveltyWeight = 1, surfaceShare = 0.5 } = options;
  if (domainKind !== 'divergent') {
    throw new RangeError(
      `The domain is ${String(domainKind)}: reward novelty only where different answers are wanted.`,
    );
  }
  checkProbability('noveltyWeight', noveltyWeight);
  checkProbability('surfaceShare', surfaceShare);
  const surfaces = count(rollouts.map(({ surfaceKey }) => surfaceKey));
  const meanings = count(rollouts.map(({ semanticKey }) => semanticKey));
  const others = Math.max(1, rollouts.length - 1);
  return rollouts.map(({ surfaceKey, semanticKey, valid, quality = 1 }, index) => {
    checkProbability(`rollouts[${index}].quality`, quality);
    if (valid !== null && valid !== 0 && valid !== 1) {
      throw new RangeError(`rollouts[${index}].valid is ${valid}: give 1, 0 or null.`);
    }
    if (valid === null) return null;
    const sameSurface = (surfaces.get(surfaceKey)! - 1) / others;
    const sameMeaning = semanticKey === null ? 0 : (meanings.get(semanticKey)! - 1) / others;
    const novelty = 1 - surfaceShare * sameSurface - (1 - surfaceShare) * sameMeaning;
    return valid === 0 ? 0 : (1 - noveltyWeight) * quality + noveltyWeight * Math.max(0, novelty);
  });
}

function count<Key>(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
