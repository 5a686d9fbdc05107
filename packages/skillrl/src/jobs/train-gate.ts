import type { EpisodeStore, ServedVersion, Task } from '@skillrl/core';
import { collect, keyedSeed, planRollouts } from '@skillrl/rollouts';
import { type GatePair, wonOrLost } from '@skillrl/training';

import { evaluationTemperature } from './train-evaluation.ts';
import type { TrainNews } from './train-news.ts';
import type { TrainManifest } from './train-plan.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface GatePlay {
  readonly manifest: TrainManifest;
  /** Games of the gate, of no other use. */
  readonly tasks: readonly Task[];
  readonly pool: WorkerPool;
  readonly episodes: EpisodeStore;
  readonly signal: AbortSignal;
  readonly progress: (news: TrainNews) => void;
  readonly candidate: ServedVersion;
  readonly live: ServedVersion;
  readonly pairs: number;
  readonly iteration: number;
}

/**
 * Plays the candidate and the live version on the gate's games, without entries, with draws of this iteration's own and equal for both. What is
 * stored is not played again.
 */
export async function playGatePairs(gate: GatePlay): Promise<readonly GatePair[]> {
  const candidate = await playVersion(gate, gate.candidate);
  const live = await playVersion(gate, gate.live);
  return candidate.flatMap(({ taskId, won }, index) => {
    const other = live[index]?.won;
    return won === undefined || other === undefined ? [] : [{ taskId, candidate: won, live: other }];
  });
}

async function playVersion(
  { manifest, tasks, pool, episodes, signal, progress, pairs, iteration }: GatePlay,
  version: ServedVersion,
): Promise<{ readonly taskId: string; readonly won: number | undefined }[]> {
  await pool.serve({ model: version.model, revision: 0, temperature: evaluationTemperature, isHalf: false });
  const specs = planRollouts({
    suite: `${manifest.id}/gate-${iteration}/${version.version}`,
    arms: ['none'],
    tasks,
    samples: Math.ceil(pairs / tasks.length),
    purpose: 'gate',
    seed: keyedSeed([manifest.recipe.seed, 'gate', iteration]),
  }).slice(0, pairs);
  const rollouts = await collect(specs, pool, episodes, { stage: `gate: ${version.version}`, signal, progress });
  return rollouts.map(({ episode }) => ({ taskId: episode.task.id, won: wonOrLost(episode) }));
}
