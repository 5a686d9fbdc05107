import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { temporaryFolder } from '../temporary-folder.ts';
import { writeTinyAdapter, writeTinyModel } from '../tiny-model.ts';
import { startOllamaWireServer, type OllamaWireServer } from './start-ollama-wire-server.ts';

// What the records cannot show: how answers hang together.

const folder = temporaryFolder();
const one = join(folder, 'one.gguf');
const two = join(folder, 'two.gguf');
const embedder = join(folder, 'embedder.gguf');
const adapter = join(folder, 'adapter.gguf');

interface Generated {
  readonly response: string;
  readonly done: boolean;
  readonly done_reason?: string;
  readonly prompt_eval_count: number;
  readonly eval_count: number;
  readonly context?: readonly number[];
  readonly logprobs?: readonly {
    readonly token: string;
    readonly logprob: number;
    readonly bytes: readonly number[];
  }[];
}

describe('startOllamaWireServer', () => {
  let server: OllamaWireServer;
  beforeAll(async () => {
    writeTinyModel(one, { seed: 1 });
    writeTinyModel(two, { seed: 2 });
    writeTinyModel(embedder, { isEmbedder: true });
    writeTinyAdapter(adapter);
    server = await startOllamaWireServer({ models: { 'qwen3:4b': one, two, embedder } });
  });
  afterAll(() => server.close());

  async function post<Reply = Generated>(path: string, body: object, signal?: AbortSignal): Promise<Reply> {
    const response = await fetch(server.url + path, { method: 'POST', body: JSON.stringify(body), signal });
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as Reply;
  }
  const generate = (options: object = {}, rest: object = {}, signal?: AbortSignal): Promise<Generated> =>
    post('/api/generate', { model: 'qwen3:4b', prompt: ' go to', raw: true, stream: false, options, ...rest }, signal);
  const lines = async (body: object): Promise<Generated[]> => {
    const response = await fetch(`${server.url}/api/generate`, { method: 'POST', body: JSON.stringify(body) });
    return (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Generated);
  };

  it('gives equal seeds equal replies, and others to no seed', async () => {
    const options = { num_predict: 24, temperature: 1, seed: 7 };
    const first = await generate(options);
    expect((await generate(options)).response).toBe(first.response);
    const unseeded = await Promise.all([1, 2, 3, 4].map(() => generate({ num_predict: 24, temperature: 1 })));
    expect(new Set(unseeded.map(({ response }) => response)).size).toBeGreaterThan(1);
  });

  it('names the bytes of each token, with the probability it had before any filter', async () => {
    const shown = { logprobs: true };
    const plain = await generate({ num_predict: 6, temperature: 0, repeat_penalty: 1 }, shown);
    expect(Buffer.from(plain.logprobs?.flatMap(({ bytes }) => bytes) ?? []).toString()).toBe(plain.response);
    const filtered = await generate({ num_predict: 6, temperature: 0.01, top_k: 2, repeat_penalty: 1, seed: 1 }, shown);
    expect(filtered.response).toBe(plain.response);
    expect(filtered.logprobs).toEqual(plain.logprobs);
  });

  it('ends before a stop text that takes several tokens, streamed or not', async () => {
    const { response } = await generate({ num_predict: 12, temperature: 0 });
    const stop = response.slice(response.length / 2, response.length / 2 + 5);
    const options = { num_predict: 12, temperature: 0, stop: [stop] };
    const whole = await generate(options);
    expect(whole).toMatchObject({ response: response.slice(0, response.indexOf(stop)), done_reason: 'stop' });
    const parts = await lines({ model: 'qwen3:4b', prompt: ' go to', raw: true, options });
    expect(parts.map((part) => part.response).join('')).toBe(whole.response);
    expect(parts.at(-1)).toMatchObject({ done: true, done_reason: 'stop', eval_count: whole.eval_count });
  });

  it('gives the tokens of prompt and reply as the context of a templated reply', async () => {
    const reply = await generate({ num_predict: 5, temperature: 0 }, { raw: false });
    expect(reply.context).toHaveLength(reply.prompt_eval_count + reply.eval_count);
  });

  it('answers with the model an alias points to now', async () => {
    const options = { num_predict: 8, temperature: 0 };
    const live = () => generate(options, { model: 'live' });
    await post('/api/copy', { source: 'qwen3:4b', destination: 'live' });
    const before = (await live()).response;
    await post('/api/copy', { source: 'two', destination: 'live' });
    const after = (await live()).response;
    expect(before).toBe((await generate(options)).response);
    expect(after).toBe((await generate(options, { model: 'two' })).response);
    expect(after).not.toBe(before);
  });

  it('speaks otherwise with an adapter, and as another model with a whole one in its place', async () => {
    const digest = async (path: string): Promise<string> => {
      const bytes = readFileSync(path);
      const name = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
      await fetch(`${server.url}/api/blobs/${name}`, { method: 'POST', body: new Uint8Array(bytes) });
      return name;
    };
    const create = async (model: string, path: string) =>
      post('/api/create', { model, from: 'qwen3:4b', adapters: { 'a.gguf': await digest(path) }, stream: false });
    await create('adapted', adapter);
    await create('replaced', two);
    const say = async (model: string) => (await generate({ num_predict: 12, temperature: 0 }, { model })).response;
    expect(await say('adapted')).not.toBe(await say('qwen3:4b'));
    expect(await say('replaced')).toBe(await say('two'));
  });

  it('drops a client that leaves, and answers the next', async () => {
    const leaving = generate({ num_predict: 0, temperature: 1 }, {}, AbortSignal.timeout(60));
    await expect(leaving).rejects.toThrow(/abort/i);
    expect((await generate({ num_predict: 2 })).eval_count).toBe(2);
  });

  it('drops old messages, never the last one, and fills no more than the context', async () => {
    const messages = Array.from({ length: 40 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: ' go to desk 1 go to desk 1',
    }));
    const chat = (more: object[]) =>
      post('/api/chat', {
        model: 'qwen3:4b',
        messages: [...messages, ...more],
        stream: false,
        options: { num_ctx: 256, num_predict: 1 },
      });
    const reply = await chat([]);
    expect(reply.prompt_eval_count).toBeLessThanOrEqual(256);
    expect(reply.prompt_eval_count).toBeGreaterThan(128);
  });

  it('keeps to a schema', async () => {
    const format = { type: 'object', properties: { place: { enum: ['desk', 'bed'] } }, required: ['place'] };
    const { response, done_reason } = await generate({ num_predict: 120, temperature: 1, seed: 3 }, { format });
    expect(['desk', 'bed']).toContain((JSON.parse(response) as { place: string }).place);
    expect(done_reason).toBe('stop');
  });

  it('embeds with a model for that, in vectors of unit length', async () => {
    const input = ['go to desk 1', 'take mug', 'go to desk 1'];
    const reply = await post<{ embeddings: number[][]; prompt_eval_count: number }>('/api/embed', {
      model: 'embedder',
      input,
    });
    expect(reply.embeddings.map((vector) => Math.hypot(...vector))).toEqual(
      input.map(() => expect.closeTo(1, 5) as number),
    );
    expect(reply.embeddings[2]).toEqual(reply.embeddings[0]);
    expect(reply.embeddings[1]).not.toEqual(reply.embeddings[0]);
    expect(reply.prompt_eval_count).toBeGreaterThan(0);
  });

  it('can be closed while it answers', async () => {
    const other = await startOllamaWireServer({ models: { m: one } });
    const body = JSON.stringify({ model: 'm', prompt: ' go', raw: true, stream: false, options: { num_predict: 0 } });
    const hanging = fetch(`${other.url}/api/generate`, { method: 'POST', body }).catch(() => 'gone');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await other.close();
    expect(await hanging).toBe('gone');
  });
});
