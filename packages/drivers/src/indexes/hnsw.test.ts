import { UnsupportedError } from '@skillrl/core';
import { describeWith, seededRandom, testVectorIndex, type Requirement } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { flat } from './flat.ts';
import { hnsw } from './hnsw.ts';
import { isHnswAvailable, loadHnswlib } from './load-hnswlib.ts';
import { randomVector } from '../../test-support/unit-vectors.ts';

const hnswlib: Requirement = isHnswAvailable()
  ? { name: 'compiler', available: true, path: 'hnswlib-node' }
  : { name: 'compiler', available: false, reason: 'hnswlib-node is not compiled here' };

describeWith(hnswlib, 'hnsw', () => {
  testVectorIndex({ create: (dimensions) => hnsw({ dimensions }), recall: 0.98 });

  it('keeps its recall while half of its vectors are replaced again and again', () => {
    const [approximate, exact] = [hnsw({ dimensions: 16 }), flat({ dimensions: 16 })];
    const random = seededRandom(11);
    for (let round = 0; round < 4; round += 1) {
      const items = Array.from({ length: 1000 }, (_, number) => ({
        id: `v${(number * 2 + round) % 2000}`,
        vector: randomVector(random, 16),
      }));
      approximate.add(items);
      exact.add(items);
      expect(approximate.size).toBe(exact.size);
    }
    let found = 0;
    for (let query = 0; query < 50; query += 1) {
      const vector = randomVector(random, 16);
      const truth = new Set(exact.search(vector, { limit: 10 }).map(({ id }) => id));
      found += approximate.search(vector, { limit: 10 }).filter(({ id }) => truth.has(id)).length;
    }
    expect(found / 500).toBeGreaterThanOrEqual(0.98);
  });

  it('keeps its recall among many equal vectors, and gives all of them', () => {
    const [approximate, exact] = [hnsw({ dimensions: 16 }), flat({ dimensions: 16 })];
    const random = seededRandom(14);
    const some = Array.from({ length: 5 }, () => randomVector(random, 16));
    const items = Array.from({ length: 4000 }, (_, number) => ({
      id: `v${number}`,
      vector: number % 2 === 0 ? randomVector(random, 16) : some[number % 5]!,
    }));
    for (const index of [approximate, exact]) {
      index.add(items);
      index.remove(Array.from({ length: 500 }, (_, number) => `v${number * 3}`));
      index.add([{ id: 'v3', vector: some[1]! }]);
    }
    for (let query = 0; query < 50; query += 1) {
      const vector = query < 5 ? some[query]! : randomVector(random, 16);
      expect(approximate.search(vector, { limit: 10 })).toEqual(exact.search(vector, { limit: 10 }));
    }
    expect(approximate.search(some[1]!, { limit: 300 })).toEqual(exact.search(some[1]!, { limit: 300 }));
  });

  it('grows beyond its first capacity', () => {
    const index = hnsw({ dimensions: 4, efConstruction: 20 });
    const random = seededRandom(12);
    for (let batch = 0; batch < 5; batch += 1) {
      index.add(Array.from({ length: 700 }, (_, n) => ({ id: `${batch}/${n}`, vector: randomVector(random, 4) })));
    }
    expect(index.size).toBe(3500);
    expect(index.search(randomVector(random, 4), { limit: 3000 })).toHaveLength(3000);
  });
});

describe('loadHnswlib', () => {
  it('says what to do where the library cannot be loaded', () => {
    const load = (): never => {
      throw new Error('Could not locate the bindings file.');
    };
    expect(() => loadHnswlib(load)).toThrow(UnsupportedError);
    expect(() => loadHnswlib(load)).toThrow(
      expect.objectContaining({ code: 'HNSW_UNAVAILABLE', hint: expect.stringContaining('flat()') }),
    );
  });
});
