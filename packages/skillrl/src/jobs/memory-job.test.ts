import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sqlite } from '@skillrl/drivers';
import { temporaryFolder, writeTinyModel } from '@skillrl/testing';
import { beforeAll, describe, expect, it } from 'vitest';

import { type Config, loadConfig } from '../config.ts';
import { mainJob } from './main-job.ts';
import { type MemoryJobPlan, runMemoryJob } from './memory-job.ts';

// A model with random weights plays badly, and everything around it must work all the same.
describe('runMemoryJob', () => {
  const plan: MemoryJobPlan = mainJob({ panelSeed: 'test', houses: 2, tasksPerHouse: 1, learningTasksPerHouse: 1 });
  let config: Config;
  beforeAll(async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'tiny.gguf');
    writeTinyModel(path);
    ({ config } = await loadConfig({
      environment: {},
      flags: { folder: join(folder, 'project'), model: `llama:${path}`, workers: 2 },
    }));
  });

  it('stops when it is told to, goes on where it stopped, and ends with what an uninterrupted run ends with', async () => {
    const whole = await runMemoryJob({ ...config, folder: `${config.folder}-whole` }, plan);

    const stop = new AbortController();
    const progress = (event: { type: string; done?: number; stage?: string }): void => {
      if (event.type === 'stage-advance' && event.stage === 'games to learn from' && event.done === 1) stop.abort();
    };
    await expect(runMemoryJob(config, plan, { signal: stop.signal, progress })).rejects.toMatchObject({
      name: 'AbortError',
    });
    const resumed = await runMemoryJob(config, plan);

    expect(resumed.report.arms).toEqual(whole.report.arms);
    expect(resumed.report.contrasts).toEqual(whole.report.contrasts);
    expect(resumed.report.manifest.id).toBe(whole.report.manifest.id);
  }, 120_000);

  it('writes the manifest, the report as data and as a page, and one episode a play', async () => {
    const { folder, report } = await runMemoryJob(config, plan);
    expect(existsSync(folder.manifest) && existsSync(folder.page)).toBe(true);
    expect((JSON.parse(readFileSync(folder.report, 'utf8')) as typeof report).arms).toEqual(report.arms);
    const store = sqlite({ path: folder.database });
    const episodes = await Array.fromAsync(store.episodes.episodes());
    await store.close();
    expect(episodes.map(({ purpose }) => purpose).toSorted()).toEqual([
      ...Array.from({ length: 6 }, () => 'test'),
      'train',
      'train',
    ]);
    expect(episodes.every(({ end }) => end !== undefined)).toBe(true);
  }, 60_000);

  it('refuses arms that lack what is compared', async () => {
    await expect(runMemoryJob(config, { ...plan, arms: ['skills'] })).rejects.toMatchObject({ code: 'ARM_MISSING' });
  });
});
