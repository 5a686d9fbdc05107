import { checkLevel } from './check-level.ts';
import { findCrossing } from './find-crossing.ts';
import type { Interval } from './interval.ts';
import { normalQuantile } from './normal.ts';

/** One measured effect. */
export interface MeasuredEffect {
  readonly estimate: number;
  /** > 0. */
  readonly standardError: number;
}

export interface ShrunkEffect {
  /** The measured effect, moved toward the common mean. */
  readonly estimate: number;
  readonly standardError: number;
  readonly interval: Interval;
  /** Share of the way that it was moved, in [0, 1). */
  readonly shrinkage: number;
}

export interface ShrunkEffects {
  /** Precision-weighted mean; `undefined` without effects. */
  readonly mean: number | undefined;
  /** Estimated standard deviation of the true effects around it; 0 when the measured ones differ no more than by chance. */
  readonly deviation: number;
  /** Same order as given. */
  readonly effects: readonly ShrunkEffect[];
}

/**
 * Empirical-Bayes shrinkage: each effect of a cluster moves toward the cluster's mean, the further the less precise it is.
 *
 * For ranking entries, not for admitting one: the interval covers at the stated rate *on average over the entries* when true effects scatter
 * normally, and less for those far from the rest. With fewer than four effects nothing can be learned of their scatter, and nothing moves.
 *
 * @param effects - estimates within ±1e9, standard errors in [1e-9, 1e9]; may be empty.
 * @param options.level - average coverage in (0, 1). Default 0.95.
 * @throws {RangeError} when a number is outside these ranges.
 *
 * Source: the mean and variance of true effects by Paule & Mandel 1982; shrinkage and standard errors by Morris 1983 (JASA 78:47), §5, whose
 * corrections for k effects, (k − 3) / (k − 1) and the terms in v, count the estimation of mean and variance.
 */
export function shrinkEffects(
  effects: readonly MeasuredEffect[],
  options: { readonly level?: number } = {},
): ShrunkEffects {
  const { level = 0.95 } = options;
  checkLevel('level', level);
  checkEffects(effects);
  const z = normalQuantile(0.5 + level / 2);
  if (effects.length === 0) return { mean: undefined, deviation: 0, effects: [] };
  // In units of the largest standard error nothing overflows.
  const unit = Math.max(...effects.map(({ standardError }) => standardError));
  const measured = effects.map(({ estimate, standardError }) => ({
    value: estimate / unit,
    variance: (standardError / unit) ** 2,
  }));
  const scatter = pauleMandel(measured);
  const { mean, weights, total } = weigh(measured, scatter);
  const typical = measured.reduce((sum, { variance }, index) => sum + ((weights[index] ?? 0) * variance) / total, 0);
  const count = measured.length;

  return {
    mean: unit * mean,
    deviation: unit * Math.sqrt(scatter),
    effects: measured.map(({ value, variance }, index) => {
      const weight = weights[index] ?? 0;
      const shrinkage = count < 4 ? 0 : ((count - 3) / (count - 1)) * variance * weight;
      const ofScatter = count < 4 ? 0 : (2 / (count - 3)) * shrinkage ** 2 * (typical + scatter) * weight;
      const estimate = unit * (mean + (1 - shrinkage) * (value - mean));
      const standardError =
        unit * Math.sqrt(variance * (1 - shrinkage * (1 - weight / total)) + ofScatter * (value - mean) ** 2);
      const interval = { low: estimate - z * standardError, high: estimate + z * standardError };
      return { estimate, standardError, interval, shrinkage };
    }),
  };
}

interface Measured {
  readonly value: number;
  readonly variance: number;
}

/** The variance of true effects at which the weighted squares equal their expectation, count − 1; 0 when they are smaller anyway. */
function pauleMandel(measured: readonly Measured[]): number {
  const values = measured.map(({ value }) => value);
  const excess = (scatter: number) => {
    const { mean, weights } = weigh(measured, scatter);
    return values.reduce((sum, value, index) => sum + (weights[index] ?? 0) * (value - mean) ** 2, 1 - values.length);
  };
  if (excess(0) <= 0) return 0;
  const range = Math.max(...values) - Math.min(...values);
  return findCrossing(excess, { from: 0, to: range ** 2 });
}

function weigh(measured: readonly Measured[], scatter: number): { mean: number; weights: number[]; total: number } {
  const weights = measured.map(({ variance }) => 1 / (variance + scatter));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = measured.reduce((sum, { value }, index) => sum + ((weights[index] ?? 0) * value) / total, 0);
  return { mean, weights, total };
}

function checkEffects(effects: readonly MeasuredEffect[]): void {
  effects.forEach(({ estimate, standardError }, index) => {
    if (!(Math.abs(estimate) <= 1e9)) {
      throw new RangeError(`effects[${index}].estimate is ${estimate}: give a number within ±1e9.`);
    }
    if (!(standardError >= 1e-9 && standardError <= 1e9)) {
      throw new RangeError(
        `effects[${index}].standardError is ${standardError}: give one in [1e-9, 1e9]; an effect without spread cannot be weighed.`,
      );
    }
  });
}
