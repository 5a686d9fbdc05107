import { seededRandom } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { lexicalIndex } from './lexical-index.ts';

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

  it('ranks as a plain computation does where common terms only rank, though not all are looked up', () => {
    const random = seededRandom(4);
    // 6,000 documents: `w0` … are in most of them, `r0` … in few.
    const draw = (): string => {
      const rank = Math.floor(400 * random() ** 3);
      return rank < 12 ? `w${rank}` : `r${rank}`;
    };
    const documents = Object.fromEntries(
      Array.from({ length: 6_000 }, (_, at) => [
        `d${String(at).padStart(4, '0')}`,
        Array.from({ length: 5 + Math.floor(random() * 30) }, draw).join(' '),
      ]),
    );
    const index = indexOf(documents);
    let ranking = 0;
    for (const query of ['r200 w0 w1', 'r300 r310 w3 w0', 'r390 w5', 'w2 w4 w7', 'r50 r51 r52 w1 w2', 'w9']) {
      const terms = index.terms(query);
      const finding = terms.filter(({ finds }) => finds).map(({ term }) => term);
      ranking += terms.length - finding.length;
      const all = plainBm25(documents, query).filter(({ id }) =>
        finding.some((term) => documents[id]!.split(' ').includes(term)),
      );
      const found = index.search(query, { limit: 20 });
      expect(found).toHaveLength(Math.min(20, all.length));
      for (const [at, { id, score }] of found.entries()) {
        expect(score).toBeCloseTo(all[at]!.score, 4);
        expect(all.find((one) => one.id === id)!.score).toBeCloseTo(score, 4);
      }
      expect(index.search(query, { limit: 20 })).toEqual(found);
    }
    expect(ranking).toBeGreaterThan(6);
  });

  it('is made anew when most of it is gone, and answers as before', () => {
    const index = lexicalIndex();
    for (let at = 0; at < 3_000; at += 1) index.add(`d${at}`, `mug number${at} of shelf${at % 7}`, `house-${at % 3}`);
    for (let at = 0; at < 2_400; at += 1) {
      index.remove(`d${at}`);
      expect(index.waste).toBeLessThan(0.67);
    }
    expect(index.size).toBe(600);
    expect(index.waste).toBeLessThan(0.5);
    const anew = lexicalIndex();
    for (let at = 2_400; at < 3_000; at += 1)
      anew.add(`d${at}`, `mug number${at} of shelf${at % 7}`, `house-${at % 3}`);
    const filter = (group: string): boolean => group === 'house-1';
    for (const query of ['mug shelf3', 'number2500', 'number17']) {
      expect(index.search(query, { limit: 9, filter })).toEqual(anew.search(query, { limit: 9, filter }));
      expect(index.coverage(query, ['d2500', 'd17'])).toEqual(anew.coverage(query, ['d2500', 'd17']));
    }
  });

  it('leaves a compound that nobody wrote as a whole to its parts', () => {
    const index = indexOf({ a: 'parse the http response', b: 'parseHTTPResponse of a client', c: 'a plain note' });
    expect(index.coverage('parse-http-response', ['a', 'b', 'c'])).toEqual([1, 1, 0]);
    const [apart, whole] = index.coverage('parseHTTPResponse', ['a', 'b']);
    expect(whole).toBe(1);
    expect(apart).toBeLessThan(1);
  });
});

/** BM25 straight from its formula. */
function plainBm25(documents: Readonly<Record<string, string>>, query: string): { id: string; score: number }[] {
  const all = Object.entries(documents).map(([id, text]) => ({ id, words: text.split(' ') }));
  const mean = all.reduce((sum, { words }) => sum + words.length, 0) / all.length;
  const terms = [...new Set(query.split(' '))].map((term) => {
    const df = all.filter(({ words }) => words.includes(term)).length;
    return { term, idf: Math.log(1 + (all.length - df + 0.5) / (df + 0.5)) };
  });
  const scored = all.map(({ id, words }) => {
    let score = 0;
    for (const { term, idf } of terms) {
      const tf = words.filter((word) => word === term).length;
      score += (idf * tf * 2.2) / (tf + 1.2 * (0.25 + (0.75 * words.length) / mean));
    }
    return { id, score: Math.fround(score) };
  });
  return scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}
