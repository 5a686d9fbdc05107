import { checkMagnitude } from '../check-magnitude.ts';
import { checkProbability, checkSameLength } from '../checks.ts';
import { centredRewards, checkEpsilon } from './centred-rewards.ts';

/** One episode of a group: the states it acted in and what each action earned. */
export interface EpisodeSteps {
  /** One per step: equal keys are equal states, across the group's episodes and within one (a state that was come back to). */
  readonly stateKeys: readonly string[];
  /** One per step, within ±1e100; `null` when the episode could not be scored. */
  readonly rewards: ArrayLike<number> | null;
  /** What the whole episode earned, within ±1e100. Default: the sum of its rewards. Not read when `rewards` is `null`. */
  readonly episodeReward?: number;
}

export interface StepAdvantageOptions {
  /** γ in [0, 1], by which a reward one step later counts less. Default 0.95. */
  readonly discount?: number;
  /** ω ≥ 0, the weight of the step advantage beside the episode's. Default 1. */
  readonly stepWeight?: number;
  /** Divide by the sample deviation, at both levels. Default `false`. */
  readonly normalise?: boolean;
  /** Added to the deviation, in [0, 1]. Default 1e-4. */
  readonly epsilon?: number;
}

export interface StepAdvantages {
  /** One per episode: how it did beside the other episodes. */
  readonly episode: readonly number[];
  /** One per step of each episode: how what followed compares with what followed the same state elsewhere; 0 where nothing compares. */
  readonly step: readonly (readonly number[])[];
  /** episode + ω · step, one per step of each episode. */
  readonly combined: readonly (readonly number[])[];
  /** Share of the scored steps whose state occurred at least twice, in [0, 1]; `undefined` without scored steps. Near 0 the step level is idle. */
  readonly comparedShare: number | undefined;
}

/**
 * Credit for single steps without a critic: steps taken in the same state form a group of their own, and each is compared by its discounted return.
 *
 * @param episodes - of the same task and policy version. One that could not be scored takes no part and gets zeros.
 * @throws {RangeError} when an episode's keys and rewards differ in number, or a number is outside its range.
 *
 * Source: GiGPO, Feng et al. 2025, arXiv:2505.10978 (γ = 0.95, ω = 1). Ours: unscorable episodes are left out; groups without variance get 0.
 */
export function stepAdvantages(episodes: readonly EpisodeSteps[], options: StepAdvantageOptions = {}): StepAdvantages {
  const { discount = 0.95, stepWeight = 1, normalise = false, epsilon = 1e-4 } = options;
  checkProbability('discount', discount);
  checkMagnitude('stepWeight', [stepWeight]);
  if (stepWeight < 0) throw new RangeError(`stepWeight is ${stepWeight}: give a number of at least 0.`);
  checkEpsilon(epsilon);
  episodes.forEach(checkEpisode);

  const episode = centredRewards(episodes.map(episodeReward), { normalise, epsilon });
  const returns = episodes.map(({ rewards }) => (rewards === null ? [] : discountedReturns(rewards, discount)));
  const step: number[][] = episodes.map(({ stateKeys }) => stateKeys.map(() => 0));
  let steps = 0;
  let compared = 0;
  for (const group of stepsByState(episodes).values()) {
    steps += group.length;
    if (group.length < 2) continue;
    compared += group.length;
    const values = group.map((place) => returns[place.episode]![place.step]!);
    const advantages = centredRewards(values, { normalise, epsilon });
    group.forEach((place, index) => (step[place.episode]![place.step] = advantages[index]!));
  }
  return {
    episode,
    step,
    combined: step.map((row, index) => row.map((advantage) => episode[index]! + stepWeight * advantage)),
    comparedShare: steps === 0 ? undefined : compared / steps,
  };
}

interface Place {
  readonly episode: number;
  readonly step: number;
}

/** Where each state was acted in, by the episodes that were scored. */
function stepsByState(episodes: readonly EpisodeSteps[]): Map<string, Place[]> {
  const groups = new Map<string, Place[]>();
  episodes.forEach(({ stateKeys, rewards }, episode) => {
    if (rewards === null) return;
    stateKeys.forEach((key, step) => {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [{ episode, step }]);
      else group.push({ episode, step });
    });
  });
  return groups;
}

function episodeReward({ rewards, episodeReward: given }: EpisodeSteps): number | null {
  if (rewards === null) return null;
  return given ?? Array.from(rewards).reduce((sum, reward) => sum + reward, 0);
}

/** R_t = r_t + γ · R_{t+1}. */
function discountedReturns(rewards: ArrayLike<number>, discount: number): number[] {
  const returns = Array.from(rewards);
  for (let step = returns.length - 2; step >= 0; step -= 1) returns[step]! += discount * returns[step + 1]!;
  return returns;
}

function checkEpisode({ stateKeys, rewards, episodeReward: given }: EpisodeSteps, index: number): void {
  if (rewards === null) return;
  checkSameLength(`episodes[${index}].stateKeys`, stateKeys, 'its rewards', rewards);
  for (let step = 0; step < rewards.length; step += 1) {
    if (rewards[step] === null) {
      throw new RangeError(`episodes[${index}].rewards[${step}] is null: give 0 for a step without a reward.`);
    }
  }
  checkMagnitude(`episodes[${index}].rewards`, rewards);
  if (given !== undefined) checkMagnitude(`episodes[${index}].episodeReward`, [given]);
}
