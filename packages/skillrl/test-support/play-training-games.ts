import { join } from 'node:path';

import { type Episode, foldEpisode } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import { planRollouts } from '@skillrl/rollouts';
import { temporaryFolder } from '@skillrl/testing';

import { loadConfig } from '../src/config.ts';
import { withWorkers } from '../src/jobs/bench-job.ts';
import type { Serving } from '../src/jobs/open-play.ts';
import { openTrainingSets, type TrainingSets } from '../src/jobs/train-sets.ts';

/** Few generated houses, every set of its own. */
export const smallSets: TrainingSets = {
  kind: 'training',
  train: { kind: 'generated', panel: 'development', panelSeed: 'a', houses: 4, tasksPerHouse: 1 },
  evaluation: { kind: 'generated', panel: 'test', panelSeed: 'a', houses: 3, tasksPerHouse: 1 },
  gate: { kind: 'generated', panel: 'development', panelSeed: 'b', houses: 4, tasksPerHouse: 1 },
  canary: 2,
};

/** Plays the training games of `smallSets`, so many times each, as rollouts to train on are played. */
export async function playTrainingGames(
  samples: number,
  serving: readonly Serving[] = [{ model: 'builtin:warm', revision: 0, temperature: 1, isHalf: false }],
): Promise<Episode[][]> {
  const folder = temporaryFolder();
  const { config } = await loadConfig({ environment: {}, flags: { folder, workers: 2, model: 'builtin:warm' } });
  const database = join(folder, 'run.db');
  await sqlite({ path: database }).close();
  const { environment, train } = await openTrainingSets(smallSets);
  await environment.close();
  return withWorkers({ config, games: smallSets, database, revision: 0 }, async (pool) => {
    const played: Episode[][] = [];
    for (const each of serving) {
      await pool.serve(each);
      const arms = each.isHalf ? ['none', 'entries'] : ['none'];
      const specs = planRollouts({ suite: 's', arms, tasks: train, samples, purpose: 'train' });
      const waiting = [...specs];
      const episodes: Episode[] = [];
      await Promise.all(
        Array.from({ length: pool.parallel }, async () => {
          for (let spec = waiting.shift(); spec !== undefined; spec = waiting.shift()) {
            const episode = foldEpisode(await pool.run(spec));
            if (episode !== undefined) episodes.push(episode);
          }
        }),
      );
      played.push(episodes);
    }
    return played;
  });
}
