import type { TrainingLoss, TrainingSample } from '@skillrl/core';
import { expect, it } from 'vitest';

import { aSample, crossEntropy, type TrainerBench } from './bench.ts';

/** What is refused, and that nothing is changed by it. */
export function testBatches({ options, trainer, model, train, learningRate, has, expectNear }: TrainerBench): void {
  it('tells what it trains', async () => {
    const one = await trainer();
    expect(one.id).not.toBe('');
    const opened = await model();
    expect(opened.id).not.toBe('');
    expect(opened.info).toMatchObject({
      kind: options.form === undefined || options.form === 'full' ? 'full' : 'lora',
    });
    expect(opened.info.base).toMatch(/^[\da-f]{64}$/);
    expect(opened.info.vocabulary).toBeGreaterThanOrEqual(40);
    expect(opened.info.context).toBeGreaterThan(8);
    expect(opened.info.trainable ?? 1).toBeGreaterThan(0);
  });

  it('refuses a base that it does not know, and one with other weights than expected', async () => {
    const one = await trainer();
    const { base, form } = options;
    if (has('base-names'))
      await expect(one.open({ base: 'never-heard-of', form })).rejects.toMatchObject({ code: 'BASE_UNKNOWN' });
    const wrong = one.open({ base, form, baseSha256: '0'.repeat(64) });
    await expect(wrong).rejects.toMatchObject({ code: 'BASE_MISMATCH' });
    const { info } = await model();
    const right = await one.open({ base, form, baseSha256: info.base });
    expect(right.info.base).toBe(info.base);
    await right.close();
  });

  const whole = aSample(1);
  const replaced = (key: keyof TrainingSample, value: number): TrainingSample => ({
    ...whole,
    [key]: [...whole[key].slice(0, -1), value],
  });
  const wrong: readonly (readonly [string, string, TrainingSample])[] = [
    ['VALUE_NOT_FINITE', 'NaN for a log-probability', replaced('logprobs', Number.NaN)],
    ['VALUE_NOT_FINITE', 'an infinite log-probability', replaced('logprobs', Number.NEGATIVE_INFINITY)],
    ['VALUE_NOT_FINITE', 'NaN for an advantage', replaced('advantages', Number.NaN)],
    ['VALUE_NOT_FINITE', 'NaN for a weight', replaced('weights', Number.NaN)],
    ['LOGPROB_POSITIVE', 'a positive log-probability', replaced('logprobs', 0.5)],
    ['LENGTH_MISMATCH', 'arrays of unequal length', { ...whole, weights: [0, 1] }],
    ['WEIGHT_INVALID', 'a negative weight', replaced('weights', -1)],
    ['WEIGHT_INVALID', 'a weight on the first token', { ...whole, weights: whole.weights.map(() => 1) }],
    ['INPUT_MISSING', 'no log-probabilities', { ...whole, logprobs: undefined }],
    ['TOKEN_OUT_OF_RANGE', 'a negative id', replaced('ids', -1)],
    ['DATA_EMPTY', 'a sequence of one token', { ids: [1], weights: [0], logprobs: [0], advantages: [0] }],
  ];
  it.each(wrong)('refuses with %s %s; weights and gradient stay', async (code, _what, sample) => {
    const opened = await model();
    const before = await opened.forward([whole]);
    const loss: TrainingLoss = { name: 'importance_sampling' };
    await expect(opened.forwardBackward([whole, sample], loss)).rejects.toMatchObject({ name: 'TrainerError', code });
    await expect(opened.step({ learningRate })).rejects.toMatchObject({ code: 'GRADIENT_MISSING' });
    expectNear((await opened.forward([whole])).logprobs, before.logprobs);
    await train(opened, [whole]);
  });

  it('refuses ids beyond the vocabulary, and sequences beyond the context', async () => {
    const opened = await model();
    const { vocabulary, context } = opened.info;
    const beyond = [{ ...whole, ids: whole.ids.map(() => vocabulary) }];
    const long = [aSample(1, context + 1)];
    for (const call of [opened.forward(beyond), opened.forwardBackward(beyond, crossEntropy)])
      await expect(call).rejects.toMatchObject({ code: 'TOKEN_OUT_OF_RANGE' });
    for (const call of [opened.forward(long), opened.forwardBackward(long, crossEntropy)])
      await expect(call).rejects.toMatchObject({ code: 'CONTEXT_EXCEEDED' });
    await expect(opened.forward([])).rejects.toMatchObject({ code: 'DATA_EMPTY' });
    const last = { ...whole, ids: whole.ids.map(() => vocabulary - 1) };
    expect((await opened.forward([last])).loss).toBeGreaterThan(0);
  });

  it('refuses a step that would not be finite', async () => {
    const opened = await model();
    await opened.forwardBackward([whole], crossEntropy);
    for (const change of [{ learningRate: Number.NaN }, { learningRate: -1 }, { beta2: 1 }])
      await expect(opened.step({ learningRate, ...change })).rejects.toMatchObject({ code: 'ADAM_INVALID' });
    expect((await opened.step({ learningRate })).step).toBe(1);
  });

  it('refuses what comes after it was closed, and may be closed twice', async () => {
    const opened = await model();
    await opened.close();
    await opened.close();
    await expect(opened.forward([whole])).rejects.toMatchObject({ code: 'MODEL_CLOSED' });
  });
}
