import type { Episode } from '@skillrl/core';

import type { TokenSequence } from './merge-turns.ts';

/** What a rollout's tokens count: those that led to a step, and those of the chance that it stated first. */
export interface RolloutCredit {
  /** By step. */
  readonly steps: readonly number[];
  /** `undefined` where stated chances earn nothing: their tokens then count as those of the step that they led to. */
  readonly statement: number | undefined;
}

/**
 * What each token of a sequence counts; 0 where the mask is 0.
 *
 * What a policy states in a call of its own, before the first action, is credited as a statement alone, and its actions for acting alone: were a
 * play of stated chance q credited as a whole, winning would be worth 2q to its actions, so that who doubts need not try. Where the first action
 * and the chance come of one call, its tokens count for both.
 */
export function tokenAdvantages(
  { steps: stepsOfEpisode }: Pick<Episode, 'steps'>,
  { steps, calls }: TokenSequence,
  credit: RolloutCredit,
): number[] {
  const isApart = (stepsOfEpisode[0]?.callIds.length ?? 0) > 1;
  return steps.map((step, token) => {
    if (step < 0) return 0;
    const acting = credit.steps[step] ?? 0;
    if (credit.statement === undefined || calls[token] !== 0) return acting;
    return (isApart ? 0 : acting) + credit.statement;
  });
}
