import { studentQuantile, type Interval } from '@skillrl/signals';

/** A mean over runs with different seeds, and where it may lie. */
export interface OverSeeds {
  readonly mean: number;
  /** Student's interval, 95 %; a point for one run. */
  readonly interval: Interval;
  readonly deviation: number;
  readonly runs: number;
}

/** @param values - one a run. */
export function overSeeds(values: readonly number[]): OverSeeds {
  const runs = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / runs;
  const deviation = runs < 2 ? 0 : Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (runs - 1));
  const half = runs < 2 ? 0 : studentQuantile(0.975, runs - 1) * (deviation / Math.sqrt(runs));
  return { mean, interval: { low: mean - half, high: mean + half }, deviation, runs };
}

/** `+14.2 points [+10.1, +18.3], 8 seeds`. */
export function inPoints({ mean, interval, runs }: OverSeeds): string {
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)}`;
  return `${signed(mean)} points [${signed(interval.low)}, ${signed(interval.high)}], ${runs} seed${runs === 1 ? ', no interval' : 's'}`;
}
