import { checkProbability } from '../checks.ts';

/**
 * Holm's step-down adjustment for several tests.
 *
 * @param pValues - each in [0, 1]; may be empty.
 * @returns adjusted p-values, same order: reject those ≤ α to hold the family-wise error at α.
 * @throws {RangeError} when one is not in [0, 1].
 *
 * Source: S. Holm 1979.
 */
export function holm(pValues: readonly number[]): number[] {
  pValues.forEach((pValue, index) => checkProbability(`pValues[${index}]`, pValue));
  const order = pValues.map((_, index) => index).toSorted((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
  const adjusted = Array.from({ length: pValues.length }, () => 0);
  let running = 0;
  order.forEach((index, rank) => {
    running = Math.max(running, Math.min(1, (pValues[index] ?? 0) * (pValues.length - rank)));
    adjusted[index] = running;
  });
  return adjusted;
}
