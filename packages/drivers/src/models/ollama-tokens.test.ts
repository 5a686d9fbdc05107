import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { startOllamaWireServer, temporaryFolder, writeTinyModel, type OllamaWireServer } from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { builtinPolicyFolder, builtinPolicyPath } from './builtin-policy.ts';
import { chatModel } from './chat-model.ts';
import { tokenScorer } from './token-scorer.ts';

/** How far llama.cpp may lie from itself when it evaluates a prompt in other pieces: f16 activations, as in `builtin-policy.test.ts`. */
const withinHalfPrecision = 0.01;

interface Recorded {
  readonly prompts: readonly { readonly prompt: string; readonly promptIds: readonly number[] }[];
}

describe("the policy 'warm' behind Ollama", () => {
  let server: OllamaWireServer;
  const path = builtinPolicyPath('warm');
  const { prompts } = JSON.parse(readFileSync(`${builtinPolicyFolder('warm')}/parity.json`, 'utf8')) as Recorded;
  beforeAll(async () => {
    server = await startOllamaWireServer({ models: { 'policy:v1': path } });
  });
  afterAll(() => server.close());

  it('gives the ids it sampled at temperature 1, with the log-probabilities that llama.cpp has for them in this process', async () => {
    const model = chatModel(`ollama:policy:v1@${server.url}#${path}`);
    await using scorer = await tokenScorer(path);
    let sampled = 0;
    const differences: number[] = [];
    for (const [seed, { prompt, promptIds }] of prompts.slice(0, 12).entries()) {
      const reply = await model.chat({ prompt, temperature: 1, seed, maxTokens: 24, stop: ['\n'] });
      expect(reply.newPromptIds).toEqual(promptIds);
      expect(reply.promptTokens).toBe(promptIds.length);
      const { completionIds = [], logprobs = [] } = reply.tokens ?? {};
      // The token of the stop text was sampled, so it is in the trace.
      expect(scorer.tokenize(`${reply.text}\n`).join()).toContain(String(completionIds.at(-1)));
      const known = (await scorer.logprobs([...promptIds, ...completionIds])).slice(promptIds.length - 1);
      expect(known).toHaveLength(logprobs.length);
      differences.push(...known.map((value, place) => Math.abs(value - (logprobs[place] ?? Number.NaN))));
      sampled += completionIds.length;
    }
    expect(sampled).toBeGreaterThan(40);
    expect(Math.max(...differences)).toBeLessThan(withinHalfPrecision);
  });

  it('says greedily what llama.cpp says in this process, token for token', async () => {
    const [far, near] = [chatModel(`ollama:policy:v1@${server.url}#${path}`), chatModel(`llama:${path}`)];
    for (const { prompt } of prompts.slice(0, 8)) {
      const request = { prompt, temperature: 0, maxTokens: 16, stop: ['\n'] };
      const [served, own] = [await far.chat(request), await near.chat(request)];
      expect(served.text).toBe(own.text);
      expect(served.tokens?.completionIds).toEqual(own.tokens?.completionIds);
      expect(served.tokens?.tokenizer).toBe(own.tokens?.tokenizer);
    }
    await near.close?.();
  });

  it('refuses the vocabulary of another policy', async () => {
    const tiny = join(temporaryFolder(), 'tiny.gguf');
    writeTinyModel(tiny);
    const other = chatModel(`ollama:policy:v1@${server.url}#${tiny}`);
    await expect(other.chat({ prompt: 'task', maxTokens: 1 })).rejects.toMatchObject({ code: 'TOKENS_UNKNOWN' });
  });
});
