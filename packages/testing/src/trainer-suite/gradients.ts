import type { TrainingLoss, TrainingSample } from '@skillrl/core';
import { expect, it } from 'vitest';

import { tokenLoss } from '../trainer/token-loss.ts';
import { aSample, crossEntropy, missing, sumOf, type TrainerBench } from './bench.ts';

const losses: readonly TrainingLoss[] = [
  crossEntropy,
  { name: 'importance_sampling' },
  { name: 'ppo' },
  { name: 'cispo', low: 0, high: 1.5 },
];

/** What is computed: losses, their gradients' sum, and steps. */
export function testGradients({ model, train, learningRate, has, expectNear }: TrainerBench): void {
  it('gives log-probabilities of every token but the first, whatever its weight', async () => {
    const opened = await model();
    const sample = aSample(1);
    const { logprobs } = await opened.forward([sample, aSample(2, 5)]);
    expect(logprobs.map((row) => row.length)).toEqual([8, 5]);
    expect(logprobs.flat().every((value) => value <= 0 && Number.isFinite(value))).toBe(true);
    expect(logprobs.map(([first]) => first)).toEqual([0, 0]);
    const light = { ...sample, weights: sample.weights.map(() => 0) };
    expectNear((await opened.forward([light])).logprobs, logprobs.slice(0, 1));
  });

  it('looks only at the tokens before', async () => {
    const opened = await model();
    const sample = aSample(1);
    const other = { ...sample, ids: sample.ids.with(-1, ((sample.ids.at(-1) ?? 0) + 1) % 40) };
    const [one, two] = (await opened.forward([sample, other])).logprobs;
    expectNear([one?.slice(0, -1) ?? []], [two?.slice(0, -1) ?? []]);
    expect(Math.abs((one?.at(-1) ?? 0) - (two?.at(-1) ?? 0))).toBeGreaterThan(1e-4);
  });

  it.each(losses)('sums weight × loss over all tokens of all samples: %o', async (loss) => {
    const opened = await model();
    // Of very different length, so that a mean by sequence or by token would show.
    const [long, short] = [aSample(1, 12, -1), aSample(2, 3, 2)];
    const weighted: TrainingSample = { ...short, weights: [0, 0.5, 3] };
    const { loss: total, logprobs } = await opened.forwardBackward([long, weighted], loss);
    const byHand = [long, weighted].map(({ ids, weights, logprobs: old = [], advantages = [] }, row) =>
      sumOf(
        ids.map((_, place) => {
          const value = tokenLoss(loss, logprobs[row]?.[place] ?? 0, old[place] ?? 0, advantages[place] ?? 0).value;
          return place === 0 ? 0 : (weights[place] ?? 0) * value;
        }),
      ),
    );
    const expected = sumOf(byHand);
    expect(Math.abs(total - expected)).toBeLessThan(1e-4 * Math.max(1, Math.abs(expected)));
  });

  it.each(losses)('adds up the gradients of a batch and of several calls: %o', async (loss) => {
    const opened = await model();
    const [one, two] = [aSample(1, 12), aSample(2, 3)];
    // A rate of 0 changes no weight: the norm tells what was gathered.
    const norm = async (...batches: readonly (readonly TrainingSample[])[]): Promise<number> => {
      for (const batch of batches) await opened.forwardBackward(batch, loss);
      return (await opened.step({ learningRate: 0 })).gradientNorm;
    };
    const single = await norm([one]);
    const both = await norm([one, two]);
    const near = (value: number, expected: number): void => {
      expect(Math.abs(value - expected)).toBeLessThan(1e-3 * Math.max(expected, 1e-3));
    };
    near(await norm([one, one]), 2 * single);
    near(await norm([{ ...one, weights: one.weights.map((weight) => 4 * weight) }]), 4 * single);
    expect(Math.abs(both - single)).toBeGreaterThan(1e-3 * single);
    if (!has('accumulation')) return expect(norm([one], [two])).rejects.toMatchObject(missing);
    near(await norm([one], [two]), both);
    near(await norm([one], [one], [one]), 3 * single);
  });

  it('learns a batch by heart', async () => {
    const opened = await model();
    const batch = [aSample(1), aSample(2)];
    const before = (await opened.forward(batch)).loss;
    for (let step = 0; step < 20; step += 1) await train(opened, batch);
    expect((await opened.forward(batch)).loss).toBeLessThan(before / 2);
  });

  it.each(losses.slice(1))('makes praised tokens likelier and blamed ones less likely: %o', async (loss) => {
    for (const advantage of [1, -1]) {
      const opened = await model();
      const sample = aSample(1, 8, advantage);
      const { logprobs } = await opened.forward([sample]);
      // As if these weights had sampled them.
      const own = { ...sample, logprobs: logprobs[0] ?? [] };
      await train(opened, [own], loss, learningRate / 10);
      const after = await opened.forward([sample]);
      expect(Math.sign(sumOf(after.logprobs.flat()) - sumOf(logprobs.flat()))).toBe(advantage);
    }
  });

  it('takes nothing from tokens of weight 0', async () => {
    const after = async (change: Partial<TrainingSample>) => {
      const opened = await model();
      const sample = aSample(1);
      const masked = { ...sample, weights: sample.weights.map((weight, place) => (place < 4 ? 0 : weight)) };
      await train(opened, [{ ...masked, ...change }], { name: 'importance_sampling' });
      return (await opened.forward([sample])).logprobs;
    };
    const { logprobs, advantages } = aSample(1);
    const garbage = (values: readonly number[], value: number): number[] =>
      values.map((kept, place) => (place < 4 ? value : kept));
    expectNear(await after({ logprobs: garbage(logprobs, -9), advantages: garbage(advantages, 50) }), await after({}));
  });

  it('makes no step without a gradient, and a forward gathers none', async () => {
    const opened = await model();
    const none = { code: 'GRADIENT_MISSING' };
    await expect(opened.step({ learningRate })).rejects.toMatchObject(none);
    await opened.forward([aSample(1)], { name: 'importance_sampling' });
    await expect(opened.step({ learningRate })).rejects.toMatchObject(none);
    await train(opened, [aSample(1)]);
    await expect(opened.step({ learningRate })).rejects.toMatchObject(none);
  });

  it('leaves the weights as they are until the step', async () => {
    const opened = await model();
    const sample = aSample(1);
    const { logprobs } = await opened.forward([sample]);
    const gathered = await opened.forwardBackward([sample], crossEntropy);
    expectNear(gathered.logprobs, logprobs);
    expectNear((await opened.forward([sample])).logprobs, logprobs);
    await opened.step({ learningRate });
    const after = (await opened.forward([sample])).logprobs;
    expect(sumOf(after.flat())).toBeGreaterThan(sumOf(logprobs.flat()));
  });

  it('counts steps', async () => {
    const opened = await model();
    for (const expected of [1, 2]) {
      await opened.forwardBackward([aSample(1)], crossEntropy);
      expect((await opened.step({ learningRate })).step).toBe(expected);
    }
  });

  it('tells the norm of before clipping', async () => {
    const opened = await model();
    const norms: number[] = [];
    if (!has('clipping')) return expect(opened.step({ learningRate, clipNorm: 1 })).rejects.toMatchObject(missing);
    for (const clipNorm of [0, 1e-3]) {
      await opened.forwardBackward([aSample(1)], crossEntropy);
      norms.push((await opened.step({ learningRate: 0, clipNorm })).gradientNorm);
    }
    expect(norms[0]).toBeGreaterThan(1e-3);
    expect(Math.abs((norms[1] ?? 0) / (norms[0] ?? 1) - 1)).toBeLessThan(1e-3);
  });

  it('carries calls out in the order they are made, also when nobody waits', async () => {
    const [one, two] = [await model(), await model()];
    const sample = aSample(1);
    await train(one, [sample]);
    const expected = await one.forward([sample]);
    const [, , after] = await Promise.all([
      two.forwardBackward([sample], crossEntropy),
      two.step({ learningRate }),
      two.forward([sample]),
    ]);
    expectNear(after.logprobs, expected.logprobs);
  });
}
