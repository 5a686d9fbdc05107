import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { seededRandom } from '@skillrl/signals';
import { temporaryFolder } from '@skillrl/testing';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';

import type { RolloutRow } from './rollout-row.ts';
import { rolloutFormats, writeRollouts } from './write-rollouts.ts';

/** Rows of every length from none on, with every value that may be missing missing somewhere. */
function someRows(count: number): RolloutRow[] {
  const random = seededRandom(5);
  return Array.from({ length: count }, (_, index) => {
    const mask = Array.from({ length: index % 40 }, () => random() < 0.5);
    return {
      run_id: 'r',
      iteration: 1 + (index % 3),
      episode_id: `episode_${index}`,
      group_id: `g${index % 7}`,
      task_id: 'valid/täsk "1"',
      side: index % 2 === 0 ? 'none' : 'entries',
      sequence: 0,
      policy_version: index,
      tokenizer: 't',
      input_ids: mask.map(() => Math.floor(random() * 832)),
      completion_mask: mask,
      old_log_probs: mask.map((sampled) => (sampled ? Math.fround(-random() * 9) : 0)),
      advantages: mask.map((sampled) => (sampled ? Math.fround(random() - 0.5) : 0)),
      advantage: random() - 0.5,
      weight: index % 2,
      reward: index % 5 === 0 ? null : random(),
      success: index % 5 === 0 ? null : random() < 0.5,
      steps: index,
      confidence: index % 3 === 0 ? null : 0.4,
    };
  });
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

async function read(path: string): Promise<unknown[]> {
  if (!path.endsWith('.parquet'))
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  return parquetReadObjects({ file: await asyncBufferFromFile(path) });
}

describe.each(rolloutFormats)('writeRollouts as %s', (format) => {
  it.each([0, 1, 2_345])('gives %i rows back as they were', async (count) => {
    const path = join(temporaryFolder(), `rows.${format}`);
    const rows = someRows(count);
    expect(await writeRollouts(path, format, each(rows))).toBe(count);
    expect(await read(path)).toEqual(rows);
  });

  it('leaves nothing when the rows end in an error', async () => {
    const folder = temporaryFolder();
    const failing = async function* (): AsyncGenerator<RolloutRow> {
      yield* someRows(3);
      throw new Error('gone');
    };
    await expect(writeRollouts(join(folder, `rows.${format}`), format, failing())).rejects.toThrow('gone');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder that is not there', async () => {
    const path = join(temporaryFolder(), 'no', `rows.${format}`);
    await expect(writeRollouts(path, format, each(someRows(1)))).rejects.toMatchObject({ boundary: 'file' });
    expect(existsSync(path)).toBe(false);
  });
});

it('types the columns of a Parquet file as Arrow reads them: lists of 32-bit ids, booleans and 32-bit floats', async () => {
  const path = join(temporaryFolder(), 'rows.parquet');
  await writeRollouts(path, 'parquet', each(someRows(3)));
  const { schema } = await parquetMetadataAsync(await asyncBufferFromFile(path));
  const elements = schema.filter(({ name }) => name === 'element').map(({ type }) => type);
  expect(elements).toEqual(['INT32', 'BOOLEAN', 'FLOAT', 'FLOAT']);
});
