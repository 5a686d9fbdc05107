import type { SampledSequence, SampleOptions, TrainableModel } from '@skillrl/core';
import { expect, it, type TestContext } from 'vitest';

import { aSample, type TrainerBench } from './bench.ts';

const prompt = aSample(5, 4).ids;

/** Sampling, where the trainer offers it. */
export function testSampling({ model, train, expectNear }: TrainerBench): void {
  async function opened(context: TestContext): Promise<Required<TrainableModel>> {
    const found = await model();
    context.skip(found.sample === undefined, 'the trainer does not sample');
    return found as Required<TrainableModel>;
  }
  const draw = (from: Required<TrainableModel>, options: Partial<SampleOptions> = {}) =>
    from.sample(prompt, { maxTokens: 6, ...options });
  const idsOf = (sequences: readonly SampledSequence[]): string[] => sequences.map(({ ids }) => ids.join(' '));
  /** What `forward` says of sampled tokens. */
  async function forwardOf(from: TrainableModel, sequences: readonly SampledSequence[]) {
    const samples = sequences.map(({ ids }) => ({
      ids: [...prompt, ...ids],
      weights: [...prompt.map(() => 0), ...ids.map(() => 1)],
    }));
    return (await from.forward(samples)).logprobs.map((row) => row.slice(prompt.length));
  }

  it('draws various sequences, one at a time too, with the log-probabilities of forward', async (context) => {
    const from = await opened(context);
    const many = await draw(from, { count: 8 });
    expect(new Set(idsOf(many)).size).toBeGreaterThan(1);
    const single = [];
    for (let time = 0; time < 6; time += 1) single.push(...(await draw(from)));
    expect(new Set(idsOf(single)).size).toBeGreaterThan(1);
    const all = [...many, ...single];
    expect(
      all.every(({ ids, logprobs, finish }) => ids.length === 6 && logprobs.length === 6 && finish === 'length'),
    ).toBe(true);
    expectNear(
      await forwardOf(from, all),
      all.map(({ logprobs }) => logprobs),
    );
  });

  it('takes the likeliest token at temperature 0, and tells the raw distribution at any', async (context) => {
    const from = await opened(context);
    const greedy = await draw(from, { temperature: 0, count: 3 });
    expect(new Set(idsOf(greedy)).size).toBe(1);
    const warm = await draw(from, { temperature: 0.5, count: 3 });
    for (const drawn of [greedy, warm])
      expectNear(
        await forwardOf(from, drawn),
        drawn.map(({ logprobs }) => logprobs),
      );
  });

  it('repeats itself for a seed', async (context) => {
    const from = await opened(context);
    const [one, other, again] = [
      await draw(from, { seed: 1, count: 4 }),
      await draw(from, { seed: 2, count: 4 }),
      await draw(from, { seed: 1, count: 4 }),
    ];
    expect(idsOf(again)).toEqual(idsOf(one));
    expect(idsOf(other)).not.toEqual(idsOf(one));
  });

  it('ends a sequence with a stop id', async (context) => {
    const from = await opened(context);
    const [greedy] = await draw(from, { temperature: 0 });
    const stop = greedy?.ids[2] ?? 0;
    const length = (greedy?.ids.indexOf(stop) ?? 0) + 1;
    const [stopped] = await draw(from, { temperature: 0, stop: [stop] });
    expect(stopped).toMatchObject({ ids: greedy?.ids.slice(0, length), finish: 'stop' });
    expect(stopped?.logprobs).toHaveLength(length);
  });

  it('samples from the weights of the last step', async (context) => {
    const from = await opened(context);
    await draw(from);
    const taught = { ids: [...prompt, 7, 7, 7], weights: [...prompt.map(() => 0), 1, 1, 1] };
    for (let step = 0; step < 20; step += 1) await train(from, [taught]);
    const greedy = await draw(from, { temperature: 0, maxTokens: 3 });
    expect(greedy[0]?.ids).toEqual([7, 7, 7]);
    expectNear(
      await forwardOf(from, greedy),
      greedy.map(({ logprobs }) => logprobs),
    );
    const { path } = await from.save('taught');
    await from.load(path);
    expect((await draw(from, { temperature: 0, maxTokens: 3 }))[0]?.ids).toEqual([7, 7, 7]);
  });

  it('refuses what cannot be sampled', async (context) => {
    const from = await opened(context);
    const { vocabulary, context: most } = from.info;
    for (const [code, ids, options] of [
      ['DATA_EMPTY', [], {}],
      ['TOKEN_OUT_OF_RANGE', [vocabulary], {}],
      ['CONTEXT_EXCEEDED', prompt, { maxTokens: most }],
      ['SAMPLING_INVALID', prompt, { maxTokens: 0 }],
      ['SAMPLING_INVALID', prompt, { temperature: Number.NaN }],
    ] as const)
      await expect(from.sample(ids, { maxTokens: 1, ...options })).rejects.toMatchObject({ code });
    await draw(from);
  });
}
