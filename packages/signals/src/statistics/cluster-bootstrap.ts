import { checkCount } from '../checks.ts';
import { checkLevel } from './check-level.ts';
import type { Interval } from './interval.ts';
import { seededRandom } from './random.ts';

/**
 * One number and the nest it comes from, outermost first: `[house, game]` for one play of a game, `[]` for one that stands alone.
 */
export interface ClusteredValue {
  readonly clusters: readonly string[];
  readonly value: number;
}

export interface ClusterBootstrapOptions {
  /** Coverage in (0, 1). Default 0.95. */
  readonly level?: number;
  /** Resamples drawn, integer ≥ 1. Default 2,000. */
  readonly draws?: number;
  /** Default 1; equal seeds give equal intervals. */
  readonly seed?: number;
}

export interface ClusterBootstrapEstimate {
  /** Mean of all values. */
  readonly mean: number;
  /** Percentile interval; a single point when there is one outermost cluster holding one value. */
  readonly interval: Interval;
  /** The percentile interval of another coverage, from the same resamples. */
  readonly intervalAt: (level: number) => Interval;
  /** Two-sided probability, under resampling, of a mean on the other side of 0; at least 2 / (draws + 1). */
  readonly pValue: number;
  /** True when no resample lay on the other side of 0: the p-value is then a bound that the number of resamples sets. */
  readonly pValueIsBound: boolean;
  /** How many outermost clusters there are (values, if none has a cluster): with fewer than about 10 the interval is too short. */
  readonly clusters: number;
}

/**
 * Mean of nested values with an interval that respects the nesting: each draw resamples the outermost clusters, then the clusters within
 * each, down to the values, all with replacement.
 *
 * The paired bootstrap is this one on the differences of pairs, each with the clusters of its pair (or none).
 *
 * On the safe side: resampling below the outermost level counts the inner variation twice. A 95 % interval covers 97 to 98 % for 12 to 30 houses
 * of 4 to 5 games; resampling houses alone would cover 91 to 93 %.
 *
 * @param values - at least one, finite; every `clusters` list of the same length.
 * @throws {RangeError} when there are no values, a value is not finite, the lists differ in length, or an option is outside its range.
 *
 * Source: Davison & Hinkley 1997, §3.8 (hierarchical data), percentile limits, and p = (1 + count) / (1 + draws), §4.2.5, doubled. Values on 0
 * count for both sides.
 */
export function clusterBootstrap(
  values: readonly ClusteredValue[],
  options: ClusterBootstrapOptions = {},
): ClusterBootstrapEstimate {
  const { level = 0.95, draws = 2_000, seed = 1 } = options;
  if (values.length === 0) throw new RangeError('A bootstrap needs at least one value.');
  const bad = values.find(({ value }) => !Number.isFinite(value));
  if (bad !== undefined)
    throw new RangeError(`A bootstrap needs finite values, not ${bad.value}: leave such plays out.`);
  const depth = values[0]?.clusters.length ?? 0;
  const odd = values.find(({ clusters }) => clusters.length !== depth);
  if (odd !== undefined) {
    throw new RangeError(
      `Some values have ${depth} clusters and some ${odd.clusters.length}: give every value equally many, outermost first.`,
    );
  }
  checkLevel('level', level);
  checkCount('draws', draws, 1);

  // Sums of numbers near the largest would overflow; a power of two changes no digit of them.
  const unit = values.some(({ value }) => Math.abs(value) > 1e150) ? 2 ** 600 : 1;
  const tree = nest(
    values.map(({ clusters, value }) => ({ clusters, value: value / unit })),
    0,
  );
  const random = seededRandom(seed);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    const total = { sum: 0, count: 0 };
    resample(tree, random, total);
    means[draw] = total.sum / total.count;
  }
  means.sort();

  const mean = values.reduce((sum, { value }) => sum + value / unit, 0) / values.length;
  const below = means.filter((drawn) => drawn <= 0).length;
  const above = means.filter((drawn) => drawn >= 0).length;
  const rarer = Math.min(below, above);
  const intervalAt = (coverage: number): Interval => ({
    low: unit * quantile(means, (1 - coverage) / 2),
    high: unit * quantile(means, (1 + coverage) / 2),
  });
  return {
    mean: unit * mean,
    interval: intervalAt(level),
    intervalAt,
    pValue: Math.min(1, (2 * (rarer + 1)) / (draws + 1)),
    pValueIsBound: rarer === 0,
    clusters: tree.length,
  };
}

type Nest = Float64Array | readonly Nest[];

function nest(values: readonly ClusteredValue[], depth: number): Nest {
  if (values[0]?.clusters.length === depth) return Float64Array.from(values, ({ value }) => value);
  const groups = Map.groupBy(values, ({ clusters }) => clusters[depth]);
  return [...groups.values()].map((group) => nest(group, depth + 1));
}

function resample(tree: Nest, random: () => number, total: { sum: number; count: number }): void {
  for (let draw = 0; draw < tree.length; draw += 1) {
    const drawn = tree[Math.floor(random() * tree.length)];
    if (typeof drawn === 'number') {
      total.sum += drawn;
      total.count += 1;
    } else if (drawn !== undefined) {
      resample(drawn, random, total);
    }
  }
}

/** Linear interpolation between order statistics, as R's type 7. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const low = Math.floor(position);
  const below = sorted[low] ?? 0;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? below;
  return below + (position - low) * (above - below);
}
