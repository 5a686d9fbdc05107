import { checkMagnitude } from '../check-magnitude.ts';
import { checkFinite } from '../checks.ts';
import type { OutsideBand } from './outside-band.ts';

export interface RareSuccessGuard {
  /** One per rollout, same order. */
  readonly advantages: readonly number[];
  /** True when the task nearly always fails: a success may be luck or a shortcut, and needs a second verification before memory keeps it. */
  readonly isSuccessSuspect: boolean;
}

/**
 * Keeps a lucky success on an overly hard task from being the strongest lesson of the batch.
 *
 * @param advantages - of one group, within ±1e100.
 * @param band - what other groups say of the task. With a label other than `too-hard` nothing changes.
 * @param options.largest - positive advantages are cut to it, ≥ 0. Default 1.
 * @throws {RangeError} when a number is outside its range.
 *
 * Source: ours, after Cheng et al. 2026, arXiv:2605.28388: a single success among eight gets 2.47 by the division by the deviation, and rewards on hard
 * tasks are where spurious paths are found.
 */
export function guardRareSuccess(
  advantages: ArrayLike<number>,
  band: OutsideBand,
  options: { readonly largest?: number } = {},
): RareSuccessGuard {
  const { largest = 1 } = options;
  checkFinite('advantages', advantages);
  checkMagnitude('advantages', advantages);
  if (!(largest >= 0)) throw new RangeError(`largest is ${largest}: give a number of at least 0.`);
  const isSuccessSuspect = band.label === 'too-hard';
  return {
    advantages: Array.from(advantages, (advantage) => (isSuccessSuspect ? Math.min(largest, advantage) : advantage)),
    isSuccessSuspect,
  };
}
