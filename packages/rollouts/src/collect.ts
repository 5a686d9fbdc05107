import {
  type Episode,
  type EpisodeEvent,
  type EpisodeStore,
  foldEpisode,
  noProgress,
  type Progress,
  type Rollout,
  type RolloutSpec,
} from '@skillrl/core';

import { episodeIdOf } from './run-episode.ts';

/** Runs one rollout somewhere: here, in a worker thread, on another machine. */
export interface RolloutRunner {
  /** How many rollouts it can run at a time, ≥ 1. */
  readonly parallel: number;
  /** @returns the whole episode as events. Throws only when aborted or when the runner itself is broken. */
  run(spec: RolloutSpec, signal?: AbortSignal): Promise<readonly EpisodeEvent[]>;
  close(): Promise<void>;
}

export interface CollectOptions {
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
  /** Names the work in progress events. Default `rollouts`. */
  readonly stage?: string;
  /** Whether stored rollouts that errored are played again, each as a new attempt: an outage costs no plays. Default `true`. */
  readonly retryErrored?: boolean;
}

/**
 * Runs a plan: what the store already holds is taken from there, the rest runs `runner.parallel` at a time and is stored as soon as it is
 * finished. Kill it and call it again: the result is the same. Each call gives what errored before it one more attempt, identically planned;
 * the last attempt counts.
 *
 * @returns one rollout a spec, in the order of the plan.
 * @throws the signal's reason when aborted; finished rollouts are stored.
 */
export async function collect(
  specs: readonly RolloutSpec[],
  runner: RolloutRunner,
  episodes: EpisodeStore,
  options: CollectOptions = {},
): Promise<readonly Rollout[]> {
  const { signal, progress = noProgress, stage = 'rollouts', retryErrored = true } = options;
  const startedAt = Date.now();
  const rollouts = new Map<string, Rollout>();
  const waiting: { readonly spec: RolloutSpec; readonly attempt: RolloutSpec }[] = [];
  for (const spec of specs) {
    const { episode, next } = await lastAttempt(spec, episodes);
    const isMissing = episode === undefined || (retryErrored && episode.outcome?.status === 'errored');
    if (isMissing) waiting.push({ spec, attempt: next });
    else rollouts.set(spec.id, { spec, episode });
  }

  progress({ type: 'stage-start', stage, total: specs.length, unit: 'episodes' });
  if (rollouts.size > 0)
    progress({ type: 'stage-advance', stage, done: rollouts.size, total: specs.length, note: 'already finished' });

  const broken = new AbortController();
  const stop = signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]);
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { spec, attempt } = next;
      stop.throwIfAborted();
      const events = await runner.run(attempt, stop);
      await episodes.append(events);
      rollouts.set(spec.id, { spec, episode: folded(events) });
      progress({ type: 'stage-advance', stage, done: rollouts.size, total: specs.length });
    }
  };
  const workers = Array.from({ length: Math.max(1, runner.parallel) }, async () => {
    try {
      await worker();
    } catch (error) {
      broken.abort(error);
      throw error;
    }
  });
  const settled = await Promise.allSettled(workers);
  signal?.throwIfAborted();
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw broken.signal.reason;

  progress({ type: 'stage-end', stage, done: rollouts.size, durationMs: Date.now() - startedAt });
  return specs.map((spec) => rollouts.get(spec.id)).filter((rollout) => rollout !== undefined);
}

/** The last finished attempt at a rollout, and the one that would come after it. */
async function lastAttempt(
  spec: RolloutSpec,
  episodes: EpisodeStore,
): Promise<{ readonly episode: Episode | undefined; readonly next: RolloutSpec }> {
  let episode: Episode | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const next = attempt === 1 ? spec : { ...spec, attempt };
    const found = await episodes.episode(episodeIdOf(next));
    if (found?.end === undefined) return { episode, next };
    episode = found;
  }
}

function folded(events: readonly EpisodeEvent[]): Episode {
  const episode = foldEpisode(events);
  if (episode === undefined) throw new Error('A runner returned events without an episode-start.');
  return episode;
}
