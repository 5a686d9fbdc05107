import { seededRandom, testVectorIndex } from '@skillrl/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { expectExact, randomVector, vectorNear } from '../../test-support/unit-vectors.ts';
import { flat } from './flat.ts';
import { IndexCore } from './index-core.ts';
import { findScanEngine, type ScanEngine } from './kernel/load-scan.ts';
import { unitVector } from './unit-vector.ts';
import { VectorRows } from './vector-rows.ts';

const engines: readonly ScanEngine[] = ['relaxed', 'plain', 'none'];

const makers: Readonly<Record<string, (random: () => number, dimensions: number) => () => Float32Array>> = {
  random: (random, dimensions) => () => randomVector(random, dimensions),
  clustered: (random, dimensions) => {
    const centres = Array.from({ length: 5 }, () => randomVector(random, dimensions));
    return () => vectorNear(random, centres[Math.floor(random() * 5)]!, 0.1);
  },
  'often the same': (random, dimensions) => {
    const some = Array.from({ length: 7 }, () => randomVector(random, dimensions));
    return () => some[Math.floor(random() * 7)]!;
  },
  'almost the same': (random, dimensions) => {
    const centre = randomVector(random, dimensions);
    return () => vectorNear(random, centre, 1e-6);
  },
  'of one large number and many small ones': (random, dimensions) => () => {
    const vector = vectorNear(random, new Float32Array(dimensions), 0.01);
    vector[Math.floor(random() * dimensions)] = random() < 0.5 ? 1 : -1;
    return vector;
  },
  'half-way between two codes': (random, dimensions) => () =>
    Float32Array.from({ length: dimensions }, (_, place) =>
      place === 0 ? 63 : Math.floor(random() * 126) - 63 + (random() < 0.5 ? 0.5 : 0.499_999),
    ),
  'on one line': (random, dimensions) => {
    const line = randomVector(random, dimensions);
    return () => {
      const sign = random() < 0.5 ? -1 : 1;
      return vectorNear(random, line, 1e-7).map((value) => sign * value);
    };
  },
};

describe('flat', () => {
  testVectorIndex({ create: (dimensions) => flat({ dimensions }) });

  it('is made with the fast scan here', () => {
    expect(findScanEngine()).toBe('relaxed');
  });

  it('refuses dimensions that no vector can have', () => {
    for (const dimensions of [0, -1, 1.5, Number.NaN, 65_537, Infinity]) {
      expect(() => flat({ dimensions })).toThrow(expect.objectContaining({ code: 'DIMENSIONS_INVALID' }));
    }
    expect(flat({ dimensions: 65_536 }).size).toBe(0);
  });

  it('gives the same bits whether a product is summed here or in WebAssembly', () => {
    const random = seededRandom(4);
    for (const dimensions of [1, 2, 7, 8, 9, 15, 17, 100, 385]) {
      const rows = new VectorRows(dimensions, 'relaxed');
      for (let number = 0; number < 300; number += 1) {
        rows.set(`v${number}`, unitVector(randomVector(random, dimensions), dimensions, 'vector')!, '');
      }
      const unit = unitVector(randomVector(random, dimensions), dimensions, 'query')!;
      for (const { id, similarity } of rows.nearest(unit, 20).hits) {
        expect(similarity).toBe(rows.units.similarity(rows.rowOf(id)!, unit));
      }
    }
  });

  it('is exact in the most dimensions too, where sums are largest', () => {
    const dimensions = 65_536;
    const rows = new VectorRows(dimensions);
    const all = new Map<string, Float32Array>();
    for (let number = 0; number < 260; number += 1) {
      const vector = new Float32Array(dimensions).fill(1);
      for (let place = number; place < dimensions; place += 3 + number) vector[place] = -1;
      all.set(`v${number}`, unitVector(vector, dimensions, 'vector')!);
      rows.set(`v${number}`, all.get(`v${number}`)!, '');
    }
    const query = new Float32Array(dimensions).fill(1 / 256);
    expectExact(rows.nearest(query, 5).hits, all, query, 5);
    expect(rows.nearest(query, 5).rescored).toBeLessThan(100);
  });
});

for (const engine of engines) {
  describe(`the exact search with the engine '${engine}'`, () => {
    testVectorIndex({
      create: (dimensions) =>
        new IndexCore({
          dimensions,
          engine,
          when: 'never',
          prefer: 'cheaper',
          exactUpTo: Infinity,
          m: 0,
          efConstruction: 0,
          compactAbove: 1,
        }),
    });

    for (const [name, make] of Object.entries(makers)) {
      it(`is exact among vectors that are ${name}`, () => {
        fc.assert(
          fc.property(
            fc.integer(),
            fc.integer({ min: 1, max: 70 }),
            fc.integer({ min: 260, max: 700 }),
            fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 800 })),
            (seed, dimensions, count, limit) => {
              const random = seededRandom(seed);
              const rows = new VectorRows(dimensions, engine);
              const next = make(random, dimensions);
              const all = new Map<string, Float32Array>();
              for (let number = 0; number < count; number += 1) {
                const id = `v${Math.floor(random() * 1e6)}`;
                const unit = unitVector(next(), dimensions, 'vector');
                if (unit === undefined) continue;
                rows.set(id, unit, random() < 0.3 ? 'some' : 'others');
                all.set(id, unit);
              }
              for (const query of [next(), randomVector(random, dimensions), [...all.values()][3]!]) {
                const unit = unitVector(query, dimensions, 'query');
                if (unit === undefined) continue;
                expectExact(rows.nearest(unit, limit).hits, all, unit, limit);
                const list = rows.groups.allowed((group) => group === 'some').list();
                const some = new Map([...list].map((row) => [rows.idOf(row), rows.units.view(row)]));
                expectExact(rows.nearest(unit, limit, list).hits, some, unit, limit);
              }
            },
          ),
          { numRuns: 12, seed: 5 },
        );
      });
    }
  });
}

describe('findScanEngine', () => {
  const relaxedOf = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes(Buffer.from([0xfd, 0x93, 0x02]));

  it('takes the plain instructions where relaxed ones are unknown, and none without SIMD or WebAssembly', () => {
    expect(findScanEngine({ validate: () => true })).toBe('relaxed');
    expect(findScanEngine({ validate: (bytes) => !relaxedOf(bytes) })).toBe('plain');
    expect(findScanEngine({ validate: () => false })).toBe('none');
  });
});
