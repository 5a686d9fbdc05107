/**
 * Exact test that the differences of two arms, one for each independent unit, lie above 0: of a unit that was played often, the sum over its plays.
 *
 * @param differences - integers whose sizes sum to 1e6 at most; any of them may be 0.
 * @returns one-sided p-value in (0, 1]: how often the sum is as large or larger when the arms of each unit change places by the toss of a coin.
 * @throws {RangeError} when they are not such integers.
 *
 * Source: Fisher 1935, The Design of Experiments, §21; the whole distribution by convolution, not by draws. With differences of ± 1 it is one side of
 * McNemar's exact test. Fixed sample size: to look more than once take `pairedSequentialTest`.
 */
export function signFlipTest(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs);
  const most = sizes.reduce((sum, size) => sum + size, 0);
  if (!differences.every(Number.isSafeInteger) || most > 1e6)
    throw new RangeError('A sign-flip test takes integers whose sizes sum to 1,000,000 at most.');
  // Probability of each sum of the units that were flipped to the positive side: the sum of all is twice that, less `most`.
  let chances = new Float64Array(most + 1);
  chances[0] = 1;
  let reached = 0;
  for (const size of sizes) {
    if (size === 0) continue;
    const next = new Float64Array(most + 1);
    for (let sum = 0; sum <= reached; sum += 1) {
      const half = chances[sum]! / 2;
      next[sum]! += half;
      next[sum + size]! += half;
    }
    chances = next;
    reached += size;
  }
  const observed = differences.reduce((sum, difference) => sum + Math.max(0, difference), 0);
  // From the small end, so that nothing is lost.
  return Math.min(
    1,
    chances.subarray(observed).reduceRight((sum, chance) => sum + chance, 0),
  );
}
