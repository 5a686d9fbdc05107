import { checkCount } from '../checks.ts';
import { meanLowerBound } from './betting-capital.ts';
import { checkLevel } from './check-level.ts';
import type { Interval } from './interval.ts';

export interface ConfidenceSequenceOptions {
  /** Smallest outcome there can be. Default 0; for the difference of two outcomes in [0, 1] take −1. */
  readonly low?: number;
  /** Largest outcome there can be. Default 1. */
  readonly high?: number;
  /** Coverage in (0, 1). Default 0.95. */
  readonly level?: number;
  /** State of the call before; the new values continue it. Its range then holds. */
  readonly state?: ConfidenceSequenceState;
}

/** Everything a continuation needs, as plain JSON. */
export interface ConfidenceSequenceState {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Sum of the outcomes, each mapped to [0, 1]. */
  readonly sum: number;
  /** Of the 2,001 marks of a ruler from `low` to `high` those in use: mark, outcomes on it, outcomes between it and the next. */
  readonly marks: readonly (readonly [mark: number, on: number, above: number])[];
}

export interface ConfidenceSequenceEstimate {
  readonly count: number;
  /** `undefined` before the first outcome. */
  readonly mean: number | undefined;
  /** Within [low, high], around the mean. */
  readonly interval: Interval;
  readonly state: ConfidenceSequenceState;
}

/**
 * Interval for the mean of bounded outcomes that holds at every sample size at once: whoever looks after each outcome and stops when they
 * like is wrong with probability at most 1 − level.
 *
 * Assumes that each outcome's mean, given all before it, is the same number; independence and equal distributions are not needed. When the
 * mean drifts, `low` still is below the largest of the means and `high` above the smallest. The order of outcomes does not matter, and a
 * sequence given in parts, with `state`, equals one given whole. A mean difference is that of paired outcomes: give their differences.
 *
 * @param values - finite, in [low, high]; may be empty (then the interval is the whole range).
 * @throws {RangeError} when a value lies outside the range, the range is empty or not that of `state`, or the level is not in (0, 1).
 *
 * Source: Ville's inequality on the capital of `betting-capital.ts`, at (1 − level) / 2 for each side: Waudby-Smith & Ramdas 2024,
 * arXiv:2010.09686, §4. Ours: outcomes that do not fall on a mark are moved to the mark below for `low` and above for
 * `high`, which keeps the guarantee and costs at most 1/2,000 of the range.
 */
export function confidenceSequence(
  values: ArrayLike<number>,
  options: ConfidenceSequenceOptions = {},
): ConfidenceSequenceEstimate {
  const { state: before, level = 0.95 } = options;
  checkLevel('level', level);
  const { low, high } = rangeOf(options);

  const on = new Float64Array(marks + 1);
  const above = new Float64Array(marks + 1);
  for (const [mark, onIt, aboveIt] of before?.marks ?? []) {
    on[mark] = onIt;
    above[mark] = aboveIt;
  }
  let sum = before?.sum ?? 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (value === undefined || !(value >= low && value <= high)) {
      throw new RangeError(
        `values[${index}] is ${value}, outside [${low}, ${high}]: state the true range in the options.`,
      );
    }
    const share = (value - low) / (high - low);
    sum += share;
    const place = share * marks;
    const nearest = Math.round(place);
    // 0.1 · 2,000 is not exactly 200 in binary: what is that near to a mark is on it.
    const counts = Math.abs(place - nearest) < 1e-9 ? on : above;
    const mark = counts === on ? nearest : Math.floor(place);
    counts[mark] = (counts[mark] ?? 0) + 1;
  }
  const count = (before?.count ?? 0) + values.length;

  const state: ConfidenceSequenceState = { low, high, count, sum, marks: used(on, above) };
  if (count === 0) return { count, mean: undefined, interval: { low, high }, state };
  const logThreshold = Math.log(2 / (1 - level));
  const share = Math.min(1, Math.max(0, sum / count));
  const bounds = {
    low: Math.min(share, sideBound(state, logThreshold, 'low')),
    high: Math.max(share, 1 - sideBound(state, logThreshold, 'high')),
  };
  const outcome = (of: number) => Math.min(high, Math.max(low, low + (high - low) * of));
  return { count, mean: outcome(share), interval: { low: outcome(bounds.low), high: outcome(bounds.high) }, state };
}

const marks = 2_000;

function rangeOf(options: ConfidenceSequenceOptions): Interval {
  const { state } = options;
  const low = options.low ?? state?.low ?? 0;
  const high = options.high ?? state?.high ?? 1;
  if (!(low < high && Number.isFinite(high - low)))
    throw new RangeError(`The range of outcomes is [${low}, ${high}]: give two finite numbers, the smaller one first.`);
  if (state === undefined) return { low, high };
  if (low !== state.low || high !== state.high) {
    throw new RangeError(
      `The range [${low}, ${high}] is not that of the state, [${state.low}, ${state.high}]: begin anew or leave the range out.`,
    );
  }
  checkCount('state.count', state.count);
  return { low, high };
}

function used(on: Float64Array, above: Float64Array): [number, number, number][] {
  const rows: [number, number, number][] = [];
  on.forEach((onIt, mark) => {
    const aboveIt = above[mark] ?? 0;
    if (onIt + aboveIt > 0) rows.push([mark, onIt, aboveIt]);
  });
  return rows;
}

/** Distance from the named end, as a share of the range, that the mean is shown to have. */
function sideBound(state: ConfidenceSequenceState, logThreshold: number, end: 'low' | 'high'): number {
  const values: number[] = [];
  const counts: number[] = [];
  for (const [mark, onIt, aboveIt] of state.marks) {
    values.push((end === 'low' ? mark : marks - mark) / marks, (end === 'low' ? mark : marks - mark - 1) / marks);
    counts.push(onIt, aboveIt);
  }
  return meanLowerBound(Float64Array.from(values), Float64Array.from(counts), logThreshold);
}
