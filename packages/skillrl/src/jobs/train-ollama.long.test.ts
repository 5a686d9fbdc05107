import type { ChatModel } from '@skillrl/core';
import { builtinPolicyPath } from '@skillrl/drivers';
import { describeWith, requirement, startOllamaWireServer, temporaryFolder } from '@skillrl/testing';
import { trainingRecipe } from '@skillrl/training';
import { expect, it } from 'vitest';

import { smallSets } from '../../test-support/play-training-games.ts';
import { loadConfig } from '../config.ts';
import { modelServer } from '../model-servers.ts';
import { chatModel } from '../models.ts';
import { runTrainJob } from './train-job.ts';

describeWith(requirement('python'), 'the whole loop with an Ollama alone as model server', () => {
  it('samples, trains, publishes and goes back', async () => {
    const wire = await startOllamaWireServer();
    const folder = temporaryFolder();
    const { config } = await loadConfig({ environment: {}, flags: { folder, workers: 2 } });
    const server = `ollama:trained@${wire.url}`;
    const recipe = trainingRecipe({ name: 'short', memory: 'none', groups: 4, groupSize: 4, canary: { pairs: 2 } });
    const { state, report } = await runTrainJob(config, {
      question: 'Does the loop run on Ollama?',
      recipe,
      base: 'warm',
      sets: { ...smallSets, canary: 1 },
      iterations: 1,
      evaluateEvery: 0,
      evaluationPlays: 1,
      publishes: false,
      server,
    });
    expect(report.iterations).toBe(1);
    expect(state.served.model).toContain(`ollama:trained:`);

    const trained = modelServer(server, { folder, tokenizer: builtinPolicyPath('warm') });
    const [first, last] = await trained.versions();
    expect(last?.sha256).not.toBe(first?.sha256);
    const live = chatModel(trained.liveModel);
    const tokensOf = async (model: ChatModel) =>
      (await model.chat({ prompt: 'task put mug in desk\n', temperature: 0, maxTokens: 16 })).tokens;
    const expected = [await tokensOf(chatModel(first!.model)), await tokensOf(chatModel(last!.model))];
    expect(expected[0]?.logprobs).not.toEqual(expected[1]?.logprobs);
    await trained.goLive(last!.version);
    expect(await tokensOf(live)).toEqual(expected[1]);
    await trained.goLive(first!.version);
    expect(await tokensOf(live)).toEqual(expected[0]);
    await wire.close();
    // The wire's Ollama evaluates each prompt anew: a second an episode on a quiet machine, seven on a crowded one.
  }, 900_000);
});
