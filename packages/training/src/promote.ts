import type { ServedVersion } from '@skillrl/core';
import { pairedSequentialTest } from '@skillrl/signals';

import type { IterationState } from './iteration-state.ts';
import type { TrainingRecipe } from './recipe.ts';

/** Whether a version becomes the live one, and on what grounds. */
export interface PublicationDecision {
  readonly publish: boolean;
  /** `not-due`: too few iterations since the last decision; nothing was played. */
  readonly verdict: 'not-due' | 'benefit' | 'harm' | 'futile' | 'undecided';
  readonly reason: string;
  readonly pairs: number;
  /** Wins minus losses as a share of the pairs; absent without pairs. */
  readonly effect?: number;
  readonly interval?: { readonly low: number; readonly high: number };
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
 * Publishes what is shown to be better on fresh pairs.
 *
 * @param play - plays so many pairs of tasks that no earlier decision played; the same for the same iteration.
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
    const played = await play({
      candidate,
      live: state.live,
      pairs: publication.pairs,
      iteration: state.iteration + 1,
    });
    const { verdict, effect, interval, pairs } = pairedSequentialTest(played.candidate, played.live, {
      error: publication.error,
    });
    const points = effect === undefined ? 'no pairs' : `${(100 * effect).toFixed(1)} points in ${pairs} pairs`;
    return { publish: verdict === 'benefit', verdict, reason: reasons[verdict](points), pairs, effect, interval };
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
  futile: (points: string) => `Not better by as much as would matter: ${points}.`,
  undecided: (points: string) => `Not shown to be better: ${points}.`,
} as const;
