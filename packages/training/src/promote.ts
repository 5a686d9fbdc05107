import type { ServedVersion } from '@skillrl/core';
import { signFlipTest, smallestVisibleDifference } from '@skillrl/signals';

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
  /** One-sided, of the exact test of the games' differences, for the side that won more; absent without pairs. */
  readonly pValue?: number;
  /** The smallest effect that such pairs show in four of five cases; absent when they are too few to show any. */
  readonly smallestVisible?: number;
}

/** Decides about a version that answers already. Asked once an iteration; may be asked again for the same one. */
export type Promote = (
  candidate: ServedVersion,
  state: IterationState,
  recipe: TrainingRecipe,
) => Promise<PublicationDecision>;

/** A play of two versions with the same draws, which nobody played before: 1 won, 0 lost. */
export interface GatePair {
  /** Pairs of one task tell of each other. */
  readonly taskId: string;
  readonly candidate: number;
  readonly live: number;
}

/**
 * Publishes what is shown to be better on fresh pairs, all of which are played before one is looked at.
 *
 * @param play - plays so many pairs with draws that no earlier decision had, the tasks of a gate panel in turn; the same for the same iteration.
 * Pairs without two known outcomes are left out.
 *
 * Source: `signFlipTest` of the tasks' differences, one-sided at the recipe's error; each decision is a test of its own.
 */
export function promoteOnEvidence(
  play: (request: {
    readonly candidate: ServedVersion;
    readonly live: ServedVersion;
    readonly pairs: number;
    readonly iteration: number;
  }) => Promise<readonly GatePair[]>,
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

function decide(played: readonly GatePair[], error: number): PublicationDecision {
  const pairs = played.length;
  if (pairs === 0) return { publish: false, verdict: 'undecided', reason: 'No pairs were played.', pairs };
  const differences = played.map(({ candidate, live }) => candidate - live);
  const byTask = [...Map.groupBy(played, ({ taskId }) => taskId).values()].map((same) =>
    sum(same.map(({ candidate, live }) => candidate - live)),
  );
  const more = sum(byTask);
  const pValue = signFlipTest(more < 0 ? byTask.map((difference) => -difference) : byTask);
  const verdict = pValue > error || more === 0 ? 'undecided' : more > 0 ? 'benefit' : 'harm';
  const effect = more / pairs;
  const points = `${(100 * effect).toFixed(1)} points in ${pairs} pairs of ${byTask.length} tasks (p = ${pValue.toPrecision(2)})`;
  // How much less pairs of one task say than independent ones.
  const design = Math.max(1, squares(byTask) / Math.max(1, squares(differences)));
  return {
    publish: verdict === 'benefit',
    verdict,
    reason: reasons[verdict](points),
    pairs,
    effect,
    pValue,
    smallestVisible: smallestVisibleDifference(Math.max(1, pairs / design), { error: 2 * error }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function squares(values: readonly number[]): number {
  return sum(values.map((value) => value * value));
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
