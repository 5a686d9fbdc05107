import { checkSameLength } from '../checks.ts';

/** Log-ratios are held within ±this, as in verl, so that e to their power stays finite. */
const largestLogRatio = 20;

/** One flat array of tokens, whatever sequences they belong to. */
export interface TokenMask {
  /** One per token: 1 for a token of the model, 0 for one of the environment or of padding, whose log-probabilities are not read. Default: all 1. */
  readonly mask?: ArrayLike<number>;
}

/** The ratio's logarithm, held within ±20. */
export function boundedLogRatio(difference: number): number {
  return Math.min(largestLogRatio, Math.max(-largestLogRatio, difference));
}

/**
 * Refuses log-probabilities that cannot be compared token by token.
 *
 * @throws {RangeError} when lengths differ, the mask is not 0 or 1, or a log-probability that is read is above 0 (by more than rounding, 1e-3),
 *   below −1e6 or not finite.
 */
export function checkLogProbabilities(
  columns: Readonly<Record<string, ArrayLike<number>>>,
  mask: ArrayLike<number> | undefined,
): void {
  const [first, ...others] = Object.entries(columns);
  if (first === undefined) return;
  for (const [name, column] of others) checkSameLength(first[0], first[1], name, column);
  if (mask !== undefined) {
    checkSameLength(first[0], first[1], 'mask', mask);
    for (let token = 0; token < mask.length; token += 1) {
      if (mask[token] !== 0 && mask[token] !== 1) {
        throw new RangeError(`mask[${token}] is ${mask[token]}: give 1 for a token of the model, 0 for any other.`);
      }
    }
  }
  for (const [name, column] of Object.entries(columns)) {
    for (let token = 0; token < column.length; token += 1) {
      if (mask !== undefined && mask[token] === 0) continue;
      const value = column[token];
      if (typeof value !== 'number' || !(value <= 1e-3 && value >= -1e6)) {
        throw new RangeError(
          `${name}[${token}] is ${value}: give a log-probability in [−1e6, 0], and mask tokens that have none.`,
        );
      }
    }
  }
}
