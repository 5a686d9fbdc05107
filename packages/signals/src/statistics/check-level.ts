/**
 * Refuses what cannot be a level, an error or a power: these are strictly between 0 and 1.
 *
 * @throws {RangeError} outside (0, 1).
 */
export function checkLevel(name: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new RangeError(`${name} is ${value}: give a number strictly between 0 and 1.`);
}
