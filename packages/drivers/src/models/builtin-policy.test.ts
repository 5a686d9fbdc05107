import { existsSync, readFileSync } from 'node:fs';

import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { builtinPolicies, builtinPolicyFolder, builtinPolicyPath, type BuiltinPolicy } from './builtin-policy.ts';
import { llamaCpp } from './llama-cpp.ts';

/** What the trainer records beside a policy: its own greedy answers, computed in f32 from the weights as they lie in the file. */
const paritySchema = z.object({
  prompts: z.array(
    z.object({
      prompt: z.string(),
      promptIds: z.array(z.number()),
      completion: z.string(),
      completionIds: z.array(z.number()),
      logProbabilities: z.array(z.number()),
      runnerUpLogProbabilities: z.array(z.number()),
    }),
  ),
});

/**
 * How far a log-probability may lie from the trainer's. llama.cpp rounds activations and the attention cache to f16, whose relative error is
 * 2⁻¹¹; logits are about twenty in size, and 20 · 2⁻¹¹ ≈ 0.01.
 */
const withinHalfPrecision = 0.01;

describe.each(builtinPolicies)("the built-in policy '%s'", (name) => {
  const parityFile = `${builtinPolicyFolder(name)}/parity.json`;
  const model = existsSync(parityFile) ? llamaCpp({ modelPath: builtinPolicyPath(name) }) : undefined;
  afterAll(async () => (await model)?.close?.());

  it('says what the trainer says, greedily, with its log-probabilities', async (context) => {
    if (model === undefined) return context.skip(`there is no policies/${name}: it has not been trained yet`);
    const { prompts } = paritySchema.parse(JSON.parse(readFileSync(parityFile, 'utf8')));
    expect(prompts.length).toBeGreaterThanOrEqual(20);

    const differences: number[] = [];
    for (const [index, recorded] of prompts.entries()) {
      const reply = await (
        await model
      ).chat({
        prompt: recorded.prompt,
        temperature: 0,
        stop: ['\n'],
        maxTokens: recorded.completionIds.length,
        cacheKey: `parity-${index}`,
      });
      expect(reply.newPromptIds).toEqual(recorded.promptIds);
      expect(reply.tokens?.completionIds).toEqual(recorded.completionIds);
      expect(reply.text).toBe(recorded.completion.split('\n')[0]);
      for (const [place, logprob] of (reply.tokens?.logprobs ?? []).entries()) {
        differences.push(Math.abs(logprob - (recorded.logProbabilities[place] ?? Number.NaN)));
      }
    }
    expect(Math.max(...differences)).toBeLessThan(withinHalfPrecision);
  });

  it('is refused with what to do where it is not installed', () => {
    if (existsSync(builtinPolicyFolder(name))) expect(existsSync(builtinPolicyPath(name))).toBe(true);
    else expect(() => builtinPolicyPath(name)).toThrow(expect.objectContaining({ code: 'POLICY_MISSING' }) as Error);
  });
});

it('knows no other policy', () => {
  expect(() => builtinPolicyPath('nosuch' as BuiltinPolicy)).toThrow(
    expect.objectContaining({ code: 'POLICY_MISSING' }) as Error,
  );
});
