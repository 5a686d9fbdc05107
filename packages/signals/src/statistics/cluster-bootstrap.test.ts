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

  it('gives a two-sided p-value that agrees with the normal one, and never 0', () => {
    const random = seededRandom(3);
    const shifted = Array.from({ length: 300 }, (_, index) => ({
      clusters: [String(index)],
      value: random() - 0.5 + 0.033,
    }));
    const { mean, pValue } = clusterBootstrap(shifted, { draws: 8_000 });
    // 2 (1 − Φ(|mean| / deviation)), with Abramowitz and Stegun's 26.2.17 for Φ.
    const z = Math.abs(mean) / Math.sqrt(1 / 12 / 300);
    const t = 1 / (1 + 0.2316419 * z);
    const tail = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153].reduce((sum, c) => sum * t + c, 0);
    expect(pValue).toBeCloseTo(2 * (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail * t, 1);
    const certain = ['a', 'b', 'c'].map((house) => ({ clusters: [house], value: 1 }));
    expect(clusterBootstrap(certain, { draws: 500 }).pValue).toBe(1 / 500);
    expect(clusterBootstrap(certain.map((each) => ({ ...each, value: 0 }))).pValue).toBe(1);
    expect(clusterBootstrap([1, -1].map((value, index) => ({ clusters: [`${index}`], value }))).pValue).toBe(1);
  });

  it('refuses values that are nested to different depths, or none', () => {
    expect(() => clusterBootstrap([])).toThrow(RangeError);
    const uneven = [
      { clusters: ['a', 'b'], value: 1 },
      { clusters: ['a'], value: 1 },
    ];
    expect(() => clusterBootstrap(uneven)).toThrow(RangeError);
    expect(() => clusterBootstrap(uneven.toReversed())).toThrow(RangeError);
  });

  it('refuses values that are not finite', () => {
    expect(() => clusterBootstrap([{ clusters: ['a'], value: Number.NaN }])).toThrow(RangeError);
  });
});
