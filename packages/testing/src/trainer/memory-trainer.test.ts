import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { TrainableModel, TrainingSample } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { scriptedEnvironment } from '../scripted-environment.ts';
import { seededRandom } from '../seeded-random.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { testTrainer } from '../trainer-suite.ts';
import { memoryTrainer, type MemoryTrainerOptions, type TrainerFault } from './memory-trainer.ts';
import { sampleSequence } from './sample-sequence.ts';
import { readExport } from './tiny-files.ts';

const batch: readonly TrainingSample[] = [{ ids: [1, 2, 3], weights: [0, 1, 1] }];
const crossEntropy = { name: 'cross_entropy' } as const;
const adam = { learningRate: 0.05 };

describe('memoryTrainer', () => {
  const suiteFolder = temporaryFolder();
  testTrainer({ create: () => memoryTrainer({ folder: suiteFolder }), base: 'tiny', otherBase: 'other' });

  it('learns to play a scripted environment by policy gradients alone', async () => {
    const model = await memoryTrainer({ vocabulary: 6 }).open({ base: 'tiny' });
    const winsBefore = (await play(model, 200)).filter(({ success }) => success).length;
    for (let iteration = 0; iteration < 30; iteration += 1) {
      const plays = await play(model, 16);
      const mean = plays.filter(({ success }) => success).length / plays.length;
      const samples = plays.map(({ ids, logprobs, success }) => ({
        ids: [start, ...ids],
        weights: [0, ...ids.map(() => 1 / plays.length)],
        logprobs: [0, ...logprobs],
        advantages: [0, ...ids.map(() => (success ? 1 : 0) - mean)],
      }));
      await model.forwardBackward(samples, { name: 'ppo' });
      await model.step({ learningRate: 0.2 });
    }
    const winsAfter = (await play(model, 200)).filter(({ success }) => success).length;
    expect(winsBefore).toBeLessThan(60);
    expect(winsAfter).toBeGreaterThan(160);
  });

  it('is another run of the same numbers when it starts from a save', async () => {
    const folder = temporaryFolder();
    const first = await memoryTrainer({ folder }).open({ base: 'tiny' });
    await train(first, 3);
    const { path } = await first.save('three');
    const after = async (model: TrainableModel) => [
      await train(model, 1),
      await model.forward(batch),
      await model.sample?.([1], { maxTokens: 5 }),
    ];
    const expected = await after(first);
    const second = await memoryTrainer({ folder }).reopen(first.id);
    await expect(second?.forward(batch)).rejects.toMatchObject({ code: 'TRAINER_RESTARTED' });
    await second?.load(path);
    expect(await after(second as TrainableModel)).toEqual(expected);
  });

  it('forgets a model that was closed, and keeps what it saved', async () => {
    const trainer = memoryTrainer();
    const model = await trainer.open({ base: 'tiny' });
    const { path } = await model.save('one');
    await model.close();
    await model.close();
    await expect(model.forward(batch)).rejects.toMatchObject({ code: 'MODEL_CLOSED' });
    expect(await trainer.reopen(model.id)).toBeUndefined();
    const other = await trainer.open({ base: 'tiny' });
    await other.load(path);
    expect(await trainer.reopen('never')).toBeUndefined();
  });

  it('says which file of a save is damaged', async () => {
    const folder = temporaryFolder();
    const model = await memoryTrainer({ folder }).open({ base: 'tiny' });
    const { path } = await model.save('one');
    const before = await model.forward(batch);
    const file = join(folder, model.id, 'one.save');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"step":0', '"step":9'));
    await expect(model.load(path)).rejects.toMatchObject({ code: 'CHECKPOINT_CORRUPT' });
    expect(await model.forward(batch)).toEqual(before);
  });

  it('exports what can be sampled from', async () => {
    const model = await memoryTrainer().open({ base: 'tiny' });
    await train(model, 5);
    const folder = join(temporaryFolder(), 'export');
    await model.exportWeights('one', folder);
    const options = { maxTokens: 12, seed: 4 };
    const exported = sampleSequence(readExport(folder), [1, 2], options, seededRandom(4));
    expect([exported]).toEqual(await model.sample?.([1, 2], options));
  });
});

describe('memoryTrainer with faults', () => {
  const dying = (fault: TrainerFault, at: number): MemoryTrainerOptions['faults'] => {
    return ({ number }) => (number === at ? fault : undefined);
  };

  it.each(['dies-before', 'dies-after'] as const)('%s: computes nothing until a save is loaded', async (fault) => {
    const trainer = memoryTrainer({ faults: dying(fault, 5) });
    const model = await trainer.open({ base: 'tiny' });
    const other = await trainer.open({ base: 'tiny' });
    const { path } = await model.save('one');
    await train(model, 1);
    const before = { code: 'TRAINER_RESTARTED' };
    await expect(model.forward(batch)).resolves.toBeDefined();
    await expect(model.save('two')).rejects.toMatchObject(before);
    for (const call of [model.forward(batch), model.step(adam), model.save('three'), other.forward(batch)])
      await expect(call).rejects.toMatchObject(before);
    await model.load(path);
    const saved = model.save('two');
    if (fault === 'dies-before') await saved;
    else await expect(saved).rejects.toMatchObject({ code: 'CHECKPOINT_EXISTS' });
  });

  it('writes nothing on a full disk, and goes on', async () => {
    const faults: MemoryTrainerOptions['faults'] = ({ number }) => (number <= 2 ? 'disk-full' : undefined);
    const model = await memoryTrainer({ faults }).open({ base: 'tiny' });
    const folder = join(temporaryFolder(), 'export');
    await expect(model.save('one')).rejects.toMatchObject({ code: 'DISK_FULL', retryable: true });
    await expect(model.exportWeights('one', folder)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(existsSync(folder)).toBe(false);
    await model.save('one');
    await model.exportWeights('one', folder);
  });

  it('cannot be reached for a while, and has lost nothing', async () => {
    const model = await memoryTrainer({ faults: dying('unreachable', 2) }).open({ base: 'tiny' });
    await model.forwardBackward(batch, crossEntropy);
    await expect(model.step(adam)).rejects.toMatchObject({ code: 'TRAINER_UNREACHABLE', retryable: true });
    expect((await model.step(adam)).step).toBe(1);
  });
});

async function train(model: TrainableModel, steps: number): Promise<number> {
  let norm = 0;
  for (let step = 0; step < steps; step += 1) {
    await model.forwardBackward(batch, crossEntropy);
    norm = (await model.step(adam)).gradientNorm;
  }
  return norm;
}

const start = 0;
const words = ['', 'red', 'blue', 'left', 'right', 'up'];

/** Games won by saying "red", then "left", within three words. */
async function play(model: TrainableModel, count: number) {
  const environment = scriptedEnvironment([{ id: 'one', wins: ['red', 'left'], maxSteps: 3 }]);
  const task = await environment.task('one');
  return Promise.all(
    Array.from({ length: count }, async () => {
      const session = await environment.start(task);
      const ids: number[] = [];
      const logprobs: number[] = [];
      for (;;) {
        const [drawn] = (await model.sample?.([start, ...ids], { maxTokens: 1 })) ?? [];
        ids.push(...(drawn?.ids ?? []));
        logprobs.push(...(drawn?.logprobs ?? []));
        const step = await session.step(words[ids.at(-1) ?? 0] ?? '');
        if (step.type === 'last') return { ids, logprobs, success: step.success };
      }
    }),
  );
}
