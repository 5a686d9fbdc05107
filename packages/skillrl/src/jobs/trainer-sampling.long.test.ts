import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Checkpoint } from '@skillrl/core';
import {
  builtinPolicyFolder,
  builtinPolicyPath,
  chatModel,
  readExport,
  tinkerModel,
  tinkerTrainer,
  trainerServer,
} from '@skillrl/drivers';
import { describeWith, requirement, temporaryFolder, testChatModel, testModelServer } from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type RunningTrainer, startTrainer } from '../../test-support/running-trainer.ts';

const { prompts } = JSON.parse(readFileSync(join(builtinPolicyFolder('warm'), 'parity.json'), 'utf8')) as {
  readonly prompts: readonly { readonly prompt: string }[];
};
const tokenizer = builtinPolicyPath('warm');

describeWith(requirement('python'), 'what the trainer service keeps to sample from', () => {
  let trainer: RunningTrainer;
  let path: string;
  const address = () => trainer.state();
  const client = () => tinkerTrainer(address());
  beforeAll(async () => {
    trainer = await startTrainer();
    const model = await client().open({ base: 'warm' });
    ({ sampler: path = '' } = await model.exportWeights('v1', join(temporaryFolder(), 'v1'), { keep: true }));
    await model.close();
  }, 900_000);
  afterAll(() => trainer.stop());

  it.each([
    ['all parameters', 'full' as const],
    ['an adapter', { rank: 8, seed: 1 }],
  ])(
    'has the log-probabilities of forward, and keeps them while training goes on: %s',
    async (_, form) => {
      const model = await client().open({ base: 'warm', form });
      const name = form === 'full' ? 'full' : 'lora';
      const { sampler = '' } = await model.exportWeights(name, join(temporaryFolder(), name), { keep: true });
      const chat = tinkerModel({ path: sampler, trainer: address, tokenizer });
      const replies = [];
      for (const { prompt } of prompts.slice(0, 8))
        replies.push(await chat.chat({ prompt, temperature: 1, seed: 7, maxTokens: 16, stop: ['\n'] }));
      const sequences = replies.map(({ newPromptIds = [], tokens }) => [...newPromptIds, ...tokens!.completionIds]);
      const samples = sequences.map((ids) => ({ ids, weights: ids.map((_id, place) => (place === 0 ? 0 : 1)) }));
      const { logprobs } = await model.forward(samples);
      const differences = replies.flatMap(({ tokens }, index) =>
        tokens!.logprobs.map((value, place) => Math.abs(value - logprobs[index]!.at(place - tokens!.logprobs.length)!)),
      );
      expect(differences.length).toBeGreaterThan(20);
      // Both in f32; with and without an attention cache: measured 3.4e-6.
      expect(Math.max(...differences)).toBeLessThan(3e-5);

      await model.forwardBackward(samples, { name: 'cross_entropy' });
      await model.step({ learningRate: 1e-2 });
      const [{ prompt }, before] = [prompts[0]!, replies[0]!];
      const after = await chat.chat({ prompt, temperature: 1, seed: 7, maxTokens: 16, stop: ['\n'] });
      expect(after.tokens).toEqual(before.tokens);
      await model.close();
      await chat.close?.();
    },
    300_000,
  );

  describe('a version as a model', () => {
    testChatModel({
      create: () => chatModel(`${path}#${tokenizer}`, { trainer: address }),
      prompt: prompts[0]!.prompt,
      tooLong: prompts[0]!.prompt.repeat(60),
    });
  });

  describe('trainerServer', () => {
    testModelServer({
      place: () => {
        const folder = join(temporaryFolder(), 'served');
        return {
          open: () => trainerServer({ folder, trainer: address }),
          model: (spec) => chatModel(spec, { trainer: address }),
          prepare: trainedCheckpoint,
        };
      },
    });
  });

  /** The checkpoint with the files of weights that the seed chooses, which the trainer keeps. */
  async function trainedCheckpoint(made: Checkpoint, seed: number): Promise<Checkpoint> {
    const model = await client().open({ base: 'warm' });
    const ids = Array.from({ length: 24 }, (_, place) => (place * (seed + 6) + 20 * seed) % 800);
    await model.forwardBackward([{ ids, weights: ids.map((_, place) => (place === 0 ? 0 : 1)) }], {
      name: 'cross_entropy',
    });
    await model.step({ learningRate: 1e-2 });
    const folder = join(temporaryFolder(), 'export');
    const { sampler } = await model.exportWeights(`v${seed}`, folder, { keep: true });
    await model.close();
    const { tokenizer: id, sha256 } = await readExport(folder, { version: 'v1', createdAt: 1 });
    for (const file of ['model-f16.gguf', 'model.safetensors', 'config.json', 'tokenizer.json', 'manifest.json'])
      copyFileSync(join(folder, file), join(made.path, file));
    return { ...made, tokenizer: id, sha256, files: undefined, sampler };
  }
});
