import { describeWith, hashEmbedder, requirement, testEmbedder } from '@skillrl/testing';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';

import { compact } from './compact.ts';
import { embedder, embedderForms } from './embedder.ts';
import { ollamaEmbedder } from './ollama-embedder.ts';
import { openaiEmbedder } from './openai-embedder.ts';

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: { readonly model: string; readonly input: string[] };
}
interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server on the loopback interface that answers every request with what `answer` makes of it. */
async function serve(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => void reply(request, response));
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const one = { path: request.url!, authorization: request.headers.authorization, body: JSON.parse(text) };
    asked.push(one);
    const { status = 200, headers, body } = await answer(one);
    const isText = typeof body === 'string';
    response.writeHead(status, {
      'content-type': isText ? 'text/html' : 'application/json; charset=utf-8',
      ...headers,
    });
    response.end(isText ? body : JSON.stringify(body));
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Vectors that are not of unit length, as some servers give them. */
async function vectorsOf(texts: readonly string[]): Promise<number[][]> {
  const vectors = await hashEmbedder({ dimensions: 32 }).embed(texts);
  return vectors.map((vector, position) => [...vector].map((value) => value * (position + 2)));
}

function numbered(length: number): { index: number; embedding: number[] } {
  return { index: length, embedding: Array<number>(length).fill(1) };
}

const ollamaAnswer = async ({ body }: Asked): Promise<Answer> => ({
  body: {
    model: body.model,
    embeddings: await vectorsOf(body.input),
    total_duration: 9,
    load_duration: 1,
    prompt_eval_count: 4,
  },
});
const openaiAnswer = async ({ body }: Asked): Promise<Answer> => ({
  body: {
    object: 'list',
    model: body.model,
    // In any order: what counts is `index`.
    data: (await vectorsOf(body.input))
      .map((embedding, index) => ({ object: 'embedding', index, embedding }))
      .toReversed(),
    usage: { prompt_tokens: 4, total_tokens: 4 },
  },
});

const drivers = [
  {
    name: 'ollamaEmbedder',
    answer: ollamaAnswer,
    path: '/api/embed',
    create: (url: string, limits = {}) => ollamaEmbedder({ model: 'words', host: url, backoffMs: 1, ...limits }),
  },
  {
    name: 'openaiEmbedder',
    answer: openaiAnswer,
    path: '/v1/embeddings',
    create: (url: string, limits = {}) =>
      openaiEmbedder({ model: 'words', baseUrl: `${url}/v1/`, apiKey: 'key-1', backoffMs: 1, ...limits }),
  },
] as const;

for (const { name, answer, path, create } of drivers) {
  describe(name, () => {
    let url: Promise<string> | undefined;
    testEmbedder({
      create: async () => {
        // Both embedders of a case ask one server: on another one the same name may be another model.
        url ??= serve(answer).then((server) => server.url);
        closers.push(() => (url = undefined));
        return create(await url);
      },
    });

    it('asks for bounded batches and never for an empty text', async () => {
      const { url, asked } = await serve(answer);
      const texts = Array.from({ length: 10 }, (_, number) => (number === 3 ? '' : `text ${number}`));
      const vectors = await create(url, { batchSize: 4 }).embed(texts);
      expect(vectors).toHaveLength(10);
      expect(asked.map(({ body }) => body.input.length)).toEqual([4, 4, 1]);
      expect(asked.every((one) => one.path === path && one.body.model === 'words')).toBe(true);
      expect(asked.flatMap(({ body }) => body.input)).toEqual(texts.filter((text) => text !== ''));
    });

    it('says that nothing listens, and what to do', async () => {
      const { url } = await serve(answer);
      for (const close of closers.splice(0)) close();
      await expect(create(url).embed(['mug'])).rejects.toMatchObject({
        code: 'EMBEDDER_UNREACHABLE',
        retryable: true,
        message: expect.stringContaining('ECONNREFUSED'),
        hint: expect.stringContaining('Start'),
      });
    });

    it('sends a user name and password of the address as a header, and shows them to nobody', async () => {
      const { url, asked } = await serve(() => ({ status: 403, body: { error: 'no' } }));
      const embedding = create(url.replace('//', '//ann:secret-word@'), { apiKey: undefined });
      const error = await embedding.embed(['mug']).catch((thrown: unknown) => thrown);
      expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from('ann:secret-word').toString('base64')}`);
      expect(JSON.stringify([error, embedding.id, String(error), (error as Error).stack])).not.toContain('secret');
    });

    it('refuses batches of no text, which would never end', () => {
      for (const batchSize of [0, -1, 0.5, Number.NaN]) {
        expect(() => create('http://127.0.0.1:9', { batchSize })).toThrow(
          expect.objectContaining({ code: 'BATCH_SIZE_INVALID' }),
        );
      }
    });

    it('gives up a server that hangs, and says so', async () => {
      const { url } = await serve(() => new Promise<Answer>(() => {}));
      await expect(create(url, { timeoutMs: 50 }).embed(['mug'])).rejects.toMatchObject({
        code: 'EMBEDDER_TIMEOUT',
        retryable: true,
      });
    });

    it('stops a request under way when the caller gives up', async () => {
      const { url } = await serve(() => new Promise<Answer>(() => {}));
      const controller = new AbortController();
      const embedding = create(url).embed(['mug'], { signal: controller.signal });
      setTimeout(() => controller.abort(), 30);
      await expect(embedding).rejects.toMatchObject({ name: 'AbortError' });
    });

    it.each([
      ['fewer vectors than texts', { embeddings: [[1, 2]], data: [{ index: 0, embedding: [1, 2] }] }],
      ['vectors of different lengths', { embeddings: [[1, 2], [1]], data: [1, 2].map((length) => numbered(length)) }],
      ['empty vectors', { embeddings: [[], []], data: [numbered(0), numbered(0)] }],
      ['no vectors at all', { ok: true }],
      ['numbers that are not finite', '{"embeddings":[[1e999],[1]],"data":[{"index":0,"embedding":[1e999]}]}'],
      ['a page instead of JSON', '<html>welcome</html>'],
    ])('refuses %s', async (_what, body) => {
      const { url } = await serve(() => ({ body }));
      await expect(create(url).embed(['mug', 'plate'])).rejects.toMatchObject({ code: 'EMBEDDER_SHAPE' });
    });

    it('refuses vectors whose length changes between two calls', async () => {
      let dimensions = 8;
      const { url } = await serve(async (asked) => {
        const vectors = await hashEmbedder({ dimensions }).embed(asked.body.input);
        const lists = vectors.map((vector) => [...vector]);
        return { body: { embeddings: lists, data: lists.map((embedding, index) => ({ index, embedding })) } };
      });
      const embedding = create(url);
      await embedding.embed(['mug']);
      dimensions = 16;
      await expect(embedding.embed(['mug'])).rejects.toMatchObject({ code: 'EMBEDDER_SHAPE' });
    });

    it.each([429, 500, 503])('asks again after status %i, and gives up after so many times', async (status) => {
      let refusals = 2;
      const { url, asked } = await serve((one) => (refusals-- > 0 ? { status, body: { error: 'busy' } } : answer(one)));
      expect(await create(url).embed(['mug'])).toHaveLength(1);
      expect(asked).toHaveLength(3);
      refusals = Infinity;
      await expect(create(url, { retries: 1 }).embed(['mug'])).rejects.toMatchObject({ retryable: true });
      expect(asked).toHaveLength(5);
    });

    it('waits as long as a busy server asks, and not for one that asks for too long', async () => {
      let refusals = 1;
      const { url } = await serve((one) =>
        refusals-- > 0 ? { status: 429, headers: { 'retry-after': '0.2' }, body: { error: 'busy' } } : answer(one),
      );
      const startedAt = performance.now();
      expect(await create(url).embed(['mug'])).toHaveLength(1);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
      refusals = 1;
      await expect(create(url, { longestWaitMs: 100 }).embed(['mug'])).rejects.toMatchObject({
        code: 'EMBEDDER_FAILED',
      });
    });

    it('stops waiting for a busy server when the caller gives up', async () => {
      const { url } = await serve(() => ({ status: 503, headers: { 'retry-after': '30' }, body: { error: 'busy' } }));
      const controller = new AbortController();
      const embedding = create(url).embed(['mug'], { signal: controller.signal });
      setTimeout(() => controller.abort(), 50);
      await expect(embedding).rejects.toMatchObject({ name: 'AbortError' });
    });

    it('does not ask again after a refusal that stays', async () => {
      const { url, asked } = await serve(() => ({ status: 501, body: { error: 'does not support embeddings' } }));
      await expect(create(url).embed(['mug'])).rejects.toMatchObject({ code: 'EMBEDDER_MODEL_CANNOT_EMBED' });
      expect(asked).toHaveLength(1);
    });

    it.each([
      [401, 'EMBEDDER_ACCESS_DENIED', false],
      [404, 'EMBEDDER_MODEL_MISSING', false],
      [429, 'EMBEDDER_FAILED', true],
      [500, 'EMBEDDER_FAILED', true],
    ])('explains status %i as %s', async (status, code, retryable) => {
      const { url } = await serve(() => ({ status, body: { error: { message: 'key-1 is wrong' } } }));
      const error = await create(url)
        .embed(['mug'])
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, retryable });
      if (name === 'openaiEmbedder') expect(String(error)).not.toContain('key-1');
    });
  });
}

describe('openaiEmbedder', () => {
  it('refuses a key that cannot be sent, without showing it', () => {
    expect(() => openaiEmbedder({ model: 'words', apiKey: 'sk-secret\nnext' })).toThrow(
      expect.objectContaining({ code: 'API_KEY_INVALID', message: expect.not.stringContaining('sk-secret') }),
    );
  });

  it('refuses what is no address', () => {
    expect(() => openaiEmbedder({ model: 'words', baseUrl: 'http://host:port/v1' })).toThrow(
      expect.objectContaining({ code: 'EMBEDDER_URL_INVALID' }),
    );
  });

  it('sends the key, and none when there is none', async () => {
    const { url, asked } = await serve(openaiAnswer);
    await openaiEmbedder({ model: 'words', baseUrl: `${url}/v1`, apiKey: 'key-1' }).embed(['mug']);
    await openaiEmbedder({ model: 'words', baseUrl: `${url}/v1` }).embed(['mug']);
    expect(asked.map(({ authorization }) => authorization)).toEqual(['Bearer key-1', undefined]);
  });
});

interface Recorded {
  readonly label: string;
  readonly response: { readonly status: number; readonly body: unknown };
}

describeWith(requirement('data', { part: 'ollama/embed.json' }), 'ollamaEmbedder on recorded answers', (path) => {
  const recorded = JSON.parse(readFileSync(path, 'utf8')) as Recorded[];
  it.each([
    ['embed v1', 'EMBEDDER_MODEL_CANNOT_EMBED', 'made for embedding'],
    ['embed missing', 'EMBEDDER_MODEL_MISSING', 'ollama pull words'],
  ])('explains %s', async (label, code, hint) => {
    const { response } = recorded.find((each) => each.label === label)!;
    const { url } = await serve(() => response);
    await expect(ollamaEmbedder({ model: 'words', host: url }).embed(['mug'])).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    });
  });
});

describe('embedder', () => {
  it.each([
    'compact',
    'use-lite',
    'ollama:nomic-embed-text:v1.5',
    'openai:text-embedding-3-small',
    'openai:org/model@1@http://host:8000/v1',
    'transformers:org/model',
  ])('makes %s again from its id', (spec) => {
    const { id } = embedder(spec);
    expect(embedder(id).id).toBe(id);
  });

  it('finds the embedder that a string names', async () => {
    const { url, asked } = await serve((one) => (one.path === '/api/embed' ? ollamaAnswer(one) : openaiAnswer(one)));
    expect(embedder('compact').id).toBe(compact().id);
    expect(embedder('ollama:nomic-embed-text:v1.5').id).toBe('ollama:nomic-embed-text:v1.5');
    await embedder('ollama:a:1', { ollamaHost: url }).embed(['x']);
    await embedder(`ollama:a:2@${url}`).embed(['x']);
    await embedder(`openai:org/b@3@${url}/v1`, { apiKey: 'k' }).embed(['x']);
    expect(asked.map(({ path, body }) => [path, body.model])).toEqual([
      ['/api/embed', 'a:1'],
      ['/api/embed', 'a:2'],
      ['/v1/embeddings', 'org/b@3'],
    ]);
  });

  it('lists the forms there are when a string names none', () => {
    for (const spec of ['', 'compakt', 'ollama:', 'llama:x', 'openai:']) {
      expect(() => embedder(spec)).toThrow(
        expect.objectContaining({ code: 'EMBEDDER_SPEC_INVALID', hint: expect.stringContaining('ollama:') }),
      );
    }
    for (const form of embedderForms) expect(() => embedder(form)).not.toThrow();
  });
});
