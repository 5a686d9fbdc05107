import type { Rollout } from '@skillrl/core';
import { clusterBootstrap, type Interval, wilsonInterval } from '@skillrl/signals';

import { endpointsOf, type PlayEndpoints, valueOf } from './endpoints.ts';
import type { EndpointName, Manifest } from './manifest.ts';
import { endpointNames } from './manifest.ts';

export interface EndpointSummary {
  readonly endpoint: EndpointName;
  readonly mean: number;
  readonly interval95: Interval;
}

export interface ArmSummary {
  readonly arm: string;
  /** Plays in the denominator. */
  readonly plays: number;
  /** Left out of the denominator, shown beside it. */
  readonly errored: number;
  readonly truncated: number;
  readonly endpoints: readonly EndpointSummary[];
  readonly adviceTokens: number;
  /** Share of plays won within 0, 1, 2, … steps, up to the limit. */
  readonly successBySteps: readonly number[];
  readonly byType: readonly { readonly type: string; readonly plays: number; readonly successes: number }[];
}

/**
 * One arm's numbers. Shares of games played once in houses of their own get a Wilson interval; where games share a house or are played
 * several times, plays are not independent and a cluster bootstrap (house → game → play) gives the interval.
 */
export function summariseArm(
  arm: string,
  rollouts: readonly Rollout[],
  manifest: Pick<Manifest, 'successWithin' | 'seed'>,
): ArmSummary {
  const limit = manifest.successWithin.at(-1) ?? 0;
  const own = rollouts.filter(({ spec }) => spec.arm === arm);
  const plays = own.map((rollout) => endpointsOf(rollout, limit)).filter((play) => play !== undefined);
  return {
    arm,
    plays: plays.length,
    errored: own.filter(({ episode }) => episode.outcome?.status === 'errored').length,
    truncated: own.filter(({ episode }) => episode.outcome?.status === 'truncated').length,
    endpoints:
      plays.length === 0
        ? []
        : endpointNames(manifest.successWithin).map((endpoint) => summariseEndpoint(plays, endpoint, manifest.seed)),
    adviceTokens: mean(plays.map((play) => play.adviceTokens)),
    successBySteps: Array.from({ length: limit + 1 }, (_, steps) =>
      mean(plays.map((play) => (play.success && play.steps <= steps ? 1 : 0))),
    ),
    byType: [...Map.groupBy(plays, (play) => play.type)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([type, ofType]) => ({
        type,
        plays: ofType.length,
        successes: ofType.filter((play) => play.success).length,
      })),
  };
}

function summariseEndpoint(plays: readonly PlayEndpoints[], endpoint: EndpointName, seed: number): EndpointSummary {
  const values = plays.map((play) => ({ clusters: play.clusters, value: valueOf(play, endpoint) }));
  const houses = new Set(plays.map((play) => play.clusters[0]));
  if (endpoint.startsWith('success') && houses.size === plays.length) {
    const successes = values.reduce((sum, { value }) => sum + value, 0);
    return { endpoint, mean: successes / plays.length, interval95: wilsonInterval(successes, plays.length) };
  }
  const estimate = clusterBootstrap(values, { seed });
  return { endpoint, mean: estimate.mean, interval95: estimate.interval };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
