import type { ServedVersion } from '@skillrl/core';
import { exactMcNemar, smallestVisibleDifference } from '@skillrl/signals';

import type { IterationState } from './iteration-state.ts';
import type { TrainingRecipe } from './recipe.ts';

/** Whether a version becomes the live one, and on what grounds. */
export interface PublicationDecision {
  readonly publish: boolean;
  /** `not-due`: too few iterations since the last decision; nothing was played. */
  readonly verdict: 'not-due' | 'benefit' | 'harm' | 'undecided';
  readonly reason: string;
  readonly pairs: number;
  /** Wins minus losses as a share of the pairs; absent without pairs. */
  readonly effect?: number;
  /** One-sided, of the exact test of paired outcomes, for the side that won more; absent without pairs. */
  readonly pValue?: number;
  /** The smallest effect that so many pairs show in four of five cases; absent when they are too few to show any. */
  readonly smallestVisible?: number;
}

/** Decides about a version that answers already. Asked once an iteration; may be asked again for the same one. */
export type Promote = (
  candidate: ServedVersion,
  state: IterationState,
  recipe: TrainingRecipe,
) => Promise<PublicationDecision>;

/** Plays of two versions on the same fresh tasks of a gate panel with the same seeds: 1 won, 0 lost. */
export interface GatePairs {
  readonly candidate: readonly number[];
  readonly live: readonly number[];
}

/**
 * Publishes what is shown to be better on fresh pairs, all of which are played before one is looked at.
 *
 * @param play - plays so many pairs of tasks that no earlier decision played; the same for the same iteration. Pairs without two known outcomes
 * are left out.
 *
 * Source: McNemar's test with the exact binomial reference, one-sided at the recipe's error; each decision is a test of its own.
 */
export function promoteOnEvidence(
  play: (request: {
    readonly candidate: ServedVersion;
    readonly live: ServedVersion;
    readonly pairs: number;
    readonly iteration: number;
  }) => Promise<GatePairs>,
): Promote {
  return async (candidate, state, { publication }) => {
    const iterations = state.sinceDecision + 1;
    if (iterations < publication.every) {
      const reason = `${iterations} of ${publication.every} iterations since the last decision.`;
      return { publish: false, verdict: 'not-due', reason, pairs: 0 };
    }
    const iteration = state.iteration + 1;
    const played = await play({ candidate, live: state.live, pairs: publication.pairs, iteration });
    return decide(played, publication.error);
  };
}

function decide({ candidate, live }: GatePairs, error: number): PublicationDecision {
  const pairs = Math.min(candidate.length, live.length);
  if (pairs === 0) return { publish: false, verdict: 'undecided', reason: 'No pairs were played.', pairs };
  const differences = Array.from({ length: pairs }, (_, pair) => candidate[pair]! - live[pair]!);
  const better = differences.filter((difference) => difference > 0).length;
  const worse = differences.filter((difference) => difference < 0).length;
  const pValue = exactMcNemar(better, worse) / 2;
  const verdict = pValue > error || better === worse ? 'undecided' : better > worse ? 'benefit' : 'harm';
  const effect = (better - worse) / pairs;
  const points = `${(100 * effect).toFixed(1)} points in ${pairs} pairs (p = ${pValue.toPrecision(2)})`;
  return {
    publish: verdict === 'benefit',
    verdict,
    reason: reasons[verdict](points),
    pairs,
    effect,
    pValue,
    smallestVisible: smallestVisibleDifference(pairs, { error: 2 * error }),
  };
}

/** Keeps the live version, whatever is trained: for runs that only measure. */
export const promoteNothing: Promote = async () => ({
  publish: false,
  verdict: 'not-due',
  reason: 'This run publishes nothing.',
  pairs: 0,
});

const reasons = {
  benefit: (points: string) => `Better than the live version: ${points}.`,
  harm: (points: string) => `Worse than the live version: ${points}.`,
  undecided: (points: string) => `Neither better nor worse is shown: ${points}.`,
} as const;
