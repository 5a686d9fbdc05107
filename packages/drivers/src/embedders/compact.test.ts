import type { Embedder } from '@skillrl/core';
import { hashEmbedder, temporaryFolder, testEmbedder } from '@skillrl/testing';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

import { compact } from './compact.ts';
import { loadWordVectors } from './word-vectors.ts';

interface Paraphrase {
  readonly text: string;
  readonly paraphrase: string;
  readonly keywords: string;
}

const { development, test } = JSON.parse(
  readFileSync(new URL('./fixtures/paraphrases.json', import.meta.url), 'utf8'),
) as Record<'development' | 'test', Paraphrase[]>;

describe('compact', () => {
  testEmbedder({ create: compact });

  it('knows a word by its stem and a compound by its parts', async () => {
    expect(await similarity('microwaved', 'microwave')).toBeGreaterThan(0.99);
    expect(await similarity('sinkbasin', 'sink basin')).toBeGreaterThan(0.99);
    expect(await similarity('handtowelholder', 'hand towel holder')).toBeGreaterThan(0.99);
    expect(await similarity('openDrawer', 'open drawer')).toBeGreaterThan(0.99);
  });

  it('keeps made-up words apart, and puts those spelled alike together', async () => {
    expect(await similarity('blicket', 'blicket')).toBeGreaterThan(0.99);
    expect(Math.abs(await similarity('blicket', 'zorvex'))).toBeLessThan(0.35);
    expect(await similarity('blicket', 'blickets')).toBeGreaterThan(0.5);
  });

  it('lets a made-up word change a text less than a known one', async () => {
    const known = await similarity('heat the mug', 'heat the mug slowly');
    const unknown = await similarity('heat the mug', 'heat the mug 7');
    expect(unknown).toBeGreaterThan(known);
    expect(unknown).toBeLessThan(0.9999);
  });

  it('compares texts of other scripts by their spelling', async () => {
    expect(await similarity('把杯子放进微波炉', '杯子在微波炉里')).toBeGreaterThan(
      await similarity('把杯子放进微波炉', '明天的天气很好'),
    );
  });

  it('gives the vector that other processes have given', async () => {
    const [vector] = await compact().embed(['Put a hot mug in the cabinet.']);
    expect([...vector!.subarray(0, 6)].map((value) => Math.round(value * 1000))).toEqual([-303, -32, 9, -26, 53, 131]);
  });

  it('stops between texts when the caller gives up', async () => {
    const controller = new AbortController();
    const embedding = compact().embed(Array<string>(5000).fill('heat the mug'), { signal: controller.signal });
    setTimeout(() => controller.abort());
    await expect(embedding).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('compact on paraphrases that share no words with their text', () => {
  let ours: Found;
  let hashed: Found;
  beforeAll(async () => {
    ours = await findAll(compact());
    hashed = await findAll(hashEmbedder({ dimensions: 1024 }));
  });

  it('finds the right one of 150 texts first in at least 35 %, among five in at least 65 %', () => {
    expect(ours.paraphrase.filter((rank) => rank === 0).length / test.length).toBeGreaterThanOrEqual(0.35);
    expect(ours.paraphrase.filter((rank) => rank < 5).length / test.length).toBeGreaterThanOrEqual(0.65);
  });

  it('finds more than hashed words and letters do, question by question', () => {
    const better = ours.paraphrase.filter((rank, question) => rank < hashed.paraphrase[question]!).length;
    const worse = ours.paraphrase.filter((rank, question) => rank > hashed.paraphrase[question]!).length;
    // A sign test: were both equally good, so lopsided a result would come once in a million times.
    expect(better).toBeGreaterThan(worse + 5 * Math.sqrt(better + worse));
  });

  it('finds at least 97 % by keywords', () => {
    expect(ours.keywords.filter((rank) => rank === 0).length / test.length).toBeGreaterThanOrEqual(0.97);
  });
});

describe('loadWordVectors', () => {
  it('refuses a table that is missing, cut off or something else', async () => {
    const folder = temporaryFolder();
    const table = readFileSync(new URL('../../assets/word-vectors.bin', import.meta.url));
    writeFileSync(join(folder, 'cut.bin'), table.subarray(0, table.length - 1));
    writeFileSync(join(folder, 'other.bin'), '{"format":"something else"}\n');
    writeFileSync(join(folder, 'empty.bin'), '');
    for (const name of ['cut.bin', 'other.bin', 'empty.bin', 'missing.bin']) {
      await expect(loadWordVectors(join(folder, name))).rejects.toMatchObject({ code: 'WORD_VECTORS_UNREADABLE' });
    }
  });
});

interface Found {
  /** How many texts came before the right one, a number a question. */
  readonly paraphrase: readonly number[];
  readonly keywords: readonly number[];
}

async function findAll(embedder: Embedder): Promise<Found> {
  const texts = await embedder.embed([...test, ...development].map(({ text }) => text));
  const ranks = async (field: 'paraphrase' | 'keywords'): Promise<number[]> => {
    const questions = await embedder.embed(test.map((each) => each[field]));
    return questions.map((question, right) => {
      const similarities = texts.map((text) => dot(question, text));
      return similarities.filter((value) => value > similarities[right]!).length;
    });
  };
  return { paraphrase: await ranks('paraphrase'), keywords: await ranks('keywords') };
}

async function similarity(one: string, other: string): Promise<number> {
  const [a, b] = await compact().embed([one, other]);
  return dot(a!, b!);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, position) => sum + value * b[position]!, 0);
}
