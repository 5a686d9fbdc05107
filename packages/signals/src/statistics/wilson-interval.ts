import { checkLevel } from './check-level.ts';
import type { Interval } from './interval.ts';
import { normalQuantile } from './normal.ts';

/**
 * Score interval of a proportion. Valid only when the trials are independent: each game played once.
 *
 * @param successes - integer in [0, trials].
 * @param trials - integer ≥ 0; with 0 the interval is [0, 1].
 * @param level - coverage in (0, 1). Default 0.95.
 * @returns bounds in [0, 1].
 * @throws {RangeError} when the counts are not such integers or the level is not in (0, 1).
 *
 * Source: E. B. Wilson 1927, without continuity correction.
 */
export function wilsonInterval(successes: number, trials: number, level = 0.95): Interval {
  checkLevel('level', level);
  if (!Number.isSafeInteger(successes) || !Number.isSafeInteger(trials) || successes < 0 || successes > trials) {
    throw new RangeError(
      `Successes (${successes}) and trials (${trials}) must be integers with 0 ≤ successes ≤ trials.`,
    );
  }
  if (trials === 0) return { low: 0, high: 1 };
  const z = normalQuantile(0.5 + level / 2);
  const share = successes / trials;
  const denominator = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / denominator;
  const half = (z / denominator) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
  };
}
