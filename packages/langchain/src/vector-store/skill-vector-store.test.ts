import { Document } from '@langchain/core/documents';
import type { EmbeddingsInterface } from '@langchain/core/embeddings';
import { aPrinciple, hashEmbedder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { aSkillMemory } from '../../test-support/agents.ts';
import { SkillVectorStore } from './skill-vector-store.ts';

/** Vectors by hand: what is asked for is known exactly. */
const directions: Readonly<Record<string, number[]>> = {
  east: [1, 0],
  'north-east': [1, 1],
  north: [0, 2],
  west: [-3, 0],
  nowhere: [0, 0],
};
const compass: EmbeddingsInterface = {
  embedDocuments: async (texts) => texts.map((text) => directions[text]!),
  embedQuery: async (text) => directions[text]!,
};
const east = new Document({ id: 'e', pageContent: 'east', metadata: { lang: 'en', year: 2020, nested: { a: 1 } } });
const northEast = new Document({ id: 'ne', pageContent: 'north-east', metadata: { lang: 'de', year: 2022 } });
const north = new Document({ id: 'n', pageContent: 'north', metadata: { lang: 'de', year: 2024 } });
const west = new Document({ id: 'w', pageContent: 'west', metadata: {} });

async function aCompass() {
  const memory = aSkillMemory();
  const store = memory.skills.asVectorStore(compass);
  await store.addDocuments([east, northEast, north, west]);
  return { ...memory, store };
}

const idsOf = (documents: readonly { readonly id?: string }[]) => documents.map(({ id }) => id);

describe('a search by vectors', () => {
  const s = Math.SQRT1_2;
  const cases: readonly (readonly [
    name: string,
    number[],
    number,
    Record<string, unknown> | undefined,
    [string, number][],
  ])[] = [
    [
      'gives the nearest first, by their cosines',
      [1, 0],
      4,
      undefined,
      [
        ['e', 1],
        ['ne', s],
        ['n', 0],
        ['w', -1],
      ],
    ],
    ['does not care for lengths', [500, 0], 1, undefined, [['e', 1]]],
    [
      'gives as many as are asked for',
      [1, 0],
      2,
      undefined,
      [
        ['e', 1],
        ['ne', s],
      ],
    ],
    ['gives none for k = 0', [1, 0], 0, undefined, []],
    [
      'gives all when more are asked for',
      [1, 0],
      99,
      { lang: 'de' },
      [
        ['ne', s],
        ['n', 0],
      ],
    ],
    ['keeps to a field', [1, 0], 4, { lang: 'en' }, [['e', 1]]],
    ['keeps to all fields', [1, 0], 4, { lang: 'de', year: 2024 }, [['n', 0]]],
    [
      'keeps to operators',
      [1, 0],
      4,
      { year: { $gte: 2020, $lt: 2024 } },
      [
        ['e', 1],
        ['ne', s],
      ],
    ],
    [
      'keeps to what is not',
      [1, 0],
      4,
      { lang: { $ne: 'de' } },
      [
        ['e', 1],
        ['w', -1],
      ],
    ],
    ['keeps to a list', [1, 0], 4, { year: { $in: [2022, 1999] } }, [['ne', s]]],
    ['finds nothing for what no document has', [1, 0], 4, { absent: 1 }, []],
    [
      'is as like to everything as a query without direction',
      [0, 0],
      2,
      undefined,
      [
        ['e', 0],
        ['n', 0],
      ],
    ],
  ];
  for (const [name, query, k, filter, expected] of cases) {
    it(name, async () => {
      const { store } = await aCompass();
      const found = await store.similaritySearchVectorWithScore(query, k, filter);
      expect(found.map(([{ id }]) => id)).toEqual(expected.map(([id]) => id));
      for (const [at, [, score]] of found.entries()) expect(score).toBeCloseTo(expected[at]![1], 6);
    });
  }

  it('takes a text, and gives whole documents', async () => {
    const { store } = await aCompass();
    expect(await store.similaritySearch('east', 1)).toEqual([east]);
    const [first] = await store.similaritySearchWithScore('north', 1);
    expect(first).toEqual([north, expect.closeTo(1, 6)]);
  });

  it('refuses a query of another length, or with a number that is none', async () => {
    const { store } = await aCompass();
    for (const query of [[1], [1, 2, 3], [Number.NaN, 1], [1, Infinity], []]) {
      await expect(store.similaritySearchVectorWithScore(query, 1)).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
    }
  });

  it('of most use and least alike gives others than the nearest', async () => {
    const { store } = await aCompass();
    await store.addDocuments([new Document({ id: 'e2', pageContent: 'east', metadata: {} })]);
    const search = (lambda: number, filter?: Record<string, unknown>) =>
      store.maxMarginalRelevanceSearch('east', { k: 2, lambda, filter }, undefined);
    expect(idsOf(await search(1))).toEqual(['e', 'e2']);
    expect(idsOf(await search(0.3))).toEqual(['e', 'w']);
    expect(idsOf(await search(0.3, { lang: 'de' }))).toEqual(['ne', 'n']);
    const retriever = store.asRetriever({ searchType: 'mmr', k: 1, searchKwargs: { fetchK: 3 } });
    expect(idsOf(await retriever.invoke('north'))).toEqual(['n']);
  });

  it('answers from an empty store with nothing', async () => {
    const store = aSkillMemory().skills.asVectorStore(compass);
    expect(await store.similaritySearch('east')).toEqual([]);
    expect(await store.maxMarginalRelevanceSearch('east', { k: 2 }, undefined)).toEqual([]);
  });
});

describe('documents', () => {
  it('get ids, returned in order: those given, else their own, else new ones', async () => {
    const store = aSkillMemory().skills.asVectorStore(compass);
    expect(await store.addDocuments([east, west], { ids: ['1', '2'] })).toEqual(['1', '2']);
    const [own, made] = await store.addDocuments([east, new Document({ pageContent: 'west' })]);
    expect(own).toBe('e');
    expect(made).toMatch(/^document_/);
    expect(await store.addVectors([[0, 1]], [new Document({ pageContent: 'anything', id: 'v' })])).toEqual(['v']);
    expect(idsOf(await store.similaritySearch('north', 1))).toEqual(['v']);
    expect(await store.addDocuments([])).toEqual([]);
  });

  it('replace those of the same id', async () => {
    const { store } = await aCompass();
    await store.addDocuments([new Document({ id: 'e', pageContent: 'west', metadata: { now: true } })]);
    expect(idsOf(await store.similaritySearch('west', 9)).toSorted((a, b) => (a! < b! ? -1 : 1))).toEqual([
      'e',
      'n',
      'ne',
      'w',
    ]);
    expect(await store.similaritySearch('west', 9, { now: true })).toMatchObject([{ id: 'e', pageContent: 'west' }]);
  });

  it('are added all or none', async () => {
    const { store } = await aCompass();
    const two = [new Document({ id: 'x', pageContent: 'x' }), new Document({ id: 'y', pageContent: 'y' })];
    await expect(store.addVectors([[1, 0], [1]], two)).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
    await expect(
      store.addVectors(
        [
          [1, 0],
          [Number.NaN, 0],
        ],
        two,
      ),
    ).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
    await expect(store.addVectors([[1, 0]], two)).rejects.toMatchObject({ code: 'VECTOR_INVALID' });
    for (const ids of [['x'], ['x', ''], ['x', 3 as never]]) {
      await expect(
        store.addVectors(
          [
            [1, 0],
            [0, 1],
          ],
          two,
          { ids },
        ),
      ).rejects.toMatchObject({ code: 'IDS_INVALID' });
    }
    expect(await store.similaritySearch('east', 99)).toHaveLength(4);
  });

  it('are deleted by ids, by a filter, or all', async () => {
    const { store } = await aCompass();
    await store.delete({ ids: ['e', 'nowhere'] });
    expect(idsOf(await store.similaritySearch('east', 9))).toEqual(['ne', 'n', 'w']);
    await store.delete({ filter: { lang: 'de' } });
    expect(idsOf(await store.similaritySearch('east', 9))).toEqual(['w']);
    await expect(store.delete()).rejects.toMatchObject({ code: 'DELETE_NOTHING' });
    await store.delete({ deleteAll: true });
    expect(await store.similaritySearch('east', 9)).toEqual([]);
    await store.addDocuments([east]);
    expect(idsOf(await store.similaritySearch('east', 9))).toEqual(['e']);
  });

  it('are given as copies', async () => {
    const { store } = await aCompass();
    const [found] = await store.similaritySearch('east', 1);
    found!.metadata['nested'].a = 2;
    expect(await store.similaritySearch('east', 1)).toEqual([east]);
  });

  it('outlive the process, and another process’s are seen', async () => {
    const { store, ...first } = await aCompass();
    const other = aSkillMemory({}, first).skills.asVectorStore(compass);
    expect(idsOf(await other.similaritySearch('east', 9))).toEqual(['e', 'ne', 'n', 'w']);
    await other.delete({ ids: ['e'] });
    await Promise.all([
      other.addDocuments([new Document({ id: 'e3', pageContent: 'east' })]),
      store.addDocuments([new Document({ id: 'e4', pageContent: 'east' })]),
    ]);
    expect(idsOf(await store.similaritySearch('east', 2))).toEqual(['e3', 'e4']);
  });

  it('belong to one tenant and one collection, and reach no prompt', async () => {
    const { skills, memory, store } = await aCompass();
    expect(await skills.asVectorStore(compass, { namespace: 'acme' }).similaritySearch('east')).toEqual([]);
    expect(await skills.asVectorStore(compass, { name: 'other' }).similaritySearch('east')).toEqual([]);
    expect(await skills.asVectorStore().similaritySearch('east')).toEqual([]);
    expect(await memory.search('east')).toEqual([]);
    expect(JSON.stringify(store)).toBe(
      '{"lc":1,"type":"not_implemented","id":["skillrl","vectorstores","SkillVectorStore"]}',
    );
  });

  it('can be made of documents, as other stores are', async () => {
    const { memory } = aSkillMemory();
    const store = await SkillVectorStore.fromDocuments([east], compass, { memory });
    expect(await store.similaritySearch('east', 1)).toEqual([east]);
  });
});

describe('a store without embeddings', () => {
  it('finds documents by the memory’s own retrieval', async () => {
    const store = aSkillMemory().skills.asVectorStore();
    const [shelf] = await store.addDocuments([
      new Document({ pageContent: 'mugs are on the shelf', metadata: { room: 'kitchen' } }),
      new Document({ pageContent: 'mugs are in the cellar', metadata: { room: 'cellar' } }),
      new Document({ pageContent: 'pans hang on a wall' }),
    ]);
    const [[first, score] = []] = await store.similaritySearchWithScore('mugs shelf', 4);
    expect(first).toMatchObject({ id: shelf, pageContent: 'mugs are on the shelf' });
    expect(score).toBeGreaterThan(0);
    expect(await store.similaritySearch('mugs', 4, { room: 'cellar' })).toMatchObject([
      { metadata: { room: 'cellar' } },
    ]);
    expect(await store.asRetriever(1).invoke('pans')).toMatchObject([{ pageContent: 'pans hang on a wall' }]);
    expect(await store.similaritySearch('mugs', 0)).toEqual([]);
  });

  it('refuses vectors, and says what to do', async () => {
    const store = aSkillMemory().skills.asVectorStore();
    const refused = { code: 'CAPABILITY_MISSING', hint: expect.stringContaining('asVectorStore(embeddings)') };
    await expect(store.addVectors([[1]], [east])).rejects.toMatchObject(refused);
    await expect(store.similaritySearchVectorWithScore([1], 1)).rejects.toMatchObject(refused);
    await expect(store.maxMarginalRelevanceSearch('east', { k: 1 }, undefined)).rejects.toMatchObject(refused);
  });
});

it('agrees with cosines worked out in double precision', async () => {
  const embedder = hashEmbedder({ dimensions: 32 });
  const numbersOf = async (texts: string[]) => (await embedder.embed(texts)).map((vector) => Array.from(vector));
  const embeddings: EmbeddingsInterface = {
    embedDocuments: numbersOf,
    embedQuery: async (text) => (await numbersOf([text]))[0]!,
  };
  const store = aSkillMemory().skills.asVectorStore(embeddings);
  const texts = Array.from({ length: 60 }, (_, at) => `${aPrinciple().title} number ${at} of ${at % 7}`);
  await store.addDocuments(texts.map((text) => new Document({ pageContent: text })));
  const query = await embeddings.embedQuery('number 3');
  const vectors = await numbersOf(texts);
  const norm = (a: number[]) => Math.hypot(...a);
  const expected = texts
    .map((text, at) => {
      const product = vectors[at]!.reduce((sum, value, i) => sum + value * query[i]!, 0);
      return { text, cosine: product / norm(vectors[at]!) / norm(query) };
    })
    .toSorted((a, b) => b.cosine - a.cosine)
    .slice(0, 10);
  const found = await store.similaritySearchWithScore('number 3', 10);
  for (const [at, [, score]] of found.entries()) expect(score).toBeCloseTo(expected[at]!.cosine, 5);
});
