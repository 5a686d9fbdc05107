import type { Embedder } from '@skillrl/core';
import { afterEach, expect, it } from 'vitest';

export interface EmbedderSuiteOptions {
  readonly create: () => Embedder | Promise<Embedder>;
  /** Two texts that mean nearly the same, and one about something else. */
  readonly near?: readonly [text: string, paraphrase: string, other: string];
}

/** What every `Embedder` must do. Call it inside a `describe` of the driver. */
export function testEmbedder({ create, near = defaultNear }: EmbedderSuiteOptions): void {
  const open: Embedder[] = [];
  const opened = async (): Promise<Embedder> => {
    const embedder = await create();
    open.push(embedder);
    return embedder;
  };
  afterEach(async () => {
    for (const embedder of open.splice(0)) await embedder.close?.();
  });

  it('gives one vector of unit length a text, in the order of the texts', async () => {
    const embedder = await opened();
    const texts = ['put a hot mug in the cabinet', 'clean the plate', 'find two pillows'];
    const vectors = await embedder.embed(texts);
    expect(vectors).toHaveLength(3);
    for (const vector of vectors) {
      expect(vector).toBeInstanceOf(Float32Array);
      expect(vector).toHaveLength(embedder.dimensions);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    }
    const [alone] = await embedder.embed([texts[1]!]);
    expectClose(alone!, vectors[1]!);
  });

  it('knows its name and the length of its vectors', async () => {
    const embedder = await opened();
    await embedder.embed(['a text']);
    expect(embedder.id).not.toBe('');
    expect(embedder.dimensions).toBeGreaterThan(0);
  });

  it('gives equal texts equal vectors, also in another embedder of the same name', async () => {
    const [one, other] = [await opened(), await opened()];
    expect(other.id).toBe(one.id);
    const [first, second] = await one.embed(['a mug', 'a mug']);
    const [third] = await other.embed(['a mug']);
    expectClose(second!, first!);
    expectClose(third!, first!);
  });

  it('gives an empty text a zero vector, between others or alone', async () => {
    const embedder = await opened();
    const [first, empty, last] = await embedder.embed(['mug', '', 'plate']);
    expect(empty).toEqual(new Float32Array(embedder.dimensions));
    expect(Math.hypot(...first!)).toBeCloseTo(1, 4);
    expect(Math.hypot(...last!)).toBeCloseTo(1, 4);
    const [alone] = await (await opened()).embed(['']);
    expect(alone).toEqual(new Float32Array(embedder.dimensions));
  });

  it('gives nothing for nothing', async () => {
    expect(await (await opened()).embed([])).toEqual([]);
  });

  it('embeds long and strange texts', async () => {
    const embedder = await opened();
    const texts = ['mug '.repeat(5000), '猫と犬', '🐈🐈', 'fooBar_baz(42)', 'a\u0000b\r\n', '\uD800'];
    for (const vector of await embedder.embed(texts)) {
      expect(vector).toHaveLength(embedder.dimensions);
      expect(vector.every((value) => Number.isFinite(value))).toBe(true);
    }
  });

  it('puts a paraphrase nearer than another subject', async () => {
    const embedder = await opened();
    const [text, paraphrase, other] = await embedder.embed(near);
    expect(dot(text!, paraphrase!)).toBeGreaterThan(dot(text!, other!));
  });

  it('stops when the caller gave up', async () => {
    const embedder = await opened();
    const signal = AbortSignal.abort();
    await expect(embedder.embed(['mug'], { signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
}

const defaultNear = ['put a hot mug in the cabinet', 'put a hot cup in the cabinet', 'buy cheap shoes online'] as const;

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, position) => sum + value * b[position]!, 0);
}

function expectClose(a: Float32Array, b: Float32Array): void {
  expect(dot(a, b)).toBeCloseTo(1, 4);
}
