import { contentHash, type Rollout, verdictOf } from '@skillrl/core';
import { brierReward, noveltyReward } from '@skillrl/signals';

import type { TrainingRecipe } from './recipe.ts';

/** What a rollout earned, and what of. */
export interface ScoredRollout {
  readonly rollout: Rollout;
  /** 1 won, 0 lost; `null` when no reliable source said. */
  readonly correct: 0 | 1 | null;
  /** For what it did and for what it stated together. Finite; `null` for what cannot be scored: it errored, a limit of ours cut it off, or nobody knows. */
  readonly reward: number | null;
  /** The part of the reward that is for the stated chance, ≤ 0; 0 where the recipe does not pay for it. */
  readonly stated: number;
  /** Share of the task's steps that it took, times the cost of all of them. */
  readonly cost: number;
  readonly isErrored: boolean;
  readonly isTruncated: boolean;
}

/**
 * What the rollouts of a group earned: won − stepCost · steps / limit, with the Brier score of the chance of success that was stated first, where that is
 * switched on, and with novelty in the place of won, where that is and the domain is divergent. Right and wrong count alike, whatever a mistake
 * would cost somebody; an action that the environment refuses costs its step and no more.
 *
 * Source: the recipe of our own study of the built-in policy, in which a penalty for refused actions taught it to do nothing. Brier: RLCR,
 * arXiv:2507.16806. Costs stay out of rewards: arXiv:2511.07699.
 */
export function scoreGroup(rollouts: readonly Rollout[], options: TrainingRecipe['reward']): ScoredRollout[] {
  const corrects = rollouts.map(({ episode }): 0 | 1 | null => {
    const verdict = verdictOf(episode.outcome);
    return verdict === undefined ? null : verdict.isWon ? 1 : 0;
  });
  const novelties = isPaidForNovelty(rollouts, options) ? noveltyOf(rollouts, corrects, options.novelty) : corrects;
  return rollouts.map((rollout, index) => {
    const { episode } = rollout;
    const correct = corrects[index] ?? null;
    const isTruncated = episode.outcome?.status === 'truncated';
    const limit = episode.task.maxSteps ?? Infinity;
    const cost = options.stepCost * Math.min(1, episode.steps.length / limit);
    const earned = novelties[index] ?? null;
    const brier =
      options.brier === 0 ? 0 : brierPart(correct, episode.calls[0]?.confidence, isTruncated, options.brier);
    const reward = correct === null || earned === null || brier === null ? null : earned + brier - cost;
    return {
      rollout,
      correct,
      reward,
      stated: brier ?? 0,
      cost,
      isTruncated,
      isErrored: episode.outcome?.status === 'errored',
    };
  });
}

/** Whether this group is paid for being unlike its others, and why not where it was asked for. */
export function noveltyNote(rollouts: readonly Rollout[], { novelty }: TrainingRecipe['reward']): string {
  if (novelty === 0) return 'Novelty is not paid for: the recipe switches it off.';
  return rollouts.some(({ episode }) => episode.task.domainKind === 'convergent')
    ? 'Novelty is not paid for in convergent domains: there is a right answer, and all may agree on it.'
    : `Novelty counts ${novelty} beside quality.`;
}

function isPaidForNovelty(rollouts: readonly Rollout[], { novelty }: TrainingRecipe['reward']): boolean {
  return novelty > 0 && rollouts.every(({ episode }) => episode.task.domainKind === 'divergent');
}

function noveltyOf(
  rollouts: readonly Rollout[],
  corrects: readonly (0 | 1 | null)[],
  noveltyWeight: number,
): readonly (number | null)[] {
  const group = rollouts.map(({ episode }, index) => ({
    surfaceKey: contentHash(episode.steps.map(({ action }) => action).join('\n')),
    semanticKey: null,
    valid: corrects[index] ?? null,
  }));
  return noveltyReward(group, { domainKind: 'divergent', noveltyWeight });
}

/**
 * What the stated confidence adds to a reward whose weight of success is 1: −b · (q − y)², or −(1 + b) − y when none was stated.
 *
 * @returns `null` when nobody knows the outcome.
 */
export function brierPart(
  correct: 0 | 1 | null,
  confidence: number | undefined,
  truncated: boolean,
  brier: number,
): number | null {
  const whole = brierReward(correct, confidence ?? null, { correctness: 1, brier, truncated });
  return whole === null || correct === null ? null : whole - correct;
}
