import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { builtinPolicyFolder } from '@skillrl/drivers';
import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { baselines } from '@skillrl/training';
import { beforeAll, describe, expect, it } from 'vitest';

import { playTrainingGames } from '../../test-support/play-training-games.ts';
import { aTrainingManifest } from '../../test-support/training-manifests.ts';
import type { RolloutRow } from './rollout-row.ts';
import { rolloutRows } from './rollout-rows.ts';
import { rolloutFormats, writeRollouts } from './write-rollouts.ts';

interface Loaded {
  readonly rows: number;
  readonly features: Readonly<Record<string, string>>;
  readonly first: Pick<RolloutRow, 'input_ids' | 'old_log_probs' | 'completion_mask'>;
  readonly trained_tokens: number;
  readonly loss: number;
}

describeWith(requirement('python'), 'exported rollouts in Python', () => {
  let python: string;
  let rows: RolloutRow[];
  beforeAll(async () => {
    const requirements = fileURLToPath(new URL('../../../../apps/trainer/requirements-long.txt', import.meta.url));
    const { ensurePythonEnvironment } = (await import(
      new URL('../../../../scripts/python-environment.mjs', import.meta.url).href
    )) as { ensurePythonEnvironment(options: object): Promise<string> };
    python = await ensurePythonEnvironment({ name: 'trainer-long', requirements });
    const [episodes = []] = await playTrainingGames(2);
    const [record] = aTrainingManifest(1).groups;
    rows = [...Map.groupBy(episodes, ({ task }) => task.id)].flatMap(([taskId, group]) =>
      rolloutRows(
        { run: 'r', iteration: 1, recipe: baselines.grpo, policyVersion: 0, record: { ...record!, taskId } },
        group,
      ),
    );
  }, 600_000);

  describe.each(rolloutFormats)('as %s', (format) => {
    it('are loaded by datasets as they were, and TRL trains on what the policy sampled and on nothing else', async () => {
      const folder = temporaryFolder();
      const path = join(folder, `rows.${format}`);
      await writeRollouts(path, format, each(rows));
      const program = fileURLToPath(new URL('../../test-support/load-rollouts.py', import.meta.url));
      const env = { ...process.env, HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: '1', HF_HOME: folder };
      const { stdout } = await promisify(execFile)(python, [program, path, builtinPolicyFolder('warm'), folder], {
        env,
        maxBuffer: 1 << 26,
      });
      const loaded = JSON.parse(stdout.trim().split('\n').at(-1)!) as Loaded;

      expect(loaded.rows).toBe(rows.length);
      const { input_ids, completion_mask, old_log_probs } = rows[0]!;
      expect(loaded.first).toEqual({ input_ids, completion_mask, old_log_probs: old_log_probs.map(close) });
      if (format === 'parquet')
        expect(loaded.features).toMatchObject({
          input_ids: expect.stringContaining('int32'),
          completion_mask: expect.stringContaining('bool'),
          old_log_probs: expect.stringContaining('float32'),
        });
      const sampled = rows.map((row) => row.completion_mask.filter(Boolean).length);
      // Four of the rows, whichever TRL draws.
      const ordered = sampled.toSorted((a, b) => a - b);
      const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
      expect(loaded.trained_tokens).toBeGreaterThanOrEqual(sum(ordered.slice(0, 4)));
      expect(loaded.trained_tokens).toBeLessThanOrEqual(sum(ordered.slice(-4)));
      expect(loaded.loss).toBeGreaterThan(0);
      // What the policy sampled itself is likely to it: far from the ln 832 of a model that was not loaded.
      expect(loaded.loss).toBeLessThan(2);
    }, 300_000);
  });
});

function close(value: number): unknown {
  return expect.closeTo(value, 5);
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}
