import type { VectorHit, VectorIndex, VectorItem } from '@skillrl/core';
import { afterEach, describe, expect, it } from 'vitest';

import { seededRandom } from './seeded-random.ts';

export interface VectorIndexSuiteOptions {
  /** An empty index for vectors of this length. */
  readonly create: (dimensions: number) => VectorIndex;
  /** The least share of true neighbours that an approximate index must find. Default 1: exact. */
  readonly recall?: number;
}

/** What every `VectorIndex` must do. Call it inside a `describe` of the driver. */
export function testVectorIndex({ create, recall = 1 }: VectorIndexSuiteOptions): void {
  const open: VectorIndex[] = [];
  const indexOf = (items: readonly VectorItem[], dimensions = 3): VectorIndex => {
    const index = create(dimensions);
    open.push(index);
    index.add(items);
    return index;
  };
  afterEach(() => {
    for (const index of open.splice(0)) index.close();
  });

  describe('searching', () => {
    it('finds nothing in an empty index', () => {
      const index = indexOf([]);
      expect(index.size).toBe(0);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 5 })).toEqual([]);
    });

    it('orders by cosine, whatever the lengths of the vectors', () => {
      const index = indexOf([item('far', -3, 0, 0), item('near', 50, 0, 0), item('between', 1, 1, 0)]);
      const hits = index.search(Float32Array.of(0.2, 0, 0), { limit: 3 });
      expect(hits.map(({ id }) => id)).toEqual(['near', 'between', 'far']);
      expect(hits[0]!.similarity).toBeCloseTo(1, 5);
      expect(hits[1]!.similarity).toBeCloseTo(Math.SQRT1_2, 5);
      expect(hits[2]!.similarity).toBeCloseTo(-1, 5);
      expect(hits.every(({ similarity }) => Math.abs(similarity) <= 1)).toBe(true);
    });

    it('never says more than 1, however the numbers are rounded', () => {
      const items = randomItems(300, 50, 6);
      const index = indexOf(items, 50);
      const similarities = items.map(({ vector }) => index.search(vector, { limit: 1 })[0]!.similarity);
      expect(Math.max(...similarities)).toBeLessThanOrEqual(1);
      expect(Math.min(...similarities)).toBeCloseTo(1, 4);
    });

    it('breaks ties by id, also at the limit', () => {
      const index = indexOf(['d', 'b', 'e', 'a', 'c'].map((id) => item(id, 1, 0, 0)));
      const first = index.search(Float32Array.of(1, 0, 0), { limit: 3 });
      expect(first.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    });

    it('gives no more than there is, and no more than asked for', () => {
      const index = indexOf([item('a', 1, 0, 0), item('b', 0, 1, 0)]);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 100 })).toHaveLength(2);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 1 })).toHaveLength(1);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: Infinity })).toHaveLength(2);
      for (const limit of [0, -1, 1.5, Number.NaN]) {
        expect(() => index.search(Float32Array.of(1, 0, 0), { limit })).toThrow(
          expect.objectContaining({ code: 'LIMIT_INVALID' }),
        );
      }
    });

    it('finds nothing near a zero vector, which has no direction', () => {
      const index = indexOf([item('a', 1, 0, 0)]);
      expect(index.search(new Float32Array(3), { limit: 1 })).toEqual([]);
    });

    it('refuses a query of another length or with a number that is not finite', () => {
      const index = indexOf([item('a', 1, 0, 0)]);
      for (const query of [Float32Array.of(1, 0), Float32Array.of(1, Number.NaN, 0), Float32Array.of(1, 0, Infinity)]) {
        expect(() => index.search(query, { limit: 1 })).toThrow(expect.objectContaining({ boundary: 'index' }));
      }
    });

    it(`finds at least ${recall * 100} % of the true neighbours among 1,000 vectors`, () => {
      const items = randomItems(1000, 24, 1);
      const index = indexOf(items, 24);
      const queries = randomItems(40, 24, 2);
      const found = queries.map(({ vector }) => {
        const truth = new Set(exact(items, vector, 10).map(({ id }) => id));
        return index.search(vector, { limit: 10 }).filter(({ id }) => truth.has(id)).length / 10;
      });
      expect(found.reduce((sum, share) => sum + share, 0) / found.length).toBeGreaterThanOrEqual(recall);
    });
  });

  describe('changing', () => {
    it('replaces the vector of an id that is already there', () => {
      const index = indexOf([item('a', 1, 0, 0), item('b', 0, 1, 0)]);
      index.add([item('a', 0, 0, 1)]);
      expect(index.size).toBe(2);
      const [first, second] = index.search(Float32Array.of(0, 0, 1), { limit: 3 });
      expect([first!.id, second!.id]).toEqual(['a', 'b']);
      expect(first!.similarity).toBeCloseTo(1, 5);
    });

    it('lets the last of several vectors of one id count', () => {
      const index = indexOf([item('a', 1, 0, 0), item('a', 0, 1, 0)]);
      expect(index.size).toBe(1);
      expect(index.search(Float32Array.of(0, 1, 0), { limit: 2 })[0]!.similarity).toBeCloseTo(1, 5);
    });

    it('removes ids, ignores unknown ones, and takes them back', () => {
      const index = indexOf([item('a', 1, 0, 0), item('b', 0, 1, 0)]);
      index.remove(['a', 'nowhere', 'a']);
      expect(index.size).toBe(1);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 5 }).map(({ id }) => id)).toEqual(['b']);
      index.add([item('a', 1, 0, 0)]);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 1 })[0]!.id).toBe('a');
      index.remove(['a', 'b']);
      expect(index.size).toBe(0);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 5 })).toEqual([]);
    });

    it('refuses wrong lengths, zero vectors and numbers that are not finite, and adds nothing of the batch', () => {
      const index = indexOf([item('a', 1, 0, 0)]);
      const bad = [item('x', 1, 0), item('x', 1, 0, 0, 0), item('x', 0, 0, 0), item('x', Number.NaN, 0, 1)];
      for (const wrong of [...bad, item('x', -Infinity, 0, 1)]) {
        expect(() => index.add([item('b', 0, 1, 0), wrong])).toThrow(expect.objectContaining({ boundary: 'index' }));
      }
      expect(index.size).toBe(1);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 5 }).map(({ id }) => id)).toEqual(['a']);
    });

    it('keeps its own copy of a vector', () => {
      const vector = Float32Array.of(1, 0, 0);
      const index = indexOf([{ id: 'a', vector }, item('b', 0, 1, 0)]);
      vector.set([0, 1, 0]);
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 1 })[0]!.id).toBe('a');
    });

    it('answers like an exact list after 600 random additions, replacements and removals', () => {
      const random = seededRandom(3);
      const index = indexOf([], 6);
      const kept = new Map<string, VectorItem>();
      for (let round = 0; round < 600; round += 1) {
        const id = `v${Math.floor(random() * 60)}`;
        if (random() < 0.4) {
          index.remove([id]);
          kept.delete(id);
        } else {
          const added = { id, vector: randomVector(random, 6) };
          index.add([added]);
          kept.set(id, added);
        }
        expect(index.size).toBe(kept.size);
        if (round % 20 > 0) continue;
        const query = randomVector(random, 6);
        expectSame(index.search(query, { limit: 5 }), exact([...kept.values()], query, 5));
      }
    });
  });

  describe('reading', () => {
    it('gives a copy of a vector, scaled to length 1, and nothing for an unknown id', () => {
      const index = indexOf([item('a', 3, 4, 0)]);
      const vector = index.vectorOf('a')!;
      expect([...vector].map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0.8, 0]);
      vector.fill(0);
      expect(index.vectorOf('a')![1]).toBeCloseTo(0.8, 6);
      expect(index.vectorOf('b')).toBeUndefined();
    });

    it('says how a search was done', () => {
      const index = indexOf([item('a', 1, 0, 0), item('b', 0, 1, 0)]);
      const query = Float32Array.of(1, 0, 0);
      const { hits, allowed, looked, reason } = index.explain(query, { limit: 1 });
      expect(hits).toEqual(index.search(query, { limit: 1 }));
      expect({ allowed, looked }).toEqual({ allowed: 2, looked: 2 });
      expect(reason).not.toBe('');
    });
  });

  describe('filtering', () => {
    const groupOf = (number: number): string => `${number % 2 === 0 ? 'even' : 'odd'} ${number % 100}`;
    const items = randomItems(1500, 12, 4).map((given, number) => ({
      ...given,
      group: number === 1234 ? 'alone' : groupOf(number),
    }));
    const query = randomItems(1, 12, 5)[0]!.vector;

    for (const [name, allows] of [
      ['everything', () => true],
      ['half', (group) => group.startsWith('even')],
      ['one in ten', (group) => group.endsWith('3')],
      ['one in a hundred', (group) => group === 'odd 7'],
      ['one', (group) => group === 'alone'],
      ['nothing', () => false],
    ] satisfies readonly (readonly [string, (group: string) => boolean])[]) {
      it(`gives the nearest of what is allowed: ${name}`, () => {
        const index = indexOf(items, 12);
        const allowed = items.filter(({ group }) => allows(group));
        const { hits, allowed: count } = index.explain(query, { limit: 8, filter: allows });
        const truth = exact(allowed, query, 8);
        const isAllowed = new Set(allowed.map(({ id }) => id));
        expect(count).toBe(allowed.length);
        expect(hits.every(({ id }) => isAllowed.has(id))).toBe(true);
        expect(hits).toHaveLength(truth.length);
        const wanted = new Set(truth.map(({ id }) => id));
        expect(hits.filter(({ id }) => wanted.has(id)).length).toBeGreaterThanOrEqual(truth.length * recall);
        expect(index.search(query, { limit: 8, filter: allows })).toEqual(hits);
      });
    }

    it('asks the filter once for each distinct group that has vectors', () => {
      const index = indexOf(items, 12);
      index.remove(['v1234']);
      const asked: string[] = [];
      index.search(query, { limit: 8, filter: (group) => asked.push(group) > 0 });
      expect(asked.toSorted()).toEqual(
        [...new Set(items.map(({ group }) => group))].filter((group) => group !== 'alone').toSorted(),
      );
    });

    it('puts a vector without a group into the group without a name', () => {
      const index = indexOf([item('a', 1, 0, 0), { ...item('b', 1, 0, 0), group: 'named' }]);
      const filter = (group: string): boolean => group === '';
      expect(index.search(Float32Array.of(1, 0, 0), { limit: 5, filter }).map(({ id }) => id)).toEqual(['a']);
    });

    it('moves a vector that is added again to its new group', () => {
      const index = indexOf([
        { ...item('a', 1, 0, 0), group: 'old' },
        { ...item('b', 1, 0, 0), group: 'old' },
      ]);
      index.add([{ ...item('a', 1, 0, 0), group: 'new' }]);
      const found = (wanted: string): string[] =>
        index.search(Float32Array.of(1, 0, 0), { limit: 5, filter: (group) => group === wanted }).map(({ id }) => id);
      expect([found('old'), found('new')]).toEqual([['b'], ['a']]);
    });

    it('lets what the filter throws reach the caller, and lives on', () => {
      const index = indexOf(items, 12);
      const broken = (): boolean => {
        throw new TypeError('the filter is broken');
      };
      expect(() => index.search(query, { limit: 3, filter: broken })).toThrow('the filter is broken');
      expectSame(index.search(query, { limit: 1 }), exact(items, query, 1));
    });
  });
}

function item(id: string, ...numbers: number[]): VectorItem {
  return { id, vector: Float32Array.from(numbers) };
}

function randomItems(count: number, dimensions: number, seed: number): VectorItem[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, number) => ({ id: `v${number}`, vector: randomVector(random, dimensions) }));
}

/** Normally distributed numbers, so that directions are uniform. */
function randomVector(random: () => number, dimensions: number): Float32Array {
  return Float32Array.from(
    { length: dimensions },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** The true answer, in double precision. */
function exact(items: readonly VectorItem[], query: Float32Array, limit: number): VectorHit[] {
  return items
    .map(({ id, vector }) => ({ id, similarity: cosine(vector, query) }))
    .toSorted((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1))
    .slice(0, limit);
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, position) => sum + value * b[position]!, 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}

function expectSame(hits: readonly VectorHit[], truth: readonly VectorHit[]): void {
  expect(hits.map(({ id }) => id)).toEqual(truth.map(({ id }) => id));
  for (const [position, hit] of hits.entries()) expect(hit.similarity).toBeCloseTo(truth[position]!.similarity, 4);
}
