import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Report } from '@skillrl/bench';
import { sqlite } from '@skillrl/drivers';
import { aLesson, temporaryFolder } from '@skillrl/testing';
import { beforeAll, describe, expect, it } from 'vitest';

import { type Config, loadConfig } from '../config.ts';
import { projectFolder, type RunFolder } from '../project-folder.ts';
import { mainJob } from './main-job.ts';
import { type MemoryJobPlan, runMemoryJob } from './memory-job.ts';

describe('runMemoryJob', () => {
  const plan: MemoryJobPlan = mainJob({ panelSeed: 'test', houses: 2, tasksPerHouse: 1, learningTasksPerHouse: 3 });
  let config: Config;
  beforeAll(async () => {
    const folder = temporaryFolder();
    ({ config } = await loadConfig({ environment: {}, flags: { folder: join(folder, 'project'), workers: 2 } }));
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

    expect(whole.learned.added.length).toBeGreaterThan(4);
    expect(whole.report.arms.every(({ plays }) => plays === 2)).toBe(true);
    expect(withoutTimes(resumed.report)).toEqual(withoutTimes(whole.report));
    expect(await bankOf(resumed.folder)).toEqual(await bankOf(whole.folder));
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
      ...Array.from({ length: 6 }, () => 'train'),
    ]);
    expect(episodes.every(({ end }) => end !== undefined)).toBe(true);
  }, 60_000);

  it('is played by one process at a time', async () => {
    const results = await Promise.allSettled([1, 2].map(() => runMemoryJob(config, plan)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'LOCKED' } });
  }, 60_000);

  it('learns in a retry from the first attempts alone, into a bank of the run', async () => {
    const { folder, learned } = await runMemoryJob(config, { ...plan, protocol: 'retry', arms: ['none', 'skills'] });
    expect(learned.read).toBe(2);
    expect((await bankOf(folder)).length).toBeGreaterThan(0);
    const project = sqlite({ path: projectFolder(config.folder).database });
    expect(await project.entries.revision()).toBe(0);
    await project.close();
  }, 60_000);

  it('stops when the bank holds an entry that was learned from the panel', async () => {
    const { folder, report } = await runMemoryJob(config, plan);
    const store = sqlite({ path: folder.database });
    const taskId = report.manifest.panel.tasks[0]!.id;
    const evidence = [{ episodeId: 'e', taskId, hash: 'x', trusted: true }];
    await store.entries.commit({
      namespace: 'default',
      reason: 'A leak.',
      put: [aLesson({ id: 'leak', status: 'trial', evidence })],
    });
    await store.close();
    await expect(runMemoryJob(config, plan)).rejects.toMatchObject({ code: 'PANEL_LEAK' });
  }, 60_000);

  it('refuses arms that lack what is compared', async () => {
    await expect(runMemoryJob(config, { ...plan, arms: ['skills'] })).rejects.toMatchObject({ code: 'ARM_MISSING' });
  });
});

function withoutTimes({ manifest: { createdAt: _createdAt, ...manifest }, ...report }: Report): unknown {
  return { ...report, manifest };
}

async function bankOf({ database }: RunFolder): Promise<unknown[]> {
  const store = sqlite({ path: database });
  const view = await store.entries.view('default');
  const entries = await Array.fromAsync(view.list());
  await store.close();
  return entries.map(({ createdAt: _createdAt, ...entry }) => entry);
}
