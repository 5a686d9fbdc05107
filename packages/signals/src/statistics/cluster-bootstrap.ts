import type { Interval } from './interval.ts';
import { seededRandom } from './random.ts';

/** One number and the nest it comes from, outermost first: `[house, game]` for one play of a game. */
export interface ClusteredValue {
  readonly clusters: readonly string[];
  readonly value: number;
}

export interface ClusterBootstrapOptions {
  /** Coverage in (0, 1). Default 0.95. */
  readonly level?: number;
  /** Resamples drawn. Default 2,000. */
  readonly draws?: number;
  /** Default 1; equal seeds give equal intervals. */
  readonly seed?: number;
}

export interface ClusterBootstrapEstimate {
  /** Mean of all values. */
  readonly mean: number;
  /** Percentile interval; a single point when there is one outermost cluster holding one value. */
  readonly interval: Interval;
  /** Two-sided probability, under resampling, of a mean on the other side of 0; at least 1 / draws. */
  readonly pValue: number;
  /** How many outermost clusters there are: with fewer than about 10 the interval is too short. */
  readonly clusters: number;
}

/**
 * Mean of nested values with an interval that respects the nesting: each draw resamples the outermost clusters, then the clusters within
 * each, down to the values, all with replacement.
 *
 * @param values - at least one; every `clusters` list of the same length.
 * @throws {RangeError} when there are no values, a value is not finite, or the lists differ in length.
 *
 * Source: Davison & Hinkley 1997, §3.8 (hierarchical data), percentile limits.
 */
export function clusterBootstrap(
  values: readonly ClusteredValue[],
  options: ClusterBootstrapOptions = {},
): ClusterBootstrapEstimate {
  const { level = 0.95, draws = 2_000, seed = 1 } = options;
  if (values.length === 0) throw new RangeError('A bootstrap needs at least one value.');
  const bad = values.find(({ value }) => !Number.isFinite(value));
  if (bad !== undefined) throw new RangeError(`A bootstrap needs finite values, not ${bad.value}.`);

  const depth = values[0]?.clusters.length;
  if (values.some(({ clusters }) => clusters.length !== depth))
    throw new RangeError('Every value of a bootstrap needs equally many clusters.');

  const tree = nest(values, 0);
  const random = seededRandom(seed);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw += 1) {
    const total = { sum: 0, count: 0 };
    resample(tree, random, total);
    means[draw] = total.sum / total.count;
  }
  means.sort();

  const mean = values.reduce((sum, { value }) => sum + value, 0) / values.length;
  const below = means.filter((drawn) => drawn <= 0).length / draws;
  const above = means.filter((drawn) => drawn >= 0).length / draws;
  return {
    mean,
    interval: { low: quantile(means, (1 - level) / 2), high: quantile(means, (1 + level) / 2) },
    pValue: Math.min(1, Math.max(1 / draws, 2 * Math.min(below, above))),
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
