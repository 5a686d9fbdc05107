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
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { ollamaEmbedder } from '../embedders/ollama-embedder.ts';
import { ggufTokenizer, type ByteTokenizer } from './byte-tokenizer.ts';
import { llamaCpp } from './llama-cpp.ts';
import { ollamaAddress } from './ollama/connect.ts';
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

  it('asks for the settings it was given', async () => {
    const bodies: { readonly keep_alive?: string; readonly think?: boolean; readonly options: object }[] = [];
    const last = (said: object): string =>
      `${JSON.stringify({ model: 'm', ...said, done: true, done_reason: 'stop' })}\n`;
    const listening = createServer((request, response) => {
      void Array.fromAsync(request as AsyncIterable<Buffer>).then((chunks) => {
        bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as (typeof bodies)[number]);
        response.writeHead(200).end(last({ response: 'a', message: { content: 'a' } }));
      });
    });
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const model = ollama({ model: 'm', host: urlOf(listening), keepAlive: '10m', contextSize: 512, think: true });
    await model.chat({ prompt: 'x', maxTokens: 3, temperature: 0.5, seed: -1, stop: ['.'] });
    await model.chat({ prompt: [{ role: 'user', content: 'x' }] });
    await ollama({ model: 'm', host: urlOf(listening) }).chat({ prompt: [{ role: 'user', content: 'x' }] });
    listening.close();
    expect(bodies[0]).toMatchObject({
      keep_alive: '10m',
      truncate: false,
      shift: false,
      raw: true,
      options: { num_predict: 3, temperature: 0.5, seed: 0x7f_ff_ff_ff, stop: ['.'], num_ctx: 512 },
    });
    expect(bodies.map(({ think }) => think)).toEqual([undefined, true, false]);
    expect(bodies[2]).not.toHaveProperty('keep_alive');
  });

  it('finds a server where OLLAMA_HOST would, and shows no password', async () => {
    const { port } = new URL(server.url);
    for (const host of [`127.0.0.1:${port}`, `http://0.0.0.0:${port}/`, `ann:secret-word@127.0.0.1:${port}`]) {
      const { text } = await ollama({ model: 'tiny:1', host }).chat({ prompt: ' go to', maxTokens: 2 });
      expect(text).not.toBe('');
    }
    expect(ollamaAddress('far')).toEqual({ url: 'http://far:11434' });
    expect(ollamaAddress('https://far/proxy/')).toEqual({ url: 'https://far/proxy' });
    expect(ollamaAddress()).toEqual({ url: 'http://127.0.0.1:11434' });
    const gone = ollama({ model: 'm', host: 'http://ann:secret-word@127.0.0.1:9' }).chat({ prompt: 'x' });
    const error = await gone.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'OLLAMA_UNREACHABLE' });
    const { stack, message, cause } = error as Error;
    expect(JSON.stringify([error, stack, message, String(cause)])).not.toContain('secret-word');
    expect(() => ollama({ model: 'm', host: 'not a host' })).toThrow(
      expect.objectContaining({ code: 'OLLAMA_HOST_INVALID' }) as Error,
    );
  });

  it('leaves the server when a stop text was said or the caller gives up', async () => {
    let left = 0;
    const endless = createServer((request, response) => {
      request.resume();
      if (request.url === '/api/show') return void response.writeHead(404).end('{"error":"not found"}');
      const timer = setInterval(
        () => response.write(`${JSON.stringify({ response: ' go', message: { content: ' go' }, done: false })}\n`),
        5,
      );
      response.once('close', () => {
        clearInterval(timer);
        left += 1;
      });
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const prompt = [{ role: 'user', content: 'x' }] as const;
    // With a tokenizer the driver looks for stop texts itself.
    const stopped = ollama({ model: 'm', host: urlOf(endless), tokenizer }).chat({ prompt, stop: [' go go'] });
    expect(await stopped).toMatchObject({ text: '', finish: 'stop' });
    const given = ollama({ model: 'm', host: urlOf(endless) }).chat({ prompt, signal: AbortSignal.timeout(30) });
    await expect(given).rejects.toMatchObject({ name: 'TimeoutError' });
    await vi.waitFor(() => expect(left).toBe(2));
    endless.close();
  });

  it('gives up one request, and goes on with another of the same model', async () => {
    const model = ollama({ model: 'tiny:1', host: server.url });
    const controller = new AbortController();
    const other = model.chat({ prompt: ' go to', maxTokens: 200 });
    const given = model.chat({ prompt: ' take', maxTokens: 200, signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    await expect(given).rejects.toMatchObject({ name: 'AbortError' });
    expect((await other).completionTokens).toBe(200);
  });

  it('says that a reply broke off, not that nothing answers', async () => {
    const broken = await answering((response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"model":');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(ollama({ model: 'm', host: urlOf(broken) }).chat({ prompt: 'x' })).rejects.toMatchObject({
      code: 'REPLY_INCOMPLETE',
    });
    broken.close();
  });

  it('does not take a reply for whole that breaks off', async () => {
    const line = `${JSON.stringify({ model: 'm', response: '\n\n', done: false })}\n`;
    const broken = await answering((response) =>
      response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(line),
    );
    const reply = ollama({ model: 'm', host: urlOf(broken) }).chat({ prompt: 'x' });
    await expect(reply).rejects.toMatchObject({ code: 'REPLY_INCOMPLETE', retryable: true });
    broken.close();
  });
});

describe('ollama with a tokenizer', () => {
  testChatModel({ create: () => ollama({ model: 'tiny:1', host: server.url, tokenizer: modelPath }), tooLong });

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

  it('gives all ids but the one that ends a reply, which Ollama does not name', async () => {
    const path = join(temporaryFolder(), 'ending.gguf');
    writeTinyModel(path, { endsTexts: true });
    const ending = await startOllamaWireServer({ models: { ending: path } });
    const near = await llamaCpp({ modelPath: path });
    const far = ollama({ model: 'ending', host: ending.url, tokenizer: await ggufTokenizer({ modelPath: path }) });
    let ended = 0;
    for (const start of [' go to', ' take', ' open', ' the mug', ' is in', ' 1', ' cool', ' shelf 2']) {
      const request = { prompt: start, temperature: 0, maxTokens: 40 };
      const [own, served] = [await near.chat(request), await far.chat(request)];
      expect(served.finish).toBe(own.finish);
      expect(served.text).toBe(own.text);
      const ids = own.tokens?.completionIds ?? [];
      expect(served.tokens?.completionIds).toEqual(own.finish === 'stop' ? ids.slice(0, -1) : ids);
      if (own.finish === 'stop') ended += 1;
    }
    expect(ended).toBeGreaterThan(0);
    await Promise.all([near.close?.(), ending.close()]);
  });

  it('takes a GGUF file for the tokenizer, and notices at once when it is none', async () => {
    const model = ollama({ model: 'tiny:1', host: server.url, tokenizer: modelPath });
    expect(model.capabilities).toMatchObject({ tokens: true, rawPrompt: true });
    const request = { prompt: ' go to desk 1', seed: 3, temperature: 1, maxTokens: 6 };
    const opened = ollama({ model: 'tiny:1', host: server.url, tokenizer });
    expect((await model.chat(request)).tokens).toEqual((await opened.chat(request)).tokens);
    for (const [file, code] of [
      ['nosuch.gguf', 'MODEL_FILE_MISSING'],
      [import.meta.filename, 'MODEL_FILE_INVALID'],
    ] as const)
      expect(() => ollama({ model: 'tiny:1', tokenizer: file })).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('keeps the tokens of the latest 256 conversations, released or not', async () => {
    const model = ollama({ model: 'tiny:1', host: server.url, tokenizer });
    const prompt = ' go to desk 1';
    const say = (cacheKey: string) => model.chat({ prompt, cacheKey, maxTokens: 1, temperature: 0 });
    const { promptTokens } = await say('first');
    expect((await say('first')).newPromptIds).toEqual([]);
    for (let number = 0; number < 256; number += 1) await say(`other-${number}`);
    expect((await say('other-0')).newPromptIds).toEqual([]);
    expect((await say('first')).newPromptIds).toHaveLength(promptTokens);
  });

  it("refuses a tokenizer that is not the model's", async () => {
    const other = { ...tokenizer, encode: (text: string) => [...tokenizer.encode(text), 0] };
    const reply = ollama({ model: 'tiny:1', host: server.url, tokenizer: other }).chat({ prompt: ' go', maxTokens: 2 });
    await expect(reply).rejects.toMatchObject({ code: 'TOKENS_UNKNOWN' });
    const elsewhere = { ...tokenizer, id: 'of another model' };
    const third = ollama({ model: 'tiny:1', host: server.url, tokenizer: elsewhere }).chat({
      prompt: ' go',
      maxTokens: 2,
    });
    await expect(third).rejects.toMatchObject({
      code: 'TOKENS_UNKNOWN',
      message: expect.stringContaining('of another') as string,
    });
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

  it('keeps to a JSON schema', async (context) => {
    if (host === undefined) return context.skip('OLLAMA_HOST is not set');
    const { text, finish } = await ollama({ model, host }).chat({
      prompt: [{ role: 'user', content: 'Is 97 a prime?' }],
      jsonSchema: { type: 'object', properties: { prime: { type: 'boolean' } }, required: ['prime'] },
      maxTokens: 200,
      temperature: 0,
    });
    if (finish === 'stop') expect(JSON.parse(text)).toMatchObject({ prime: expect.any(Boolean) });
  });

  it('embeds', async (context) => {
    if (host === undefined) return context.skip('OLLAMA_HOST is not set');
    const { OLLAMA_TEST_EMBEDDER: name = 'nomic-embed-text' } = process.env;
    const [vector] = await ollamaEmbedder({ model: name, host }).embed(['a mug']);
    expect(Math.hypot(...vector!)).toBeCloseTo(1, 5);
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
