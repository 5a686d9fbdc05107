/**
 * Refuses an array that holds a NaN or an infinity.
 *
 * @throws {RangeError} naming the first such place.
 */
export function checkFinite(name: string, values: ArrayLike<number>): void {
  for (let index = 0; index < values.length; index += 1) {
    if (!Number.isFinite(values[index])) {
      throw new RangeError(
        `${name}[${index}] is ${values[index]}, which is not a finite number: leave such values out, or use null where that is allowed.`,
      );
    }
  }
}

/**
 * Refuses what is not a probability.
 *
 * @throws {RangeError} outside [0, 1].
 */
export function checkProbability(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} is ${value}: give a probability in [0, 1].`);
}

/**
 * Refuses two arrays that do not belong together.
 *
 * @throws {RangeError} when their lengths differ.
 */
export function checkSameLength(
  firstName: string,
  first: ArrayLike<unknown>,
  secondName: string,
  second: ArrayLike<unknown>,
): void {
  if (first.length !== second.length) {
    throw new RangeError(
      `${firstName} has ${first.length} elements and ${secondName} has ${second.length}: give one of each per row.`,
    );
  }
}

/**
 * Refuses what is not a count.
 *
 * @param least - smallest count allowed. Default 0.
 * @throws {RangeError} when `value` is not a safe integer ≥ `least`.
 */
export function checkCount(name: string, value: number, least = 0): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} is ${value}: give an integer of at least ${least}.`);
  }
}
