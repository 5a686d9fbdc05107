import { checkProbability } from '../checks.ts';
import type { Interval } from '../statistics/interval.ts';
import { normalQuantile } from '../statistics/normal.ts';

/**
 * - `unknown`: too few trials to tell; train with a low weight.
 * - `too-hard`: it nearly always fails; a success there is suspect. Put off, and try again later.
 * - `train`: it fails and succeeds often enough to learn from both.
 * - `too-easy`: there is nothing left to learn.
 */
export type DifficultyLabel = 'unknown' | 'too-hard' | 'train' | 'too-easy';

export interface PassRateBand {
  readonly label: DifficultyLabel;
  /** In [0, 1]; `undefined` without trials. */
  readonly passRate: number | undefined;
  /** Wilson interval of the pass rate: reported, it decides nothing. */
  readonly interval: Interval;
  readonly trials: number;
}

export interface BandOptions {
  /** Pass rates below are too hard. Default 0.125. */
  readonly low?: number;
  /** Pass rates above are too easy. Default 0.75. */
  readonly high?: number;
  /** Fewer trials tell nothing. Default 8. */
  readonly leastTrials?: number;
  /** Coverage of the interval, in (0, 1). Default 0.95. */
  readonly level?: number;
}

/**
 * How hard a task is for the policy, by rollouts that are not the ones about to be trained on.
 *
 * @param successes - in [0, trials].
 * @param trials - at least 0. Neither need be whole: older trials count less (`passRateOutside`).
 * @returns the point estimate decides: both ends of the band belong to it. Counts are compared with a tolerance of 1e-9, so that decayed counts of the
 *   same proportion get the same label.
 * @throws {RangeError} when the counts are not such numbers, or not 0 ≤ low ≤ high ≤ 1.
 *
 * Source: ours, after pilot practice (16 pilot rollouts, skip above 0.75, put off below 0.125) and the harm of overly hard samples, Cheng et al. 2026,
 * arXiv:2605.28388. Interval: E. B. Wilson 1927, with the decayed counts in the place of whole ones.
 */
export function passRateBand(successes: number, trials: number, options: BandOptions = {}): PassRateBand {
  const { low = 0.125, high = 0.75, leastTrials = 8, level = 0.95 } = options;
  if (!(trials >= 0 && trials <= Number.MAX_SAFE_INTEGER && successes >= 0 && successes <= trials * (1 + tolerance))) {
    throw new RangeError(
      `Successes (${successes}) and trials (${trials}) must be numbers with 0 ≤ successes ≤ trials.`,
    );
  }
  checkProbability('low', low);
  checkProbability('high', high);
  if (low > high) throw new RangeError(`The band is ${low} … ${high}: give low ≤ high.`);
  if (!(leastTrials >= 1)) throw new RangeError(`leastTrials is ${leastTrials}: give a number of at least 1.`);

  const passRate = trials < leastCounted ? undefined : Math.min(1, successes / trials);
  return {
    label: label(passRate, trials, low, high, leastTrials),
    passRate,
    interval: passRate === undefined ? { low: 0, high: 1 } : scoreInterval(passRate, trials, level),
    trials,
  };
}

const tolerance = 1e-9;

/** Evidence so old that it counts for less than this is none. */
const leastCounted = 1e-6;

function label(rate: number | undefined, trials: number, low: number, high: number, least: number): DifficultyLabel {
  if (rate === undefined || trials < least - tolerance) return 'unknown';
  if (rate < low - tolerance) return 'too-hard';
  return rate > high + tolerance ? 'too-easy' : 'train';
}

function scoreInterval(rate: number, trials: number, level: number): Interval {
  const z = normalQuantile(0.5 + level / 2);
  const denominator = 1 + (z * z) / trials;
  const centre = (rate + (z * z) / (2 * trials)) / denominator;
  const half = (z / denominator) * Math.sqrt((rate * (1 - rate)) / trials + (z * z) / (4 * trials * trials));
  return {
    low: rate === 0 ? 0 : Math.max(0, centre - half),
    high: rate === 1 ? 1 : Math.min(1, centre + half),
  };
}
