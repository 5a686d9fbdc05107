import type { TrainingSample } from '@skillrl/core';
import { tinkerTrainer } from '@skillrl/drivers';
import { describeWith, requirement, testTrainer } from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type RunningTrainer, startTrainer } from '../../test-support/running-trainer.ts';

const batch: readonly TrainingSample[] = [{ ids: [5, 6, 7, 8], weights: [0, 1, 1, 1] }];
const crossEntropy = { name: 'cross_entropy' } as const;
const adam = { learningRate: 1e-3 };

describeWith(requirement('python'), 'tinkerTrainer over the trainer service', () => {
  let trainer: RunningTrainer;
  beforeAll(async () => void (trainer = await startTrainer()), 900_000);
  afterAll(() => trainer.stop());
  const client = () => tinkerTrainer({ url: trainer.state().url, token: trainer.state().token });

  describe('an adapter', () => {
    testTrainer({ create: client, base: 'warm', otherBase: 'base', form: { rank: 8, seed: 1 }, learningRate: 1e-2 });
  });

  it('goes on after kill -9 where nothing was lost, and says so where steps were', async () => {
    const model = await client().open({ base: 'warm' });
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    const { path } = await model.save('one');
    const atSave = await model.forward(batch);
    await model.load(path);
    const { path: again } = await model.save('two');
    await trainer.kill();
    expect((await model.forward(batch)).logprobs).toEqual(atSave.logprobs);
    await model.forwardBackward(batch, crossEntropy);
    await trainer.kill();
    await expect(model.step(adam)).rejects.toMatchObject({ code: 'TRAINER_RESTARTED' });
    await model.load(again);
    expect((await model.forward(batch)).logprobs).toEqual(atSave.logprobs);
    await model.forwardBackward(batch, crossEntropy);
    expect((await model.step(adam)).step).toBe(2);
    await model.close();
  }, 300_000);

  it('waits for a service that is killed under a call', async () => {
    const model = await client().open({ base: 'warm' });
    await model.save('one');
    const before = await model.forward(batch);
    await model.save('two');
    const [after] = await Promise.all([model.forward(batch), trainer.kill()]);
    expect(after.logprobs).toEqual(before.logprobs);
    await model.close();
  }, 300_000);
});
