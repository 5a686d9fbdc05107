import { join } from 'node:path';

import type { ChatModel } from '@skillrl/core';
import { temporaryFolder, writeTinyModel } from '@skillrl/testing';
import { beforeAll, describe, expect, it } from 'vitest';

import { ggufTokenizer, type Tokenizer } from '../byte-tokenizer.ts';
import { sampledModel } from './sampled-model.ts';
import type { TokenRequest } from './token-sampler.ts';

const file = join(temporaryFolder(), 'tiny.gguf');
let tokenizer: Tokenizer;
beforeAll(async () => {
  writeTinyModel(file, { context: 64 });
  tokenizer = await ggufTokenizer({ modelPath: file });
});

/** A sampler that says the given ids one after the other, up to what stops it. */
function saying(ids: readonly number[]): { readonly model: ChatModel; readonly requests: TokenRequest[] } {
  const requests: TokenRequest[] = [];
  const left = [...ids];
  const model = sampledModel({
    id: 'said',
    tokenizer: file,
    sample: async (request) => {
      requests.push(request);
      const said: number[] = [];
      while (said.length < request.maxTokens && left.length > 0) {
        said.push(left.shift()!);
        if (request.stop.includes(said.at(-1)!)) return { ids: said, logprobs: said.map(() => -1), finish: 'stop' };
      }
      return { ids: said, logprobs: said.map(() => -1), finish: 'length' };
    },
  });
  return { model, requests };
}

describe('sampledModel', () => {
  it('goes on where a token might have ended a stop text and did not, with other numbers than it drew before', async () => {
    // The two line ends stand apart first, then together.
    const { model, requests } = saying(tokenizer.encode(' mug\n desk\n\n apple'));
    const reply = await model.chat({ prompt: ' go', stop: ['\n\n'], seed: 5, maxTokens: 20 });
    expect(reply).toMatchObject({ text: ' mug\n desk', finish: 'stop' });
    expect(requests.length).toBeGreaterThan(1);
    expect(new Set(requests.map(({ seed }) => seed)).size).toBe(requests.length);
    expect(requests[0]?.seed).toBe(5);
    expect(requests.at(-1)?.prompt).toEqual([
      ...(reply.newPromptIds ?? []),
      ...(reply.tokens?.completionIds.slice(0, -1) ?? []),
    ]);
    expect(reply.tokens?.completionIds).toEqual(tokenizer.encode(' mug\n desk\n\n'));
  });

  it('keeps what was sampled as it was sampled, where its text would be made into other ids', async () => {
    const apart = Array.from(' mug', (letter) => tokenizer.encode(letter)[0]!);
    expect(apart).not.toEqual(tokenizer.encode(' mug'));
    const { model, requests } = saying([...apart, ...tokenizer.encode(' desk')]);
    const first = await model.chat({ prompt: ' take', cacheKey: 'a', maxTokens: apart.length });
    await model.chat({ prompt: ` take${first.text} in`, cacheKey: 'a', maxTokens: 1 });
    expect(requests[1]?.prompt).toEqual([...tokenizer.encode(' take'), ...apart, ...tokenizer.encode(' in')]);
  });

  it('ends with the token that ends a text, which the text that goes on does not hold', async () => {
    const [end = -1] = tokenizer.ends;
    const { model, requests } = saying([...tokenizer.encode(' mug'), end, ...tokenizer.encode(' in')]);
    const first = await model.chat({ prompt: ' take', cacheKey: 'a', maxTokens: 9 });
    expect(first).toMatchObject({ text: ' mug', finish: 'stop', completionTokens: 2 });
    await model.chat({ prompt: ' take mug in', cacheKey: 'a', maxTokens: 1 });
    expect(requests[1]?.prompt).toEqual(tokenizer.encode(' take mug in'));
  });

  it('says a letter of several tokens as one letter', async () => {
    const { model } = saying(tokenizer.encode('é'));
    expect((await model.chat({ prompt: ' go', maxTokens: 2 })).text).toBe('é');
  });

  it('asks for no more tokens than the context has room for, and refuses a prompt that fills it', async () => {
    const { model, requests } = saying(tokenizer.encode(' mug'.repeat(64)));
    const room = 64 - tokenizer.encode(' go'.repeat(60)).length;
    const reply = await model.chat({ prompt: ' go'.repeat(60), maxTokens: 50 });
    expect([requests[0]?.maxTokens, reply.finish]).toEqual([room, 'length']);
    await expect(model.chat({ prompt: ' go'.repeat(64) })).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' });
    expect(requests).toHaveLength(1);
  });

  it('refuses ids that the vocabulary does not have', async () => {
    const { model } = saying([tokenizer.bytes.length]);
    await expect(model.chat({ prompt: ' go' })).rejects.toMatchObject({ code: 'TOKENS_UNKNOWN' });
  });
});
