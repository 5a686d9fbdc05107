import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { runFolder, shortRecipe, shortTraining } from '../../test-support/short-training.ts';
import { loadConfig } from '../config.ts';
import { replaceFile } from './durable-file.ts';
import { resumeTrainJob } from './train-job.ts';
import type { TrainManifest } from './train-plan.ts';

/** Nothing answers there: a run is planned and goes no further. */
const trainer = { url: 'http://127.0.0.1:9/api/v1' };

describe('resumeTrainJob', () => {
  it('refuses other settings than the run was begun with, and other code', async () => {
    const folder = join(temporaryFolder(), 'project');
    const recipe = { ...shortRecipe, memory: 'half' as const };
    const planned = shortTraining(folder, { recipe }, { trainer, signal: AbortSignal.abort() });
    await expect(planned).rejects.toMatchObject({ name: 'AbortError' });
    const path = join(runFolder(folder), 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as TrainManifest;
    const resume = async (flags: object): Promise<unknown> => {
      const { config } = await loadConfig({ environment: {}, flags: { folder, ...flags } });
      return resumeTrainJob(config, manifest.id, { trainer, signal: AbortSignal.abort() });
    };

    await expect(resume({})).rejects.toMatchObject({ name: 'AbortError' });
    await expect(resume({ workers: 1 })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(resume({ budgetTokens: 100, namespace: 'other' })).rejects.toMatchObject({
      code: 'RUN_OTHER_SETTINGS',
      message: `The run '${manifest.id}' was begun with budgetTokens 400, which is 100 now; namespace default, which is other now.`,
    });
    replaceFile(path, JSON.stringify({ ...manifest, versions: { ...manifest.versions, base: 'another' } }));
    await expect(resume({})).rejects.toMatchObject({ code: 'RUN_OTHER_SETTINGS' });
    replaceFile(path, JSON.stringify({ ...manifest, versions: { ...manifest.versions, code: 'another' } }));
    await expect(resume({})).rejects.toMatchObject({ code: 'RUN_OTHER_CODE' });
  }, 60_000);
});
