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
}

/**
 * Runs a plan: what the store already holds is taken from there, the rest runs `runner.parallel` at a time and is stored as soon as it is
 * finished. Kill it and call it again: the result is the same.
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
  const { signal, progress = noProgress, stage = 'rollouts' } = options;
  const startedAt = Date.now();
  const rollouts = new Map<string, Rollout>();
  for (const spec of specs) {
    const episode = await episodes.episode(episodeIdOf(spec));
    if (episode?.end !== undefined) rollouts.set(spec.id, { spec, episode });
  }

  progress({ type: 'stage-start', stage, total: specs.length, unit: 'episodes' });
  if (rollouts.size > 0)
    progress({ type: 'stage-advance', stage, done: rollouts.size, total: specs.length, note: 'already finished' });

  const waiting = specs.filter((spec) => !rollouts.has(spec.id));
  const broken = new AbortController();
  const stop = signal === undefined ? broken.signal : AbortSignal.any([signal, broken.signal]);
  const worker = async (): Promise<void> => {
    for (let spec = waiting.shift(); spec !== undefined; spec = waiting.shift()) {
      stop.throwIfAborted();
      const events = await runner.run(spec, stop);
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

function folded(events: readonly EpisodeEvent[]): Episode {
  const episode = foldEpisode(events);
  if (episode === undefined) throw new Error('A runner returned events without an episode-start.');
  return episode;
}
