import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { temporaryFolder, writeTinyCheckpoint, writeTinyModel } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { builtinPolicyFolder } from '../models/builtin-policy.ts';
import { answerChanges } from './answer-changes.ts';
import { policyRegistry } from './policy-registry.ts';
import { readExport } from './read-export.ts';
import { openSafetensors } from './safetensors.ts';
import { weightChanges } from './weight-changes.ts';

const tiny = (number: number) =>
  writeTinyCheckpoint(join(temporaryFolder(), `v${number}`), { version: `v${number}`, seed: number });
const builtin = (name: 'base' | 'warm', file: string): string => join(builtinPolicyFolder(name), file);
const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('policyRegistry', () => {
  it('takes a checkpoint in with the hashes of all its files, and finds it again', async () => {
    const folder = join(temporaryFolder(), 'policies');
    const registry = policyRegistry({ folder });
    expect(await registry.list()).toEqual([]);
    const one = tiny(1);
    const added = await registry.add(one);
    expect(added).toMatchObject({ version: 'v1', path: join(folder, 'v1'), sha256: one.sha256 });
    expect(Object.keys(added.files ?? {})).toHaveLength(6);
    rmSync(one.path, { recursive: true });
    const again = policyRegistry({ folder });
    expect(await again.get('v1')).toEqual(added);
    expect(await again.list()).toEqual([{ ...added, status: 'candidate', liveAt: [] }]);
    expect(await again.add({ ...added, path: added.path })).toEqual(added);
  });

  it('keeps what became of each version', async () => {
    const registry = policyRegistry({ folder: temporaryFolder() });
    for (const number of [1, 2, 3]) await registry.add(tiny(number));
    const live = (version: string, kind: 'publish' | 'rollback' = 'publish') =>
      registry.record({ at: 1, server: 'llama-cpp', version, kind });
    await live('v1');
    await live('v2');
    await live('v1', 'rollback');
    expect((await registry.list()).map(({ version, status, liveAt }) => [version, status, liveAt])).toEqual([
      ['v1', 'live', ['llama-cpp']],
      ['v2', 'rolled back', []],
      ['v3', 'candidate', []],
    ]);
  });

  it.each([
    ['CHECKPOINT_CORRUPT', (path: string) => truncateSync(join(path, 'model.safetensors'), 100)],
    ['CHECKPOINT_CORRUPT', (path: string) => writeFileSync(join(path, 'model-f16.gguf'), 'GGUF')],
    ['CHECKPOINT_INCOMPLETE', (path: string) => rmSync(join(path, 'tokenizer.json'))],
    ['CHECKPOINT_INCOMPLETE', (path: string) => rmSync(join(path, 'adapter', 'adapter_config.json'))],
  ])('refuses with %s what is not whole, and leaves nothing of it', async (code, damage) => {
    const folder = temporaryFolder();
    const one = tiny(1);
    damage(one.path);
    await expect(policyRegistry({ folder }).add(one)).rejects.toMatchObject({ code });
    expect(readdirSync(folder).filter((name) => name !== '.lock')).toEqual([]);
  });

  it('refuses other weights under a name, a name that is none, and a version that is not there', async () => {
    const registry = policyRegistry({ folder: temporaryFolder() });
    await registry.add(tiny(1));
    await expect(registry.add({ ...tiny(2), version: 'v1' })).rejects.toMatchObject({ code: 'VERSION_EXISTS' });
    await expect(registry.add({ ...tiny(2), version: '../v2' })).rejects.toMatchObject({ code: 'VERSION_INVALID' });
    for (const version of ['v2', '../v1', ''])
      await expect(registry.get(version)).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
  });

  it('refuses a GGUF file of another vocabulary than the manifest names', async () => {
    const one = tiny(1);
    const other = { ...one, tokenizer: 'd'.repeat(64) };
    await expect(policyRegistry({ folder: temporaryFolder() }).add(other)).rejects.toMatchObject({
      code: 'CHECKPOINT_OTHER_TOKENIZER',
    });
  });
});

describe('readExport', () => {
  it('takes weights that name no base for a base', async () => {
    const found = await readExport(builtinPolicyFolder('warm'), { version: 'v0', createdAt: 5 });
    const sha256 = hash(builtin('warm', 'model.safetensors'));
    expect(found).toMatchObject({ version: 'v0', kind: 'full', base: sha256, sha256, createdAt: 5 });
    expect(found.tokenizer).toMatch(/^[0-9a-f]{64}$/);
  });

  it('refuses a folder that no trainer exported', async () => {
    const refusal = { code: 'CHECKPOINT_INCOMPLETE', hint: expect.any(String) as string };
    await expect(readExport(temporaryFolder(), { version: 'v0', createdAt: 5 })).rejects.toMatchObject(refusal);
  });
});

describe('weightChanges', () => {
  it('finds no change between a file and itself, and every part moved between the two built-in policies', async () => {
    const [warm, base] = [builtin('warm', 'model.safetensors'), builtin('base', 'model.safetensors')];
    const same = await weightChanges(warm, warm);
    expect(same.map(({ part }) => part)).toEqual([
      'embedding',
      ...[0, 1, 2, 3].flatMap((layer) => [`layer ${layer} attention`, `layer ${layer} feed-forward`]),
      'norms',
    ]);
    expect(same.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(1_404_320);
    expect(same.every(({ changed, distance }) => changed === 0 && distance === 0)).toBe(true);
    const moved = await weightChanges(warm, base);
    expect(moved.every(({ relative, changed }) => relative > 0.01 && changed > 0)).toBe(true);
  });

  it('reads halves as they are: the norm of a part equals what its numbers give', async () => {
    await using file = await openSafetensors(builtin('warm', 'model.safetensors'));
    const norm = file.tensors.find(({ name }) => name === 'model.norm.weight');
    const values = await norm!.values();
    expect(values).toHaveLength(160);
    // An RMS norm's gains start at 1 and stay near it.
    expect(values.every((value) => value > 0.05 && value < 20)).toBe(true);
  });

  it('refuses files that do not fit each other or are none', async () => {
    const one = join(tiny(1).path, 'model.safetensors');
    await expect(weightChanges(one, builtin('warm', 'model.safetensors'))).rejects.toMatchObject({
      code: 'POLICIES_DIFFER',
    });
    truncateSync(one, 200);
    await expect(weightChanges(one, one)).rejects.toMatchObject({ code: 'SAFETENSORS_INVALID' });
    await expect(weightChanges('nosuch', one)).rejects.toMatchObject({ code: 'SAFETENSORS_INVALID' });
  });
});

describe('answerChanges', () => {
  const texts = ['task put apple in desk\n> go to desk 1\n', 'task find mug\n'];

  it('finds none between a model and itself', async () => {
    const path = builtin('warm', 'model-f16.gguf');
    expect(await answerChanges(path, path, texts)).toMatchObject({
      texts: 2,
      meanLogprobDifference: 0,
      divergence: 0,
      agreement: 1,
    });
  });

  it('finds some between two, more the one way than nothing', async () => {
    const found = await answerChanges(builtin('warm', 'model-f16.gguf'), builtin('base', 'model-f16.gguf'), texts);
    expect(found.divergence).toBeGreaterThan(0);
    expect(found.meanLogprobDifference).toBeGreaterThan(0);
    expect(found.largestLogprobDifference).toBeGreaterThanOrEqual(found.meanLogprobDifference);
    expect(found.agreement).toBeGreaterThan(0);
    expect(found.agreement).toBeLessThanOrEqual(1);
  });

  it('refuses models of different vocabularies', async () => {
    const path = join(temporaryFolder(), 'tiny.gguf');
    writeTinyModel(path);
    expect(existsSync(path)).toBe(true);
    await expect(answerChanges(path, builtin('warm', 'model-f16.gguf'), texts)).rejects.toMatchObject({
      code: 'POLICIES_DIFFER',
    });
  });
});
