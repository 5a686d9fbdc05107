import { checkEValues } from './e-values.ts';
import { checkLevel } from './check-level.ts';

/**
 * Which of several null hypotheses to reject, so that the expected share of false ones among the rejected is at most `level`, however the
 * e-values depend on each other: entries may share their control plays, and each test may have stopped when it liked.
 *
 * @param eValues - one e-value a hypothesis, each ≥ 0; may be empty.
 * @param level - false discovery rate in (0, 1). Default 0.05.
 * @returns same order, true where rejected: the k largest, for the largest k whose k-th largest e-value is at least K / (k · level).
 * @throws {RangeError} when an e-value is negative or not finite, or the level is not in (0, 1).
 *
 * Source: Wang & Ramdas 2022, arXiv:2009.02824, §4 (e-BH; the theorem on arbitrary dependence).
 */
export function eBenjaminiHochberg(eValues: readonly number[], level = 0.05): boolean[] {
  checkEValues(eValues);
  checkLevel('level', level);
  const falling = eValues.toSorted((a, b) => b - a);
  const last = falling.findLastIndex((eValue, index) => (index + 1) * eValue * level >= eValues.length);
  const least = falling[last] ?? Number.POSITIVE_INFINITY;
  return eValues.map((eValue) => eValue >= least);
}
