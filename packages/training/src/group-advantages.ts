import { groupAdvantages, guardRareSuccess, type OutsideBand, stepAdvantages } from '@skillrl/signals';

import type { TrainingRecipe } from './recipe.ts';
import type { ScoredRollout } from './rewards.ts';

/**
 * What the tokens of each step of each rollout of a group count, for what was done: one number a step, in the order of the rollouts; `undefined`
 * for a rollout that is not trained on. What was stated is credited by `creditStatements`.
 *
 * @param band - how hard the task is by other groups: holds the lucky success of a game that is too hard down where the gate let it through.
 */
export function creditSteps(
  scored: readonly ScoredRollout[],
  options: Omit<TrainingRecipe['advantage'], 'statements'>,
  band: OutsideBand | undefined,
): (readonly number[] | undefined)[] {
  if (options.credit === 'success')
    return scored.map((one) => (one.correct === 1 ? stepsOf(one).map(() => 1) : undefined));

  const credits =
    options.credit === 'step'
      ? stepAdvantages(scored.map(asSteps), { normalise: options.normalise }).combined
      : perEpisode(scored, options.normalise);
  return scored.map((one, index) => {
    if (one.reward === null) return undefined;
    const own = credits[index] ?? [];
    const guarded = band === undefined ? own : guardRareSuccess(own, band).advantages;
    return guarded.map((advantage) => (advantage < 0 ? options.negatives * advantage : advantage));
  });
}

function perEpisode(scored: readonly ScoredRollout[], normalise: boolean): (readonly number[])[] {
  const advantages = groupAdvantages(scored.map(earnedByActing), { normalise });
  return scored.map((one, index) => stepsOf(one).map(() => advantages[index] ?? 0));
}

/** The reward without the part for what was stated. */
function earnedByActing({ reward, stated }: ScoredRollout): number | null {
  return reward === null ? null : reward - stated;
}

/** At least one: a rollout that never acted still said what it was sampled to say. */
function stepsOf({ rollout }: ScoredRollout): readonly unknown[] {
  const { steps } = rollout.episode;
  return steps.length === 0 ? [undefined] : steps;
}

/** A rollout by the states it acted in; every step costs its share, and what the outcome is worth comes with the last. */
function asSteps(one: ScoredRollout, rollout: number) {
  const { steps } = one.rollout.episode;
  const stateKeys = stepsOf(one).map((_, index) =>
    index === 0 ? 'start' : (steps[index - 1]?.stateKey ?? `unknown ${rollout} ${index}`),
  );
  const earned = earnedByActing(one);
  if (earned === null) return { stateKeys, rewards: null };
  const each = -one.cost / stateKeys.length;
  const rewards = stateKeys.map((_, index) => (index === stateKeys.length - 1 ? earned + one.cost + each : each));
  return { stateKeys, rewards, episodeReward: earned };
}
