import { checkFinite } from '../checks.ts';
import { checkLevel } from './check-level.ts';
import type { Interval } from './interval.ts';
import { studentCdf, studentQuantile } from './student.ts';

export interface EquivalenceOptions {
  /** Differences within ± this count as none; > 0. Default 0.05 (5 points). */
  readonly margin?: number;
  /** Probability, at most, of saying "equivalent" when the difference is at the margin or beyond; in (0, 0.5). Default 0.05. */
  readonly error?: number;
}

export interface EquivalenceResult {
  /** The interval lies inside the margin: `pValue < error`. */
  readonly equivalent: boolean;
  /** The larger of the two one-sided p-values, in [0, 1]. */
  readonly pValue: number;
  readonly mean: number;
  /** Of coverage 1 − 2 · error (90 % by default). */
  readonly interval: Interval;
}

/**
 * Two one-sided tests that a mean difference is smaller than a margin: "no difference" as a result, not as a missing one.
 *
 * @param differences - one number per *independent* unit: a pair, or the mean of a house where pairs of a house agree; at least 2.
 * @throws {RangeError} with fewer than two, one not finite or beyond ±1e150, a margin not above 0, an error not in (0, 0.5).
 *
 * Source: Schuirmann 1987, with Student's t. Equal differences have no spread: then the mean alone decides.
 */
export function equivalenceTest(differences: readonly number[], options: EquivalenceOptions = {}): EquivalenceResult {
  const { margin = 0.05, error = 0.05 } = options;
  checkFinite('differences', differences);
  checkLevel('error', error);
  if (error >= 0.5) throw new RangeError(`error is ${error}: give one below 0.5.`);
  if (!(margin > 0 && margin <= 1e150)) throw new RangeError(`margin is ${margin}: give a number above 0.`);
  const count = differences.length;
  if (count < 2) throw new RangeError(`There are ${count} differences: their spread needs at least two.`);
  if (differences.some((difference) => Math.abs(difference) > 1e150))
    throw new RangeError('A difference is beyond ±1e150: give shares, steps or tokens in a sensible unit.');

  const mean = differences.reduce((sum, difference) => sum + difference / count, 0);
  const squares = differences.reduce((sum, difference) => sum + (difference - mean) ** 2, 0);
  const standardError = Math.sqrt(squares / (count - 1) / count);
  const half = studentQuantile(1 - error, count - 1) * standardError;
  const interval = { low: mean - half, high: mean + half };
  // P(T ≥ distance / standardError) for the nearer margin.
  const pValue = upperTail(margin - Math.abs(mean), standardError, count - 1);
  return { equivalent: pValue < error, pValue, mean, interval };
}

function upperTail(distance: number, standardError: number, degrees: number): number {
  const t = distance / standardError;
  if (Number.isFinite(t)) return studentCdf(-t, degrees);
  return distance > 0 ? 0 : 1;
}
