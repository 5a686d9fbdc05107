import type { ChatModel } from '@skillrl/core';
import { builtinPolicyPath } from '@skillrl/drivers';
import { describeWith, requirement, type Requirement, startOllamaWireServer, temporaryFolder } from '@skillrl/testing';
import { trainingRecipe } from '@skillrl/training';
import { expect, it } from 'vitest';

import { smallSets } from '../../test-support/play-training-games.ts';
import { loadConfig } from '../config.ts';
import { modelServer } from '../model-servers.ts';
import { chatModel } from '../models.ts';
import { runTrainJob } from './train-job.ts';

/** A vLLM that serves the built-in policy `warm`. */
const vllm: Requirement = process.env.SKILLRL_VLLM
  ? { name: 'vllm', available: true, path: process.env.SKILLRL_VLLM }
  : {
      name: 'vllm',
      available: false,
      reason: 'SKILLRL_VLLM is not set: docs/guides/publish-a-policy.md tells how to start a vLLM for it',
    };

describeWith(requirement('python'), 'the whole loop with an Ollama alone as model server', () => {
  it('samples, trains, publishes and goes back', async () => {
    const wire = await startOllamaWireServer();
    await trainAndGoBack(`ollama:trained@${wire.url}`);
    await wire.close();
    // The wire's Ollama evaluates each prompt anew: a second an episode on a quiet machine, seven on a crowded one.
  }, 900_000);
});

describeWith(vllm, 'the whole loop with a real vLLM alone as model server', (url) => {
  it('samples, trains an adapter, publishes and goes back', async () => {
    const name = `trained-${Date.now()}`;
    const mismatch = await trainAndGoBack(`vllm:${name}@${url}`, 8);
    expect(mismatch).toBeLessThan(1e-3);
  }, 900_000);
});

/** @returns the mean |Δ log π| of sampler and trainer, in nats. */
async function trainAndGoBack(server: string, rank?: number): Promise<number> {
  const folder = temporaryFolder();
  const { config } = await loadConfig({ environment: {}, flags: { folder, workers: 2 } });
  const recipe = trainingRecipe({ name: 'short', memory: 'none', groups: 4, groupSize: 4, canary: { pairs: 2 } });
  const { state, report } = await runTrainJob(config, {
    question: `Does the loop run on ${server}?`,
    recipe,
    base: 'warm',
    ...(rank !== undefined && { rank }),
    sets: { ...smallSets, canary: 1 },
    iterations: 1,
    evaluateEvery: 0,
    evaluationPlays: 1,
    publishes: false,
    server,
  });
  expect(report.iterations).toBe(1);
  expect(state.served.model).toContain(server.slice(0, server.indexOf('@')));

  const trained = modelServer(server, { folder, tokenizer: builtinPolicyPath('warm') });
  const [first, last] = await trained.versions();
  expect(last?.sha256).not.toBe(first?.sha256);
  const live = chatModel(trained.liveModel);
  const expected = [await tokensOf(chatModel(first!.model)), await tokensOf(chatModel(last!.model))];
  expect(expected[0]?.logprobs).not.toEqual(expected[1]?.logprobs);
  await trained.goLive(last!.version);
  expect(await tokensOf(live)).toEqual(expected[1]);
  await trained.goLive(first!.version);
  expect(await tokensOf(live)).toEqual(expected[0]);
  await trained.remove(last!.version);
  expect((await trained.versions()).map(({ version }) => version)).toEqual([first!.version]);
  return report.rows[0]?.mismatch ?? Number.NaN;
}

async function tokensOf(model: ChatModel) {
  return (await model.chat({ prompt: 'task put mug in desk\n', temperature: 0, maxTokens: 16 })).tokens;
}
