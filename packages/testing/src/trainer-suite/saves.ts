import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TrainableModel } from '@skillrl/core';
import { expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { aSample, crossEntropy, missing, type TrainerBench } from './bench.ts';

/** Saves, going back to them, and what is written for model servers. */
export function testSaves({ options, trainer, model, train, has, expectNear }: TrainerBench): void {
  const sample = aSample(1);
  const logprobs = async (opened: TrainableModel) => (await opened.forward([sample])).logprobs;
  const trained = async (steps = 3): Promise<TrainableModel> => {
    const opened = await model();
    for (let step = 0; step < steps; step += 1) await train(opened, [sample]);
    return opened;
  };

  it('goes back to a save: the same weights, and the same next step', async () => {
    const opened = await trained();
    const { path, sha256 } = await opened.save('three');
    if (sha256 !== undefined) expect(sha256).toMatch(/^[\da-f]{64}$/);
    const atSave = await logprobs(opened);
    await train(opened, [aSample(2)]);
    const next = await logprobs(opened);
    await train(opened, [aSample(3)]);
    await opened.load(path);
    expectNear(await logprobs(opened), atSave);
    // Without the optimizer's moments this step would be another one.
    await opened.forwardBackward([aSample(2)], crossEntropy);
    const { step } = await opened.step({ learningRate: options.learningRate ?? 0.05 });
    expect(step).toBe(has('step-counts') ? 4 : 1);
    expectNear(await logprobs(opened), next);
  });

  it('loads the save of another model with the same base', async () => {
    const opened = await trained();
    const { path } = await opened.save('three');
    const other = await model();
    await other.load(path);
    expectNear(await logprobs(other), await logprobs(opened));
    await opened.close();
    await other.load(path);
  });

  it('keeps a save as it was, and refuses its name a second time', async () => {
    const opened = await trained(1);
    const { path } = await opened.save('one');
    const atSave = await logprobs(opened);
    await train(opened, [sample]);
    await expect(opened.save('one')).rejects.toMatchObject({ code: 'CHECKPOINT_EXISTS' });
    await opened.save('two');
    await opened.load(path);
    expectNear(await logprobs(opened), atSave);
  });

  it('refuses names that are none', async () => {
    const opened = await model();
    for (const name of ['', '..', 'a/b', '../a', 'ä', 'a b', 'a'.repeat(65)])
      await expect(opened.save(name)).rejects.toMatchObject({ code: 'NAME_INVALID' });
    await opened.save('a-B_1');
  });

  it('refuses a save that is not there, and stays as it is', async () => {
    const opened = await trained(1);
    const { path } = await opened.save('one');
    const before = await logprobs(opened);
    const never = `${path.slice(0, -'one'.length)}never`;
    await expect(opened.load(never)).rejects.toMatchObject({ code: 'CHECKPOINT_UNKNOWN' });
    expectNear(await logprobs(opened), before);
  });

  it('refuses a save of another base', async (context) => {
    context.skip(options.otherBase === undefined, 'the trainer has one base');
    const opened = await trained(1);
    const { path } = await opened.save('one');
    const other = await (await trainer()).open({ base: options.otherBase ?? '', form: options.form });
    const before = await logprobs(other);
    await expect(other.load(path)).rejects.toMatchObject({ code: 'CHECKPOINT_OTHER_BASE' });
    expectNear(await logprobs(other), before);
    await other.close();
  });

  it('saves no gathered gradient, and a load forgets it', async () => {
    const opened = await trained(1);
    const { path } = await opened.save('one');
    await opened.forwardBackward([sample], crossEntropy);
    await expect(opened.save('two')).rejects.toMatchObject({ code: 'GRADIENT_PENDING' });
    await opened.load(path);
    await expect(opened.step({ learningRate: 0 })).rejects.toMatchObject({ code: 'GRADIENT_MISSING' });
    await opened.save('two');
  });

  it('is found again, and computes once a save is loaded', async () => {
    const first = await trainer();
    const opened = await first.open({ base: options.base, form: options.form });
    await train(opened, [sample]);
    const { path } = await opened.save('one');
    const atSave = await logprobs(opened);
    await train(opened, [sample]);
    await opened.forwardBackward([sample], crossEntropy);
    await first.close();
    const again = await (await trainer()).reopen(opened.id);
    if (!has('reopening')) return expect(again).toBeUndefined();
    expect(again?.info).toEqual(opened.info);
    await expect(again?.step({ learningRate: 0 })).rejects.toMatchObject({ code: 'TRAINER_RESTARTED' });
    await again?.load(path);
    expectNear(await logprobs(again as TrainableModel), atSave);
    await again?.close();
    expect(await (await trainer()).reopen(opened.id)).toBeUndefined();
  });

  it('exports a whole folder, and nothing beside it', async () => {
    const opened = await trained(1);
    const parent = temporaryFolder();
    const folder = join(parent, 'v1');
    if (!has('export')) {
      await expect(opened.exportWeights('v1', folder)).rejects.toMatchObject(missing);
      return expect(readdirSync(parent)).toEqual([]);
    }
    const { sha256 } = await opened.exportWeights('v1', folder);
    expect(readdirSync(parent)).toEqual(['v1']);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']));
    const file = readFileSync(join(folder, 'model.safetensors'));
    expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
    await train(opened, [sample]);
    const second = await opened.exportWeights('v2', join(parent, 'v2'));
    expect(second.sha256).not.toBe(sha256);
  });

  it('keeps an export that is to be sampled from under its path, until that is taken away', async (context) => {
    context.skip(!has('export'), 'the trainer exports nothing');
    const opened = await trained(1);
    const parent = temporaryFolder();
    const { sampler } = await opened.exportWeights('v1', join(parent, 'v1'), { keep: true });
    expect(sampler).toBe(opened.pathOf('export', 'v1'));
    await expect(opened.exportWeights('v1', join(parent, 'v2'))).rejects.toMatchObject({ code: 'CHECKPOINT_EXISTS' });
    expect(readdirSync(parent)).toEqual(['v1']);
    await opened.remove(sampler ?? '');
    expect((await opened.exportWeights('v1', join(parent, 'v2'))).sampler).toBeUndefined();
  });

  it('takes saves away, quietly where there is none, and no other with them', async () => {
    const opened = await trained(1);
    const { path } = await opened.save('one');
    expect(opened.pathOf('save', 'one')).toBe(path);
    if (!has('removal')) return expect(opened.remove(path)).rejects.toMatchObject(missing);
    const { path: kept } = await opened.save('two');
    const before = await logprobs(opened);
    await opened.remove(path);
    expectNear(await logprobs(opened), before);
    await expect(opened.load(path)).rejects.toMatchObject({ code: 'CHECKPOINT_UNKNOWN' });
    const other = await model();
    await other.load(kept);
    for (const gone of [path, other.pathOf('save', 'never'), other.pathOf('export', 'never')]) await other.remove(gone);
    await other.remove(kept);
    await expect(opened.load(kept)).rejects.toMatchObject({ code: 'CHECKPOINT_UNKNOWN' });
    // A name is free again.
    await opened.save('one');
    await opened.load(path);
  });

  it('takes a save away before one was loaded', async (context) => {
    context.skip(!has('removal') || !has('reopening'), 'the trainer keeps no models, or all saves');
    const first = await trainer();
    const opened = await first.open({ base: options.base, form: options.form });
    const { path } = await opened.save('one');
    const { path: kept } = await opened.save('two');
    await first.close();
    const again = await (await trainer()).reopen(opened.id);
    await again?.remove(path);
    await expect(again?.forward([sample])).rejects.toMatchObject({ code: 'TRAINER_RESTARTED' });
    await expect(again?.load(path)).rejects.toMatchObject({ code: 'CHECKPOINT_UNKNOWN' });
    await again?.load(kept);
    await again?.close();
  });

  it('exports to no folder that exists, and keeps nothing of an export', async (context) => {
    context.skip(!has('export'), 'the trainer exports nothing');
    const opened = await model();
    const parent = temporaryFolder();
    mkdirSync(join(parent, 'full'));
    const exists = opened.exportWeights('v1', join(parent, 'full'));
    await expect(exists).rejects.toMatchObject({ code: 'FOLDER_EXISTS' });
    expect(readdirSync(join(parent, 'full'))).toEqual([]);
    await expect(opened.exportWeights('a/b', join(parent, 'v1'))).rejects.toMatchObject({ code: 'NAME_INVALID' });
    await opened.exportWeights('v1', join(parent, 'v1'));
    const again = await opened.exportWeights('v1', join(parent, 'v2'));
    expect(readFileSync(join(parent, 'v1', 'model.safetensors'))).toEqual(
      readFileSync(join(parent, 'v2', 'model.safetensors')),
    );
    expect(again.sha256).toMatch(/^[\da-f]{64}$/);
  });
}
