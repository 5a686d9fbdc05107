import { checkCount } from '../checks.ts';
import { checkLevel } from './check-level.ts';
import { normalQuantile } from './normal.ts';
import { studentQuantile } from './student.ts';

export interface PowerOptions {
  /** Two-sided error in (0, 1). Default 0.05. */
  readonly error?: number;
  /** Probability of seeing the effect, in (0, 1). Default 0.8. */
  readonly power?: number;
}

/**
 * Independent units (seeds, houses, pairs of runs) whose mean shows a difference.
 *
 * @param effect - not 0.
 * @param deviation - standard deviation of one unit, > 0, same unit as `effect`.
 * @returns at least 2.
 * @throws {RangeError} outside these ranges.
 *
 * Source: t quantiles for both error and power, repeated until the count carries itself; at most one above the exact noncentral t.
 */
export function unitsForMean(effect: number, deviation: number, options: PowerOptions = {}): number {
  const { error = 0.05, power = 0.8 } = options;
  checkLevel('error', error);
  checkLevel('power', power);
  const ratio = deviation / Math.abs(effect);
  if (!(ratio > 0 && ratio <= 1e4)) {
    throw new RangeError(
      `The effect is ${effect} and the deviation ${deviation}: give a deviation up to 10,000 times the effect.`,
    );
  }
  const enough = (count: number) => {
    const t = studentQuantile(1 - error / 2, count - 1) + studentQuantile(power, count - 1);
    return t <= 0 || Math.sqrt(count) >= t * ratio;
  };
  let high = 2;
  while (!enough(high)) high *= 2;
  let low = Math.max(1, high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Half the width of the interval of a mean of independent units: "± 5.5 points with 8 seeds".
 *
 * @param units - integer ≥ 2.
 * @param deviation - standard deviation of one unit, ≥ 0.
 * @param level - coverage in (0, 1). Default 0.95.
 * @throws {RangeError} outside these ranges.
 *
 * Source: Student 1908.
 */
export function halfWidthOfMean(units: number, deviation: number, level = 0.95): number {
  checkCount('units', units, 2);
  checkLevel('level', level);
  if (!(deviation >= 0 && deviation <= 1e150))
    throw new RangeError(`deviation is ${deviation}: give one of at least 0.`);
  return (studentQuantile(0.5 + level / 2, units - 1) * deviation) / Math.sqrt(units);
}

/**
 * Exposures that show an entry's effect when a fixed share of them is withheld.
 *
 * @param effect - difference of success shares, not 0, within ±1.
 * @param withheld - share withheld, in [1e-6, 1 − 1e-6].
 * @param options.variance - of the outcome in one arm, in (0, 0.25]. Default 0.22 (a success share of about a third).
 * @throws {RangeError} outside these ranges.
 *
 * Source: normal test of two shares, variance / share of each arm; a fixed number of exposures, looked at once.
 */
export function exposuresForEffect(
  effect: number,
  withheld: number,
  options: PowerOptions & { readonly variance?: number } = {},
): number {
  const { error = 0.05, power = 0.8, variance = 0.22 } = options;
  if (!(Math.abs(effect) >= 1e-6 && Math.abs(effect) <= 1))
    throw new RangeError(`effect is ${effect}: give a difference of shares, at least 1e-6 in size.`);
  checkLevel('error', error);
  checkLevel('power', power);
  if (!(withheld >= 1e-6 && withheld <= 1 - 1e-6))
    throw new RangeError(`withheld is ${withheld}: give a share in [1e-6, 1 − 1e-6].`);
  if (!(variance > 0 && variance <= 0.25)) throw new RangeError(`variance is ${variance}: give one in (0, 0.25].`);
  const z = Math.max(0, normalQuantile(1 - error / 2) + normalQuantile(power)) / effect;
  return Math.max(1, Math.ceil(z * z * variance * (1 / withheld + 1 / (1 - withheld))));
}
