import { checkCount } from '../checks.ts';

export interface LengthCollapseOptions {
  /** Alarm below this share, in (0, 1). Default 0.5. */
  readonly share?: number;
  /** Steps that the trailing mean covers, at least 1. Default 20. */
  readonly window?: number;
  /** Earlier steps without which nothing is said, in [1, window]. Default 5. */
  readonly leastSteps?: number;
  /** Median length of the policy that training began with, > 0. With it, slow collapses are seen too. */
  readonly startLength?: number;
}

export interface LengthCollapse {
  /** `sudden`: against the trailing mean; `slow`: against `startLength`. */
  readonly alarm: 'none' | 'sudden' | 'slow';
  /** Latest median; `undefined` without steps. */
  readonly median: number | undefined;
  /** Mean of the medians before it; `undefined` while there are fewer than `leastSteps`. */
  readonly trailingMean: number | undefined;
}

/**
 * Whether answers have suddenly become short: the sign of a shortcut, seen before accuracy falls.
 *
 * @param medians - median length of the responses at each training step, oldest first, in tokens or any other unit; ≥ 0.
 * @throws {RangeError} when a number is outside its range.
 *
 * Source: Cheng et al. 2026, arXiv:2605.28388 (one bad sample took the mean length from 511 to 46 tokens in 58 steps). The rule is ours. It does not see
 * that very case if the fall is even: at 4 % a step the trailing mean falls along, to 1.6 times the median. Give `startLength` for such.
 */
export function lengthCollapse(medians: readonly number[], options: LengthCollapseOptions = {}): LengthCollapse {
  const { share = 0.5, window = 20, leastSteps = Math.min(5, window), startLength } = options;
  checkOptions(share, window, leastSteps, startLength);
  for (const [step, median] of medians.entries()) {
    if (!(median >= 0 && median <= Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(`medians[${step}] is ${median}: give a length of at least 0.`);
    }
  }
  const median = medians.at(-1);
  if (median === undefined) return { alarm: 'none', median, trailingMean: undefined };
  const earlier = medians.slice(Math.max(0, medians.length - 1 - window), -1);
  const trailingMean =
    earlier.length < leastSteps ? undefined : earlier.reduce((sum, length) => sum + length, 0) / earlier.length;
  if (trailingMean !== undefined && median < share * trailingMean) return { alarm: 'sudden', median, trailingMean };
  const isSlow = startLength !== undefined && median < share * startLength;
  return { alarm: isSlow ? 'slow' : 'none', median, trailingMean };
}

function checkOptions(share: number, window: number, leastSteps: number, startLength: number | undefined): void {
  if (!(share > 0 && share < 1)) throw new RangeError(`share is ${share}: give a number in (0, 1).`);
  checkCount('window', window, 1);
  checkCount('leastSteps', leastSteps, 1);
  if (leastSteps > window)
    throw new RangeError(`leastSteps is ${leastSteps}, window ${window}: give no more than the window holds.`);
  if (startLength !== undefined && !(startLength > 0 && startLength <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`startLength is ${startLength}: give a length above 0.`);
  }
}
