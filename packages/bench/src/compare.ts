import type { Rollout } from '@skillrl/core';
import {
  clusterBootstrap,
  type ClusteredValue,
  confidenceSequence,
  holm,
  type Interval,
  normalQuantile,
} from '@skillrl/signals';

import { endpointsOf, valueOf } from './endpoints.ts';
import { endpointNames, type EndpointName, type Manifest } from './manifest.ts';

/** `equivalent`: the 90 % interval lies within ±0.05 (shares only). `unresolved`: the run could not tell; always so with fewer than 20 pairs. */
export type Verdict = 'higher' | 'lower' | 'equivalent' | 'unresolved';

/** A paired comparison of two arms on one endpoint. */
export interface Contrast {
  readonly endpoint: EndpointName;
  readonly arm: string;
  readonly against: string;
  readonly primary: boolean;
  /** Pairs in which both plays count. */
  readonly pairs: number;
  /** Mean over pairs of `arm − against`. */
  readonly difference: number;
  readonly interval95: Interval;
  /**
   * Of a run that was stopped before its plan was done, successes only: an interval that holds whenever one stops, over houses and not over
   * pairs, since pairs of one house agree.
   */
  readonly anytime95?: Interval;
  readonly pValue: number;
  /** True when the resamples could show no smaller p-value. */
  readonly pValueIsBound: boolean;
  /** Holm's adjustment over all secondary contrasts; the primary one keeps its own. */
  readonly adjustedPValue: number;
  readonly verdict: Verdict;
  /** The smallest true difference that this many pairs would show with 80 % power. */
  readonly smallestVisible: number;
  /** Outermost clusters: with fewer than about 10 the interval is too short. */
  readonly clusters: number;
}

/** So many that the smallest p-value stays small when Holm multiplies it by the number of contrasts. */
const draws = 10_000;
/** Margin of equivalence for shares. */
const margin = 0.05;

/** With fewer pairs resampling says too much: five equal differences would have an interval of no width. */
export const fewestPairs = 20;

/** Compares every arm with the arm the primary comparison stands against, endpoint by endpoint, paired by task and sample. */
export function compareArms(rollouts: readonly Rollout[], manifest: Manifest): Contrast[] {
  const { primary } = manifest;
  const contrasts = manifest.arms
    .filter(({ name }) => name !== primary.against)
    .flatMap(({ name }) =>
      endpointNames(manifest.successWithin).map((endpoint) =>
        contrast(rollouts, manifest, name, primary.against, endpoint),
      ),
    )
    .filter((found) => found !== undefined);
  const secondary = contrasts.filter((found) => !found.primary);
  const adjusted = holm(secondary.map(({ pValue }) => pValue));
  const adjustedOf = new Map(secondary.map((found, index) => [found, adjusted[index] ?? 1]));
  return contrasts.map((found) => {
    const adjustedPValue = adjustedOf.get(found) ?? found.pValue;
    return {
      ...found,
      adjustedPValue,
      verdict:
        found.verdict === 'equivalent' || found.pairs < fewestPairs
          ? found.verdict
          : direction(found.difference, adjustedPValue),
    };
  });
}

function contrast(
  rollouts: readonly Rollout[],
  manifest: Manifest,
  arm: string,
  against: string,
  endpoint: EndpointName,
): Contrast | undefined {
  const limit = manifest.successWithin.at(-1) ?? 0;
  const valuesOf = (name: string) =>
    new Map(
      rollouts
        .filter(({ spec }) => spec.arm === name)
        .map((rollout) => endpointsOf(rollout, limit))
        .filter((play) => play !== undefined)
        .map((play) => [`${play.taskId}#${play.sample}`, { clusters: play.clusters, value: valueOf(play, endpoint) }]),
    );
  const base = valuesOf(against);
  const differences = [...valuesOf(arm)].flatMap(([key, { clusters, value }]) => {
    const other = base.get(key);
    return other === undefined ? [] : [{ clusters, value: value - other.value }];
  });
  if (differences.length === 0) return undefined;

  const estimate = clusterBootstrap(differences, { seed: manifest.seed, draws });
  const narrow = estimate.intervalAt(0.9);
  const isUnfinished = rollouts.length < plannedPlays(manifest);
  const error = (estimate.interval.high - estimate.interval.low) / (2 * normalQuantile(0.975));
  return {
    endpoint,
    arm,
    against,
    primary: arm === manifest.primary.arm && endpoint === manifest.primary.endpoint,
    pairs: differences.length,
    difference: estimate.mean,
    interval95: estimate.interval,
    ...(isUnfinished && endpoint.startsWith('success') && { anytime95: anytimeInterval(differences) }),
    pValue: estimate.pValue,
    pValueIsBound: estimate.pValueIsBound,
    adjustedPValue: estimate.pValue,
    verdict:
      differences.length >= fewestPairs &&
      endpoint.startsWith('success') &&
      narrow.low > -margin &&
      narrow.high < margin
        ? 'equivalent'
        : 'unresolved',
    smallestVisible: (normalQuantile(0.975) + normalQuantile(0.8)) * error,
    clusters: estimate.clusters,
  };
}

/** Plays that the manifest asks for, all arms together. */
export function plannedPlays({ arms, panel, samples }: Manifest): number {
  return arms.length * panel.tasks.length * samples;
}

function anytimeInterval(differences: readonly ClusteredValue[]): Interval {
  const houses = [...Map.groupBy(differences, ({ clusters }) => clusters[0]).values()];
  const means = houses.map((pairs) => pairs.reduce((sum, { value }) => sum + value, 0) / pairs.length);
  return confidenceSequence(means, { low: -1, high: 1 }).interval;
}

function direction(difference: number, pValue: number): Verdict {
  if (pValue >= 0.05) return 'unresolved';
  return difference > 0 ? 'higher' : 'lower';
}
