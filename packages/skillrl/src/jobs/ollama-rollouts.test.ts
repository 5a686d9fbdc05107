import { type Episode, foldEpisode } from '@skillrl/core';
import { builtinPolicyPath, chatModel, tokenScorer } from '@skillrl/drivers';
import { planRollouts, runEpisode } from '@skillrl/rollouts';
import { startOllamaWireServer } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { basePolicy, isCompact } from './arms.ts';
import { openGamesFrom } from './games.ts';

describe('isCompact', () => {
  it.each([
    ['builtin:base', true],
    ['llama:./mine.gguf', true],
    ['policy:live', true],
    ['ollama:skillrl-policy:live@http://127.0.0.1:11434#v1.gguf', true],
    ['vllm:skillrl-policy@v1@http://127.0.0.1:8000/v1#v1.gguf', true],
    ['tinker://m-1/sampler_weights/v1#v1.gguf', true],
    ['ollama:skillrl-policy:live', false],
    ['ollama:qwen3:4b', false],
    ['openai:gpt-4o-mini', false],
  ])('knows whether %s reads the compact text', (model, expected) => {
    expect(isCompact(model)).toBe(expected);
  });
});

describe('rollouts sampled from Ollama', () => {
  it('carry the tokens of every call: prompts that grow by ids, and log-probabilities that are those of the ids', async () => {
    const path = builtinPolicyPath('warm');
    const server = await startOllamaWireServer({ models: { 'policy:v1': path } });
    const { environment, tasks } = await openGamesFrom({
      kind: 'generated',
      panel: 'test',
      panelSeed: 'ollama',
      houses: 1,
      tasksPerHouse: 2,
      learningTasksPerHouse: 1,
    });
    const model = `ollama:policy:v1@${server.url}#${path}`;
    const policy = basePolicy(chatModel(model), { model, temperature: 1 });
    const specs = planRollouts({ suite: 'ollama', arms: ['none'], tasks, samples: 1, seed: 1, purpose: 'train' });
    await using scorer = await tokenScorer(path);
    const differences: number[] = [];
    for (const spec of specs.slice(0, 2)) {
      const episode = foldEpisode(await runEpisode(spec, environment, policy));
      expect(episode?.outcome?.status).toMatch(/success|failure/);
      differences.push(...(await differencesOf(episode!, (ids) => scorer.logprobs(ids))));
    }
    expect(differences.length).toBeGreaterThan(50);
    expect(Math.max(...differences)).toBeLessThan(0.01);
    await environment.close();
    await server.close();
  }, 120_000);
});

/** |recorded − recomputed| of every sampled token; the ids of a prompt are those before it that it kept, and its new ones. */
async function differencesOf(
  episode: Episode,
  logprobs: (ids: readonly number[]) => Promise<readonly number[]>,
): Promise<number[]> {
  const differences: number[] = [];
  let ids: readonly number[] = [];
  for (const call of episode.calls) {
    const { newPromptIds = [], promptTokens, tokens } = call;
    const prompt = [...ids.slice(0, promptTokens - newPromptIds.length), ...newPromptIds];
    expect(prompt).toHaveLength(promptTokens);
    expect(tokens?.completionIds.length).toBeGreaterThan(0);
    ids = [...prompt, ...(tokens?.completionIds ?? [])];
    const known = (await logprobs(ids)).slice(prompt.length - 1);
    differences.push(...known.map((value, place) => Math.abs(value - (tokens?.logprobs[place] ?? Number.NaN))));
  }
  return differences;
}
