import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import type { ChatModel } from '@skillrl/core';
import { temporaryFolder, testChatModel, writeTinyModel } from '@skillrl/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { lazyLlamaCpp, llamaCpp } from './llama-cpp.ts';

const folder = temporaryFolder();
const plain = join(folder, 'plain.gguf');
const withTemplate = join(folder, 'chat.gguf');
const ending = join(folder, 'ending.gguf');
const turnOf = "{{ message['role'] + ':' + message['content'] + '\\n' }}";

beforeAll(() => {
  writeTinyModel(plain);
  writeTinyModel(ending, { endsTexts: true });
  writeTinyModel(withTemplate, {
    chatTemplate: `{% for message in messages %}${turnOf}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}`,
  });
});

describe('llamaCpp, a model without a chat template', () => {
  testChatModel({ create: () => llamaCpp({ modelPath: plain }), tooLong: ' go to desk 1'.repeat(300) });
});

describe('llamaCpp, a model that ends its texts', () => {
  testChatModel({ create: () => llamaCpp({ modelPath: ending }) });
});

describe('llamaCpp, a model with one', () => {
  testChatModel({ create: () => llamaCpp({ modelPath: withTemplate }) });
});

describe('llamaCpp', () => {
  const open: ChatModel[] = [];
  const opened = async (options: Partial<Parameters<typeof llamaCpp>[0]> = {}): Promise<ChatModel> => {
    const model = await llamaCpp({ modelPath: plain, ...options });
    open.push(model);
    return model;
  };
  afterEach(async () => {
    for (const model of open.splice(0)) await model.close?.();
  });

  it('tokenises only what an episode adds, turn by turn', async () => {
    const model = await opened();
    let prompt = ' task put apple in shelf\n>';
    let seen = 0;
    for (let turn = 0; turn < 12; turn += 1) {
      const reply = await model.chat({
        prompt,
        cacheKey: 'episode',
        stop: ['\n'],
        maxTokens: 6,
        seed: turn,
        temperature: 1,
      });
      expect(reply.newPromptIds).toHaveLength(reply.promptTokens - seen);
      seen = reply.promptTokens + reply.completionTokens;
      const isWhole = reply.finish === 'stop';
      prompt += `${reply.text}\n ok\n>`;
      expect(isWhole || reply.completionTokens === 6).toBe(true);
    }
  });

  it('gives the same tokens and log-probabilities to the last bit, cached or not, alone or among others', async () => {
    const turns = async (model: ChatModel, key: string | undefined): Promise<unknown[]> => {
      const replies: unknown[] = [];
      let prompt = ' task put apple in shelf\n>';
      for (let turn = 0; turn < 10; turn += 1) {
        const reply = await model.chat({
          prompt,
          cacheKey: key,
          stop: ['\n'],
          maxTokens: 6,
          seed: turn,
          temperature: 1,
        });
        replies.push(reply.text, reply.tokens);
        prompt += `${reply.text}${reply.finish === 'stop' ? '\n' : ''} ok take mug\n>`;
      }
      return replies;
    };
    const model = await opened({ sequences: 2 });
    const cached = await turns(model, 'one');
    expect(await turns(model, undefined)).toEqual(cached);
    const crowded = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => turns(model, key)));
    for (const replies of crowded) expect(replies).toEqual(cached);
  });

  it('evaluates long prompts in pieces, wherever they are cut', async () => {
    const model = await opened();
    for (const length of [509, 510, 511, 512, 513, 1022]) {
      const words = [' go', ' to', ' desk', ' 1'];
      const text = (count: number): string => Array.from({ length: count }, (_, index) => words[index % 4]).join('');
      const prompt = text(length);
      const cacheKey = `${length}`;
      const whole = await model.chat({ prompt, maxTokens: 1, temperature: 0 });
      await model.chat({ prompt: text(length / 2), maxTokens: 1, temperature: 0, cacheKey });
      const grown = await model.chat({ prompt, maxTokens: 1, temperature: 0, cacheKey });
      expect(whole.promptTokens).toBe(length);
      expect(grown.tokens).toEqual(whole.tokens);
    }
  });

  it('draws tokens as often as it says they are likely', async () => {
    const model = await opened();
    const counts = new Map<number, number>();
    const likelihood = new Map<number, number>();
    const draws = 600;
    for (let seed = 0; seed < draws; seed += 1) {
      const { tokens } = await model.chat({ prompt: ' go to', temperature: 1, seed, maxTokens: 1, cacheKey: 'k' });
      const [id = -1, logprob = 0] = [tokens?.completionIds[0], tokens?.logprobs[0]];
      counts.set(id, (counts.get(id) ?? 0) + 1);
      likelihood.set(id, Math.exp(logprob));
    }
    for (const [id, probability] of likelihood) {
      const deviation = Math.sqrt((probability * (1 - probability)) / draws);
      expect(Math.abs((counts.get(id) ?? 0) / draws - probability)).toBeLessThan(4 * deviation + 1e-3);
    }
  });

  it('ends with the context, and refuses a prompt that leaves no room', async () => {
    const model = await opened({ contextSize: 64 });
    const reply = await model.chat({ prompt: ' go to desk 1'.repeat(12), maxTokens: 100, seed: 1 });
    expect(reply).toMatchObject({ finish: 'length', promptTokens: 48, completionTokens: 16 });
    await expect(model.chat({ prompt: ' go to desk 1'.repeat(16) })).rejects.toMatchObject({
      code: 'CONTEXT_OVERFLOW',
      message: expect.stringContaining('64 tokens') as string,
    });
  });

  it.each([0, 1])('says that damaged weights answer with no numbers, at temperature %d', async (temperature) => {
    const bytes = readFileSync(plain);
    const damaged = join(folder, 'damaged.gguf');
    // In F16 all bits set are NaN.
    writeFileSync(damaged, bytes.fill(0xff, bytes.length - 256));
    const model = await opened({ modelPath: damaged });
    await expect(model.chat({ prompt: ' go to desk 1', maxTokens: 4, temperature })).rejects.toMatchObject({
      code: 'LOGITS_INVALID',
    });
  });

  it('continues a text that had ended as if it were new', async () => {
    const model = await opened({ modelPath: ending });
    let ended = 0;
    for (let seed = 0; seed < 40; seed += 1) {
      const request = { prompt: ' go to', temperature: 1, seed, maxTokens: 12 };
      const first = await model.chat({ ...request, cacheKey: `${seed}` });
      if (first.finish === 'length') continue;
      ended += 1;
      expect(first.tokens?.completionIds.at(-1)).toBe(0);
      const prompt = ` go to${first.text} take mug`;
      const kept = await model.chat({ ...request, prompt, cacheKey: `${seed}` });
      const fresh = await model.chat({ ...request, prompt });
      expect([kept.text, kept.tokens, kept.promptTokens]).toEqual([fresh.text, fresh.tokens, fresh.promptTokens]);
    }
    expect(ended).toBeGreaterThan(3);
  });

  it('gives up a request that waits for its turn as soon as the caller does', async () => {
    const model = await opened();
    const order: string[] = [];
    const long = model.chat({ prompt: ' go to', maxTokens: 900, seed: 1 }).then(() => order.push('long'));
    const controller = new AbortController();
    const waiting = model.chat({ prompt: ' take', signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    order.push('waiting');
    await long;
    expect(order).toEqual(['waiting', 'long']);
  });

  it('closes a model that could not be loaded', async () => {
    const cut = join(folder, 'cut.gguf');
    writeFileSync(cut, readFileSync(plain).subarray(0, 200_000));
    const model = lazyLlamaCpp({ modelPath: cut });
    await expect(model.chat({ prompt: ' go' })).rejects.toMatchObject({ code: 'MODEL_FAILED' });
    await model.close?.();
  });

  it('keeps more conversations than it has caches', async () => {
    const model = await opened({ sequences: 1 });
    const first = await model.chat({ prompt: ' go to', cacheKey: 'a', maxTokens: 3, seed: 1 });
    await model.chat({ prompt: ' take mug', cacheKey: 'b', maxTokens: 3, seed: 1 });
    const next = await model.chat({ prompt: ` go to${first.text} ok`, cacheKey: 'a', maxTokens: 3, seed: 1 });
    expect(next.newPromptIds).toHaveLength(next.promptTokens - first.promptTokens - first.completionTokens);
  });

  it('does not take what a message says for a control token', async () => {
    const model = await opened({ modelPath: withTemplate });
    const say = (content: string) =>
      model.chat({ prompt: [{ role: 'user', content }], maxTokens: 1, cacheKey: content });
    const { newPromptIds } = await say('<|endoftext|>');
    expect(newPromptIds).not.toContain(0);
  });

  it('says what is wrong with a file', async () => {
    await expect(llamaCpp({ modelPath: join(folder, 'none.gguf') })).rejects.toMatchObject({
      code: 'MODEL_FILE_MISSING',
    });
    const junk = join(folder, 'junk.gguf');
    writeFileSync(junk, 'no model at all');
    await expect(llamaCpp({ modelPath: junk })).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
    writeFileSync(junk, 'GGUF\u0003\0\0\0cut');
    await expect(llamaCpp({ modelPath: junk })).rejects.toMatchObject({ code: 'MODEL_FILE_INVALID' });
  });

  it('is named by its file, differently for each version of it', async () => {
    const other = join(folder, 'other', 'plain.gguf');
    writeTinyModel(other, { seed: 2 });
    const names = [await opened(), await opened({ modelPath: other })].map(({ id }) => id);
    expect(names[0]).toMatch(/^llama:plain\.gguf@[0-9a-f]{12}$/);
    expect(names[1]).not.toBe(names[0]);
  });

  it('runs in a worker thread beside others', async () => {
    const [there, here] = await Promise.all([
      answerInWorker(plain),
      opened().then((model) => model.chat({ prompt: ' go to', seed: 5, maxTokens: 8 })),
    ]);
    expect(there).toBe(here.text);
    // A worker loads llama.cpp anew, which takes a second of processor time.
  }, 120_000);
});

function answerInWorker(modelPath: string): Promise<string> {
  const driver = new URL('llama-cpp.ts', import.meta.url).href;
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.driver)
      .then(({ llamaCpp }) => llamaCpp({ modelPath: workerData.modelPath }))
      .then(async (model) => {
        const { text } = await model.chat({ prompt: ' go to', seed: 5, maxTokens: 8 });
        await model.close();
        parentPort.postMessage(text);
      });
  `;
  const worker = new Worker(program, { eval: true, workerData: { driver, modelPath } });
  return new Promise<string>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  }).finally(() => void worker.terminate());
}
