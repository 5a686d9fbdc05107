import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { trainingRecipe } from '@skillrl/training';
import { expect, it } from 'vitest';

import { checkpointsOf, manifestsOf, shortRecipe, shortTraining } from '../../test-support/short-training.ts';
import { loadConfig } from '../config.ts';
import { modelServer } from '../model-servers.ts';
import { configuredModel } from '../models.ts';
import { connectTrainer } from './trainer-connection.ts';

describeWith(requirement('python'), 'the whole loop with the trainer as model server', () => {
  it.each([
    ['all parameters', undefined],
    ['an adapter', 8],
  ])(
    'samples what it trains, goes back, and has the trainer keep no more than it serves: %s',
    async (_, rank) => {
      const folder = temporaryFolder();
      const { signal } = new AbortController();
      const connection = await connectTrainer(folder, { onProgress: () => {}, signal });
      try {
        const recipe = trainingRecipe({ ...shortRecipe, memory: 'none' });
        const { state } = await shortTraining(folder, { recipe, server: 'trainer', rank });
        expect(state.served.model).toMatch(/^tinker:\/\/[\w-]+\/sampler_weights\/[\w-]+#.*model-f16\.gguf$/);
        const [manifest] = await manifestsOf(folder);
        for (const mismatch of [manifest?.training?.mismatch, manifest?.served]) {
          expect(mismatch?.tokens).toBeGreaterThan(100);
          // One engine, with an attention cache and without: measured 3.6e-7 and 1 + 8.4e-6, of 1,900 tokens.
          expect(mismatch?.meanDifference).toBeLessThan(2e-6);
          expect(mismatch?.largestRatio).toBeLessThan(1.0001);
        }

        const { config } = await loadConfig({ environment: {}, flags: { folder } });
        const server = modelServer('trainer', { folder });
        const [first, last] = await server.versions();
        expect(last?.sha256).not.toBe(first?.sha256);
        const tokensOf = async (model: string) => {
          const chat = configuredModel({ ...config, model });
          const { tokens } = await chat.chat({ prompt: 'task put mug in desk\n', temperature: 0, maxTokens: 16 });
          await chat.close?.();
          return tokens;
        };
        const expected = [await tokensOf(first!.model), await tokensOf(last!.model)];
        expect(expected[0]?.logprobs).not.toEqual(expected[1]?.logprobs);
        for (const [version, tokens] of [
          [last, expected[1]],
          [first, expected[0]],
        ] as const) {
          await server.goLive(version!.version);
          expect(await tokensOf(server.liveModel)).toEqual(tokens);
        }
        const kept = () => checkpointsOf(folder).filter((path) => path.startsWith('sampler_weights/'));
        expect(kept()).toHaveLength(2);
        await server.remove(last!.version);
        expect(kept()).toHaveLength(1);
        await expect(tokensOf(last!.model)).rejects.toMatchObject({ code: 'MODEL_FILE_MISSING' });
      } finally {
        await connection.close();
      }
    },
    900_000,
  );
});
