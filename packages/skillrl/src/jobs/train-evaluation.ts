import { endpointsOf, type PlayEndpoints, summariseArm, valueOf } from '@skillrl/bench';
import type { Episode, EpisodeStore, Rollout, RolloutSpec, Task } from '@skillrl/core';
import { auroc, brierScore, clusterBootstrap, expectedCalibrationError, type Interval } from '@skillrl/signals';
import { planRollouts } from '@skillrl/rollouts';
import { idleInLost } from '@skillrl/training';

/** How a version plays the held-out games. */
export interface EvaluationPoint {
  /** Iterations behind it. */
  readonly iteration: number;
  /** `none`: without entries; `entries`: with the bank of that time. */
  readonly side: string;
  readonly plays: number;
  readonly errored: number;
  /** Share won within the tasks' own limit. */
  readonly success: number;
  readonly interval95: Interval;
  /** Share won within so many steps. */
  readonly within: Readonly<Record<string, number>>;
  /** A failure counts as the whole limit. */
  readonly steps: number;
  /** Share of the steps of lost plays that changed nothing. */
  readonly idleInLost?: number;
  /** Of the chance of success that the policy stated; absent when it stated none. */
  readonly confidence?: CalibrationAccount;
}

/** How far stated chances were true. */
export interface CalibrationAccount {
  readonly stated: number;
  readonly mean: number;
  readonly success: number;
  readonly brier: number;
  readonly ece: number;
  /** Absent when all were won or all lost. */
  readonly auroc?: number;
}

/** The step counts at which success is counted, rising; the last one is the tasks' own limit. */
export const evaluatedWithin = [10, 20, 30, 50] as const;
const stepLimit = 50;

/** Held-out and gate's games are played as the policy is used: greedy play repeats itself in loops. */
export const evaluationTemperature = 0.7;

/**
 * The plays of one point: the same draws for every version of a run, others in a run of another seed. Draws shared by all seeds would make their
 * common start one lucky or unlucky measurement, and the gain over seeds with it.
 *
 * @param seed - of the run's recipe.
 */
export function planEvaluation(
  run: string,
  iteration: number,
  tasks: readonly Task[],
  arms: readonly string[],
  plays: number,
  seed: number,
): RolloutSpec[] {
  return planRollouts({
    suite: evaluationSuite(run, iteration),
    arms,
    tasks,
    samples: plays,
    purpose: 'test',
    seed,
  });
}

/** Names the rollouts of a point. */
export function evaluationSuite(run: string, iteration: number | ''): string {
  return `${run}/held-out/${iteration}`;
}

/** The plays of one point of the curve, of one side. */
export interface Evaluation {
  readonly iteration: number;
  readonly side: string;
  readonly rollouts: readonly Rollout[];
}

/** Every point that was played, by iteration, the side without entries first. */
export async function storedEvaluations(run: string, episodes: EpisodeStore): Promise<Evaluation[]> {
  const prefix = evaluationSuite(run, '');
  const found: Evaluation[] = [];
  for await (const episode of episodes.episodes({ purpose: 'test', ended: true })) {
    const { suite = '', arm: side = '' } = episode.tags;
    if (!suite.startsWith(prefix)) continue;
    found.push({ iteration: Number(suite.slice(prefix.length)), side, rollouts: [asRollout(episode)] });
  }
  return [...Map.groupBy(found, ({ iteration, side }) => `${iteration}\n${side}`).values()]
    .map((plays) => ({ ...plays[0]!, rollouts: plays.flatMap(({ rollouts }) => rollouts) }))
    .toSorted((a, b) => a.iteration - b.iteration || (a.side < b.side ? 1 : -1));
}

function asRollout(episode: Episode): Rollout {
  const { suite = '', arm = '', sample = '0' } = episode.tags;
  const { task, purpose } = episode;
  return { spec: { id: episode.id, suite, arm, task, sample: Number(sample), seed: 0, purpose }, episode };
}

export function evaluationPoint({ iteration, side, rollouts }: Evaluation): EvaluationPoint {
  const arm = summariseArm(side, rollouts, { successWithin: evaluatedWithin, seed: 1 });
  const whole = arm.endpoints.find(({ endpoint }) => endpoint === `success within ${stepLimit}`);
  return {
    iteration,
    side,
    plays: arm.plays,
    errored: arm.errored + arm.truncated,
    success: whole?.mean ?? 0,
    interval95: whole?.interval95 ?? { low: 0, high: 1 },
    within: Object.fromEntries(evaluatedWithin.map((steps) => [String(steps), arm.successBySteps[steps] ?? 0])),
    steps: arm.endpoints.find(({ endpoint }) => endpoint === 'steps')?.mean ?? 0,
    idleInLost: idleInLost(rollouts.map(({ episode }) => episode)),
    confidence: calibrationOf(rollouts.map(({ episode }) => episode)),
  };
}

/** What was gained between two points. */
export interface Gain {
  readonly from: number;
  readonly to: number;
  readonly side: string;
  /** Success within so many steps is compared. */
  readonly within: number;
  /** Plays of the same game with the same draws. */
  readonly pairs: number;
  /** Difference of the shares won. */
  readonly difference: number;
  /** By resampling houses or scenes, then games. */
  readonly interval95: Interval;
}

/** @param within - default: the games' own limit. @returns `undefined` when no game was played at both points. */
export function gainBetween(first: Evaluation, last: Evaluation, within: number = stepLimit): Gain | undefined {
  const wonWithin = (play: PlayEndpoints): number => valueOf(play, `success within ${within}`);
  const before = new Map(first.rollouts.map((rollout) => [keyOf(rollout), endpointsOf(rollout, stepLimit)]));
  const pairs = last.rollouts.flatMap((rollout) => {
    const [was, is] = [before.get(keyOf(rollout)), endpointsOf(rollout, stepLimit)];
    if (was === undefined || is === undefined) return [];
    return [{ clusters: is.clusters, value: wonWithin(is) - wonWithin(was) }];
  });
  if (pairs.length === 0) return undefined;
  const { mean: difference, interval } = clusterBootstrap(pairs, { seed: 1 });
  return {
    from: first.iteration,
    to: last.iteration,
    side: last.side,
    within,
    pairs: pairs.length,
    difference,
    interval95: interval,
  };
}

function keyOf({ spec }: Rollout): string {
  return `${spec.task.id}\n${spec.sample}`;
}

/** @returns `undefined` when no episode that was won or lost stated a chance. */
export function calibrationOf(
  episodes: readonly Pick<Rollout['episode'], 'calls' | 'outcome'>[],
): CalibrationAccount | undefined {
  const pairs = episodes.flatMap(({ calls, outcome }) => {
    const stated = calls[0]?.confidence;
    if (stated === undefined || (outcome?.status !== 'success' && outcome?.status !== 'failure')) return [];
    return [{ stated, won: outcome.status === 'success' ? 1 : 0 }];
  });
  const stated = pairs.map((pair) => pair.stated);
  const won = pairs.map((pair) => pair.won);
  const [brier, ece] = [brierScore(stated, won), expectedCalibrationError(stated, won)];
  if (brier === undefined || ece === undefined) return undefined;
  return {
    stated: pairs.length,
    mean: mean(stated),
    success: mean(won),
    brier,
    ece,
    auroc: auroc(stated, won),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
