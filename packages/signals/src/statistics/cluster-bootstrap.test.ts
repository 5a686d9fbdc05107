import { describe, expect, it } from 'vitest';

import { clusterBootstrap, type ClusteredValue } from './cluster-bootstrap.ts';
import { seededRandom } from './random.ts';

describe('clusterBootstrap', () => {
  it('gives the mean and a point interval for equal values', () => {
    const values = ['a', 'b', 'c'].map((house) => ({ clusters: [house], value: 0.25 }));
    expect(clusterBootstrap(values)).toMatchObject({ mean: 0.25, interval: { low: 0.25, high: 0.25 }, clusters: 3 });
  });

  it('agrees with the normal interval when every value is its own cluster', () => {
    const random = seededRandom(7);
    const values = Array.from({ length: 400 }, (_, index) => ({ clusters: [String(index)], value: random() }));
    const { mean, interval } = clusterBootstrap(values, { draws: 4_000 });
    const half = 1.96 * Math.sqrt(1 / 12 / 400); // the deviation of a uniform number is sqrt(1/12)
    expect(interval.high - interval.low).toBeCloseTo(2 * half, 2);
    expect(mean).toBeGreaterThan(interval.low);
  });

  it('covers the true mean about as often as stated when plays of a house agree', () => {
    const random = seededRandom(11);
    let covered = 0;
    const runs = 200;
    for (let run = 0; run < runs; run += 1) {
      const values: ClusteredValue[] = [];
      for (let house = 0; house < 30; house += 1) {
        const ease = random(); // mean 0.5
        for (let game = 0; game < 4; game += 1)
          values.push({ clusters: [`${house}`, `${game}`], value: random() < ease ? 1 : 0 });
      }
      const { interval } = clusterBootstrap(values, { draws: 400, seed: run });
      if (interval.low <= 0.5 && 0.5 <= interval.high) covered += 1;
    }
    expect(covered / runs).toBeGreaterThan(0.9);
  });

  it('is wider than an interval that takes plays of one house for independent', () => {
    const values = Array.from({ length: 10 }, (_, house) => house).flatMap((house) =>
      Array.from({ length: 20 }, (_, game) => ({ clusters: [`${house}`, `${game}`], value: house % 2 })),
    );
    const nested = clusterBootstrap(values).interval;
    const flat = clusterBootstrap(values.map(({ value }, index) => ({ clusters: [String(index)], value }))).interval;
    expect(nested.high - nested.low).toBeGreaterThan(3 * (flat.high - flat.low));
  });

  it('gives a p-value that fits its interval, and never one that the resamples cannot show', () => {
    const random = seededRandom(3);
    const shifted = (by: number) =>
      Array.from({ length: 40 }, (_, index) => ({ clusters: [String(index)], value: random() - 0.5 + by }));
    for (const by of [0, 0.05, 0.1, 0.15, 0.2]) {
      const { interval, intervalAt, pValue, pValueIsBound } = clusterBootstrap(shifted(by), { draws: 999 });
      expect(pValueIsBound).toBe(pValue === 2 / 1_000);
      if (interval.low > 0) expect(pValue).toBeLessThanOrEqual(0.052);
      else expect(pValue).toBeGreaterThan(0.048);
      expect(intervalAt(0.9).low).toBeGreaterThan(interval.low);
      expect(intervalAt(0.95)).toEqual(interval);
    }
    const all = [1, 1, 1].map((value, index) => ({ clusters: [String(index)], value }));
    expect(clusterBootstrap(all, { draws: 999 })).toMatchObject({ pValue: 0.002, pValueIsBound: true });
    const none = all.map((each) => ({ ...each, value: 0 }));
    expect(clusterBootstrap(none, { draws: 999 })).toMatchObject({ pValue: 1, pValueIsBound: false });
  });

  it('finds a difference where there is none in at most 5 % of studies', () => {
    const random = seededRandom(5);
    let found = 0;
    for (let run = 0; run < 200; run += 1) {
      const values: ClusteredValue[] = [];
      for (let house = 0; house < 30; house += 1) {
        const lean = random() - 0.5;
        for (let game = 0; game < 4; game += 1)
          values.push({ clusters: [`${house}`, `${game}`], value: Math.sign(random() - 0.5 + lean * 0.3) });
      }
      if (clusterBootstrap(values, { draws: 400, seed: run }).pValue < 0.05) found += 1;
    }
    expect(found / 200).toBeLessThanOrEqual(0.05);
  });

  it('refuses values that are not finite', () => {
    expect(() => clusterBootstrap([{ clusters: ['a'], value: Number.NaN }])).toThrow(RangeError);
  });

  it('is the paired bootstrap on differences of pairs that stand alone', () => {
    // Every resample of three numbers is one of 27 equally likely ones; percentiles of their means by counting.
    const differences = [-1, 0, 2];
    const means: number[] = [];
    for (const a of differences) for (const b of differences) for (const c of differences) means.push((a + b + c) / 3);
    means.sort((a, b) => a - b);
    const { mean, interval, pValue, clusters } = clusterBootstrap(
      differences.map((value) => ({ clusters: [], value })),
      { draws: 20_000, level: 0.8 },
    );
    expect(mean).toBeCloseTo(1 / 3, 12);
    expect(clusters).toBe(3);
    expect(interval.low).toBeCloseTo(means[2] ?? 0, 9); // 0.1 · 27 lies within the equal means 2 … 4
    expect(interval.high).toBeCloseTo(means[24] ?? 0, 9);
    expect(pValue).toBeCloseTo((2 * means.filter((drawn) => drawn <= 0).length) / 27, 1);
  });

  it('gives finite numbers for the largest values', () => {
    const { mean, interval } = clusterBootstrap([
      { clusters: ['a'], value: 1.7e308 },
      { clusters: ['b'], value: 1.6e308 },
      { clusters: ['c'], value: -1.7e308 },
    ]);
    expect(mean / (1.6e308 / 3)).toBeCloseTo(1, 9);
    expect(interval.low).toBeGreaterThanOrEqual(-1.7e308);
    expect(interval.high).toBeLessThanOrEqual(1.7e308);
  });

  it('refuses lists of clusters that differ in length, whichever comes first, and options out of range', () => {
    const short = { clusters: ['a'], value: 1 };
    const long = { clusters: ['a', 'b'], value: 1 };
    expect(() => clusterBootstrap([short, long])).toThrow(RangeError);
    expect(() => clusterBootstrap([long, short])).toThrow(RangeError);
    expect(() => clusterBootstrap([])).toThrow(RangeError);
    expect(() => clusterBootstrap([short], { draws: 0 })).toThrow(RangeError);
    expect(() => clusterBootstrap([short], { level: 1 })).toThrow(RangeError);
  });
});
