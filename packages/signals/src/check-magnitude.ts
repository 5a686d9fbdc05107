/** Largest size of a reward or advantage: sums, products and squares of such numbers stay finite. */
export const largestMagnitude = 1e100;

/**
 * Refuses rewards and advantages that are not finite, or so large that a sum of squares would not be; `null` passes.
 *
 * @throws {RangeError} naming the first such place.
 */
export function checkMagnitude(name: string, values: ArrayLike<number | null>): void {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (value === null) continue;
    if (!(Math.abs(value!) <= largestMagnitude)) {
      throw new RangeError(
        `${name}[${index}] is ${value}: give a number within ±${largestMagnitude}, or null when there is none.`,
      );
    }
  }
}
