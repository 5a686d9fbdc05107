import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import {
  startOllamaWireServer,
  temporaryFolder,
  testChatModel,
  writeTinyModel,
  type OllamaWireServer,
} from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ggufTokenizer, type ByteTokenizer } from './byte-tokenizer.ts';
import { llamaCpp } from './llama-cpp.ts';
import { ollama } from './ollama.ts';

const modelPath = join(temporaryFolder(), 'tiny.gguf');
const tooLong = ' go to desk 1'.repeat(300);
let server: OllamaWireServer;
let tokenizer: ByteTokenizer;

beforeAll(async () => {
  writeTinyModel(modelPath);
  tokenizer = await ggufTokenizer({ modelPath });
  server = await startOllamaWireServer({ models: { 'tiny:1': modelPath } });
});
afterAll(() => server.close());

describe('ollama', () => {
  testChatModel({ create: () => ollama({ model: 'tiny:1', host: server.url }), tooLong });

  it('says how to start a server where nothing listens', async () => {
    const model = ollama({ model: 'tiny:1', host: 'http://127.0.0.1:9' });
    await expect(model.chat({ prompt: 'x' })).rejects.toMatchObject({
      code: 'OLLAMA_UNREACHABLE',
      message: expect.stringContaining('Nothing answers at http://127.0.0.1:9') as string,
      hint: expect.stringContaining('ollama serve') as string,
      retryable: true,
    });
  });

  it('says how to get a model that is missing', async () => {
    const model = ollama({ model: 'nosuch:7b', host: server.url });
    await expect(model.chat({ prompt: 'x' })).rejects.toMatchObject({
      code: 'MODEL_MISSING',
      hint: expect.stringContaining('ollama pull nosuch:7b') as string,
    });
  });

  it('tells the sizes when a prompt does not fit', async () => {
    const model = ollama({ model: 'tiny:1', host: server.url, contextSize: 128 });
    await expect(model.chat({ prompt: ' go to desk 1'.repeat(100) })).rejects.toMatchObject({
      code: 'CONTEXT_OVERFLOW',
      message: "The prompt has 400 tokens, and the context of 'tiny:1' holds 256.",
    });
  });

  it('takes a negative seed for a seed, not for chance', async () => {
    const model = ollama({ model: 'tiny:1', host: server.url });
    const ask = () => model.chat({ prompt: ' go to', seed: -1, temperature: 1, maxTokens: 12 });
    expect((await ask()).text).toBe((await ask()).text);
  });

  it('prints nothing, whatever a server answers', async () => {
    const broken = await answering((response) =>
      response.writeHead(502, { 'content-type': 'text/html' }).end('<b>Bad gateway</b>'),
    );
    const written: unknown[] = [];
    const { log, warn, error } = console;
    Object.assign(console, {
      log: written.push.bind(written),
      warn: written.push.bind(written),
      error: written.push.bind(written),
    });
    try {
      const reply = ollama({ model: 'm', host: urlOf(broken) }).chat({ prompt: 'x' });
      await expect(reply).rejects.toMatchObject({ code: 'OLLAMA_FAILED', retryable: true });
    } finally {
      Object.assign(console, { log, warn, error });
      broken.close();
    }
    expect(written).toEqual([]);
  });

  it('does not take a reply for whole that breaks off', async () => {
    const line = `${JSON.stringify({ model: 'm', response: '\n\n', done: false })}\n`;
    const broken = await answering((response) =>
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(line),
    );
    const reply = ollama({ model: 'm', host: urlOf(broken) }).chat({ prompt: 'x' });
    await expect(reply).rejects.toMatchObject({
      code: expect.stringMatching(/REPLY_INCOMPLETE|OLLAMA_FAILED/) as string,
    });
    broken.close();
  });
});

describe('ollama with a tokenizer', () => {
  testChatModel({ create: () => ollama({ model: 'tiny:1', host: server.url, tokenizer }), tooLong });

  it('gives the ids that the model in the process gives, the stop text included', async () => {
    const near = await llamaCpp({ modelPath });
    const far = ollama({ model: 'tiny:1', host: server.url, tokenizer });
    for (const prompt of [' go to desk 1\n>', ' take mug', ' the task is 3']) {
      const request = { prompt, temperature: 0, maxTokens: 10, stop: [' in', ' 3'] };
      const [own, served] = [await near.chat(request), await far.chat(request)];
      expect(served.text).toBe(own.text);
      expect(served.newPromptIds).toEqual(own.newPromptIds);
      expect(served.tokens?.completionIds).toEqual(own.tokens?.completionIds);
      expect(served.tokens?.tokenizer).toBe(own.tokens?.tokenizer);
      for (const [place, logprob] of (served.tokens?.logprobs ?? []).entries()) {
        expect(Math.abs(logprob - (own.tokens?.logprobs[place] ?? Number.NaN))).toBeLessThan(0.05);
      }
    }
    await near.close?.();
  });

  it("refuses a tokenizer that is not the model's", async () => {
    const other = { ...tokenizer, encode: (text: string) => [...tokenizer.encode(text), 0] };
    const reply = ollama({ model: 'tiny:1', host: server.url, tokenizer: other }).chat({ prompt: ' go', maxTokens: 2 });
    await expect(reply).rejects.toMatchObject({ code: 'TOKENS_UNKNOWN' });
    const blind = { ...tokenizer, idOf: () => undefined };
    const second = ollama({ model: 'tiny:1', host: server.url, tokenizer: blind }).chat({
      prompt: ' go',
      maxTokens: 2,
    });
    await expect(second).rejects.toMatchObject({ code: 'TOKENS_UNKNOWN' });
  });
});

/** A real Ollama, and one of the models it has. */
describe('ollama, a real server', () => {
  const { OLLAMA_HOST: host, OLLAMA_TEST_MODEL: model = 'qwen3:4b' } = process.env;

  it('answers messages and raw text', async (context) => {
    if (host === undefined) return context.skip('OLLAMA_HOST is not set');
    const real = ollama({ model, host });
    const said = await real.chat({ prompt: [{ role: 'user', content: 'Say yes.' }], maxTokens: 8, temperature: 0 });
    expect(said.completionTokens).toBeGreaterThan(0);
    const continued = await real.chat({ prompt: 'One, two, three,', maxTokens: 4, temperature: 0 });
    expect(continued.text).not.toBe('');
  });
});

async function answering(answer: (response: import('node:http').ServerResponse) => void): Promise<Server> {
  const server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
