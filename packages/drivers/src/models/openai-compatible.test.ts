import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import {
  startOllamaWireServer,
  temporaryFolder,
  testChatModel,
  writeTinyModel,
  type OllamaWireServer,
} from '@skillrl/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { retryAfterMs } from '../http/fetch-with-retry.ts';
import { openaiCompatible } from './openai-compatible.ts';

const modelPath = join(temporaryFolder(), 'tiny.gguf');
let server: OllamaWireServer;

beforeAll(async () => {
  writeTinyModel(modelPath);
  server = await startOllamaWireServer({ models: { tiny: modelPath } });
});
afterAll(() => server.close());

describe('openaiCompatible', () => {
  testChatModel({ create: () => openaiCompatible({ model: 'tiny', baseUrl: `${server.url}/v1` }) });

  it('names a model that is missing', async () => {
    const model = openaiCompatible({ model: 'nosuch', baseUrl: `${server.url}/v1` });
    await expect(model.chat({ prompt: 'x' })).rejects.toMatchObject({ code: 'MODEL_MISSING' });
  });

  it('says so where nothing listens', async () => {
    const model = openaiCompatible({ model: 'm', baseUrl: 'http://127.0.0.1:9/v1', retries: 0 });
    await expect(model.chat({ prompt: 'x' })).rejects.toMatchObject({ code: 'MODEL_UNREACHABLE', retryable: true });
  });

  it('refuses an address that is none', () => {
    expect(() => openaiCompatible({ model: 'm', baseUrl: 'nowhere' })).toThrow(
      expect.objectContaining({ code: 'MODEL_URL_INVALID' }) as Error,
    );
  });
});

describe('openaiCompatible and a server that is busy or strict', () => {
  const closing: (() => void)[] = [];
  afterEach(() => closing.splice(0).forEach((close) => close()));

  async function fake(...answers: ((request: IncomingMessage, response: ServerResponse) => void)[]): Promise<string> {
    let count = 0;
    const busy = createServer((request, response) => {
      request.resume();
      (answers[Math.min(count, answers.length - 1)] ?? yes)(request, response);
      count += 1;
    });
    await new Promise<void>((resolve) => busy.listen(0, '127.0.0.1', resolve));
    closing.push(() => (busy.closeAllConnections(), busy.close()));
    return `http://127.0.0.1:${(busy.address() as AddressInfo).port}/v1`;
  }

  const yes = (_: IncomingMessage, response: ServerResponse): void => {
    const choice = { index: 0, message: { role: 'assistant', content: 'yes' }, finish_reason: 'stop' };
    response
      .writeHead(200)
      .end(JSON.stringify({ choices: [choice], usage: { prompt_tokens: 3, completion_tokens: 1 } }));
  };
  const no =
    (status: number, headers: Record<string, string> = {}) =>
    (_: IncomingMessage, response: ServerResponse): void =>
      void response.writeHead(status, headers).end(JSON.stringify({ error: { message: 'busy' } }));
  const messages = [{ role: 'user', content: 'well?' }] as const;

  it('asks again after 429 and 5xx, no sooner than it is told', async () => {
    const baseUrl = await fake(no(503), no(429, { 'retry-after': '0.2' }), yes);
    const begin = performance.now();
    const reply = await openaiCompatible({ model: 'm', baseUrl, backoffMs: 1 }).chat({ prompt: messages });
    expect(reply).toMatchObject({ text: 'yes', finish: 'stop', promptTokens: 3, completionTokens: 1 });
    expect(performance.now() - begin).toBeGreaterThanOrEqual(195);
  });

  it('gives up after its retries, and does not wait an hour', async () => {
    const tired = openaiCompatible({ model: 'm', baseUrl: await fake(no(500)), backoffMs: 1, retries: 2 });
    await expect(tired.chat({ prompt: messages })).rejects.toMatchObject({ code: 'MODEL_FAILED', retryable: true });
    const patient = openaiCompatible({ model: 'm', baseUrl: await fake(no(429, { 'retry-after': '3600' }), yes) });
    await expect(patient.chat({ prompt: messages })).rejects.toMatchObject({ code: 'MODEL_FAILED', retryable: true });
  });

  it('stops waiting when the caller gives up', async () => {
    const baseUrl = await fake(no(503, { 'retry-after': '30' }));
    const reply = openaiCompatible({ model: 'm', baseUrl }).chat({ prompt: messages, signal: AbortSignal.timeout(50) });
    await expect(reply).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('sends the key, and shows it to nobody, even when the server repeats it', async () => {
    const apiKey = 'sk-very-secret-0123456789';
    const seen: (string | undefined)[] = [];
    const baseUrl = await fake((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end(JSON.stringify({ error: { message: `Incorrect API key provided: ${apiKey}.` } }));
    });
    const model = openaiCompatible({ model: 'm', baseUrl, apiKey });
    const error = await model.chat({ prompt: messages }).catch((reason: unknown) => reason);
    expect(seen).toEqual([`Bearer ${apiKey}`]);
    expect(error).toMatchObject({ code: 'MODEL_ACCESS_DENIED' });
    const { stack, message, cause } = error as Error;
    expect(JSON.stringify([error, model, stack, message, String(cause)])).not.toContain(apiKey);
  });

  it('sends a user name and password of the address as a header, and shows them to nobody', async () => {
    const seen: (string | undefined)[] = [];
    const baseUrl = await fake((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(403).end('no');
    });
    const model = openaiCompatible({ model: 'm', baseUrl: baseUrl.replace('//', '//ann:secret-word@') });
    const error = await model.chat({ prompt: messages }).catch((reason: unknown) => reason);
    expect(seen).toEqual([`Basic ${Buffer.from('ann:secret-word').toString('base64')}`]);
    const { stack, message } = error as Error;
    expect(JSON.stringify([error, model, stack, message])).not.toContain('secret-word');
  });

  it('refuses a key that cannot be sent, without showing it', () => {
    expect(() => openaiCompatible({ model: 'm', apiKey: 'sk-secret\nnext' })).toThrow(
      expect.objectContaining({
        code: 'API_KEY_INVALID',
        message: expect.not.stringContaining('sk-secret') as string,
      }) as Error,
    );
  });

  it('asks a server that hangs once, and says how long it waited', async () => {
    let asked = 0;
    const baseUrl = await fake(() => void (asked += 1));
    const model = openaiCompatible({ model: 'm', baseUrl, timeoutMs: 60, backoffMs: 1 });
    await expect(model.chat({ prompt: messages })).rejects.toMatchObject({
      code: 'MODEL_TIMEOUT',
      retryable: true,
      message: expect.stringContaining('60 ms') as string,
    });
    expect(asked).toBe(1);
  });

  it('says that a reply broke off, not that nothing answers', async () => {
    const baseUrl = await fake((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"choices":');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(openaiCompatible({ model: 'm', baseUrl }).chat({ prompt: messages })).rejects.toMatchObject({
      code: 'REPLY_INCOMPLETE',
      retryable: true,
    });
  });

  it.each([
    [400, { message: "This model's maximum context length is 8192 tokens." }, 'CONTEXT_OVERFLOW', false],
    [400, { message: 'temperature is too high' }, 'MODEL_FAILED', false],
    [422, 'unprocessable', 'MODEL_FAILED', false],
    [404, { message: 'no such model' }, 'MODEL_MISSING', false],
    [400, { message: "'response_format' is not supported by this model." }, 'CAPABILITY_MISSING', false],
    [501, { message: 'Unsupported parameter: response_format' }, 'CAPABILITY_MISSING', false],
  ])('explains status %i once: %j', async (status, error, code, retryable) => {
    let asked = 0;
    const baseUrl = await fake((_, response) => {
      asked += 1;
      response.writeHead(status).end(JSON.stringify({ error }));
    });
    await expect(openaiCompatible({ model: 'm', baseUrl }).chat({ prompt: messages })).rejects.toMatchObject({
      code,
      retryable,
    });
    expect(asked).toBe(1);
  });

  it('names a refusal, and an end by the limit', async () => {
    const saying = (message: object, finish_reason: string) => (_: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(200).end(JSON.stringify({ choices: [{ index: 0, message, finish_reason }] }));
    const filtered = await fake(
      saying({ content: null }, 'content_filter'),
      saying({ refusal: 'I will not.' }, 'stop'),
    );
    const model = openaiCompatible({ model: 'm', baseUrl: filtered });
    await expect(model.chat({ prompt: messages })).rejects.toMatchObject({ code: 'REPLY_REFUSED' });
    await expect(model.chat({ prompt: messages })).rejects.toMatchObject({ code: 'REPLY_REFUSED' });
    const cut = openaiCompatible({ model: 'm', baseUrl: await fake(saying({ content: 'one two' }, 'length')) });
    expect(await cut.chat({ prompt: messages })).toEqual({
      text: 'one two',
      finish: 'length',
      promptTokens: 0,
      completionTokens: 0,
    });
  });

  it('does not take any answer for a reply', async () => {
    const baseUrl = await fake((_, response) => void response.writeHead(200).end('<html>'));
    await expect(openaiCompatible({ model: 'm', baseUrl }).chat({ prompt: messages })).rejects.toMatchObject({
      code: 'REPLY_INVALID',
    });
  });
});

describe('retryAfterMs', () => {
  const asked = (value?: string): number | undefined =>
    retryAfterMs(
      new Response(null, value === undefined ? {} : { headers: { 'retry-after': value } }),
      Date.UTC(2026, 0, 1),
    );

  it('reads seconds and dates', () => {
    expect(asked('2')).toBe(2000);
    expect(asked('Thu, 01 Jan 2026 00:00:05 GMT')).toBe(5000);
    expect(asked('Thu, 01 Jan 2020 00:00:00 GMT')).toBe(0);
  });

  it('takes nonsense for nothing', () => {
    expect(asked()).toBeUndefined();
    expect(asked('soon')).toBeUndefined();
  });
});
