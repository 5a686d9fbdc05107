import { seededRandom } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { lexicalIndex } from './lexical-index.ts';
import { tokenise } from './tokenise.ts';

describe('tokenise', () => {
  it.each([
    ['Résumé, naïve—ＡＢＣ 12', ['résumé', 'naïve', 'abc', '12']],
    ['Где стоит чашка?', ['где', 'стоит', 'чашка']],
    ['寿司を食べる', ['寿司', '司を', 'を食', '食べ', 'べる']],
    ['GPT模型x', ['gpt', '模型', 'x']],
    ['—…!', []],
    ['', []],
  ])('cuts %j into words', (text, words) => {
    expect(tokenise(text)).toEqual(words);
  });
});

function indexOf(documents: Readonly<Record<string, string>>) {
  const index = lexicalIndex();
  for (const [id, text] of Object.entries(documents)) index.add(id, text);
  return index;
}

const kitchen = {
  a: 'heat the mug in the microwave',
  b: 'clean the plate in the sink',
  c: 'put the mug in the cabinet and the mug on the shelf',
};

describe('lexicalIndex', () => {
  it('scores as BM25 worked by hand', () => {
    // N = 2, df(mug) = 1: idf = ln(1 + 1.5 / 1.5) = ln 2. Lengths 2 and 4, mean 3: norm of x = 1.2 × (.25 + .75 × 2/3) = .9.
    const index = indexOf({ x: 'red mug', y: 'a b c d' });
    expect(index.search('mug', { limit: 5 })).toEqual([{ id: 'x', score: expect.closeTo((Math.LN2 * 2.2) / 1.9, 5) }]);
  });

  it('puts the document with the rarer word first', () => {
    expect(
      indexOf(kitchen)
        .search('mug plate', { limit: 3 })
        .map(({ id }) => id),
    ).toEqual(['b', 'c', 'a']);
  });

  it('finds nothing for words nobody wrote, for no words, and in an empty index', () => {
    expect(indexOf(kitchen).search('dragon', { limit: 3 })).toEqual([]);
    expect(indexOf(kitchen).search(' ', { limit: 3 })).toEqual([]);
    expect(lexicalIndex().search('mug', { limit: 3 })).toEqual([]);
    expect(lexicalIndex().coverage('mug', ['a'])).toEqual([0]);
  });

  it('forgets what was removed and finds what was replaced by its new text', () => {
    const index = indexOf(kitchen);
    index.remove('a');
    index.remove('nobody');
    index.add('c', 'wash the fork');
    expect(index.search('mug', { limit: 3 })).toEqual([]);
    expect(index.search('fork', { limit: 3 }).map(({ id }) => id)).toEqual(['c']);
    expect(index.size).toBe(2);
    expect(index.waste).toBeCloseTo(0.5);
  });

  it('gives equal answers before and after another search', () => {
    const index = indexOf(kitchen);
    const first = index.search('the mug', { limit: 3 });
    index.search('plate sink the', { limit: 1 });
    expect(index.search('the mug', { limit: 3 })).toEqual(first);
  });

  it('asks the filter once for each group, and keeps out the groups it refuses', () => {
    const index = indexOf({});
    for (const [id, text] of Object.entries(kitchen)) index.add(id, text, id === 'a' ? 'first' : 'others');
    const found = (filter: (group: string) => boolean): string[] =>
      index.search('mug', { limit: 3, filter }).map(({ id }) => id);
    const asked: string[] = [];
    expect(found((group) => asked.push(group) > 0 && group !== 'first')).toEqual(['c']);
    expect(asked.toSorted()).toEqual(['first', 'others']);
    index.regroup('c', 'moved');
    index.regroup('nobody', 'moved');
    expect(found((group) => group === 'moved')).toEqual(['c']);
    index.add('c', 'another mug', 'first');
    expect(found((group) => group === 'first').toSorted()).toEqual(['a', 'c']);
  });

  it('works on after a filter that threw', () => {
    const index = indexOf(kitchen);
    const expected = index.search('mug', { limit: 3 });
    expect(() =>
      index.search('mug', {
        limit: 3,
        filter: () => {
          throw new Error('no');
        },
      }),
    ).toThrow('no');
    expect(index.search('mug', { limit: 3 })).toEqual(expected);
  });

  it('tells how much of a query a document covers, rare words counting more', () => {
    const index = indexOf(kitchen);
    expect(index.coverage('plate sink', ['b'])[0]).toBe(1);
    expect(index.coverage('dragon', ['b'])[0]).toBe(0);
    expect(index.coverage('plate the', ['b', 'a', 'nobody'])).toEqual([
      1,
      expect.closeTo(index.coverage('plate the', ['a'])[0]!, 9),
      0,
    ]);
    expect(index.coverage('plate mug', ['b'])[0]).toBeGreaterThan(0.5);
    expect(index.coverage('plate mug', ['a'])[0]).toBeLessThan(0.5);
  });

  it('ranks as a plain computation over every document does', () => {
    const random = seededRandom(3);
    const words = Array.from({ length: 60 }, (_, rank) => `w${rank}`);
    const draw = (): string => words[Math.floor(60 * random() ** 2)]!;
    const documents = Object.fromEntries(
      Array.from({ length: 400 }, (_, at) => [
        `d${String(at).padStart(3, '0')}`,
        Array.from({ length: 5 + Math.floor(random() * 30) }, draw).join(' '),
      ]),
    );
    const index = indexOf(documents);
    for (let round = 0; round < 20; round += 1) {
      const query = `${draw()} ${draw()} ${draw()}`;
      const found = index.search(query, { limit: 10 });
      const expected = plainBm25(documents, query).slice(0, 10);
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      for (const [at, hit] of found.entries()) expect(hit.score).toBeCloseTo(expected[at]!.score, 4);
    }
  });
});

/** BM25 straight from its formula. */
function plainBm25(documents: Readonly<Record<string, string>>, query: string): { id: string; score: number }[] {
  const all = Object.entries(documents).map(([id, text]) => ({ id, words: text.split(' ') }));
  const mean = all.reduce((sum, { words }) => sum + words.length, 0) / all.length;
  const scored = all.map(({ id, words }) => {
    let score = 0;
    for (const term of new Set(query.split(' '))) {
      const df = all.filter((document) => document.words.includes(term)).length;
      const tf = words.filter((word) => word === term).length;
      const idf = Math.log(1 + (all.length - df + 0.5) / (df + 0.5));
      score += (idf * tf * 2.2) / (tf + 1.2 * (0.25 + (0.75 * words.length) / mean));
    }
    return { id, score: Math.fround(score) };
  });
  return scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}
