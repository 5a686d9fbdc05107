import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { exposureEffect, type ExposureEffect } from './exposure-effect.ts';
import type { Exposures } from './exposures.ts';
import { seededRandom } from './random.ts';

interface World {
  readonly success: readonly [withheld: number, shown: number];
  readonly count: number;
  readonly seed: number;
  /** Probability of showing, from what is known. Default a half. */
  readonly propensity?: (known: { readonly shown: number; readonly withheld: number }) => number;
  /** Rows until an outcome is known. Default at once. */
  readonly delay?: (outcome: number, shown: number, random: number) => number;
}

/** Exposures as they come: row i assigned at time i, its outcome known a delay later. */
function simulate({ success, count, seed, propensity = () => 0.5, delay = () => 0 }: World) {
  const random = seededRandom(seed);
  const log = { shown: [] as number[], propensity: [] as number[], outcome: [] as number[], knownAt: [] as number[] };
  for (let row = 0; row < count; row += 1) {
    const sums = [1, 1];
    const counts = [2, 2];
    for (let before = 0; before < row; before += 1) {
      if ((log.knownAt[before] ?? 0) >= row) continue;
      const arm = log.shown[before] ?? 0;
      sums[arm] = (sums[arm] ?? 0) + (log.outcome[before] ?? 0);
      counts[arm] = (counts[arm] ?? 0) + 1;
    }
    const share = propensity({
      withheld: (sums[0] ?? 0) / (counts[0] ?? 1),
      shown: (sums[1] ?? 0) / (counts[1] ?? 1),
    });
    const arm = random() < share ? 1 : 0;
    const outcome = random() < (success[arm] ?? 0) ? 1 : 0;
    log.shown.push(arm);
    log.propensity.push(share);
    log.outcome.push(outcome);
    log.knownAt.push(row + delay(outcome, arm, random()));
  }
  return log;
}

/** What had been assigned and what was known just before time `now`. */
function seenAt(log: ReturnType<typeof simulate>, now: number): Exposures {
  return {
    shown: log.shown.slice(0, now),
    propensity: log.propensity.slice(0, now),
    outcome: log.outcome.slice(0, now).map((outcome, row) => ((log.knownAt[row] ?? 0) < now ? outcome : null)),
    knownAt: log.knownAt.slice(0, now),
  };
}

// Shows what looked better so far, with at least a tenth either way.
const adaptive = ({ shown, withheld }: { shown: number; withheld: number }) =>
  Math.min(0.9, Math.max(0.1, 0.5 + 2 * (shown - withheld)));

const misses = ({ interval }: ExposureEffect, effect: number) => interval.low > effect || interval.high < effect;

describe('exposureEffect', () => {
  it('equals the estimate written down independently in numpy', () => {
    // numpy 2.4.6 and scipy 1.17.1, row by row: arm means begun at 1/2, four possible terms a row, bounds by scipy.optimize.brentq.
    const shown = Array.from('011110100010010011010110110110011010110010111000010110011100', Number);
    const outcome = Array.from('011101000111001111110111000010011110100100011011110111111000', Number);
    const propensity = shown.map((_, row) => [0.5, 0.8, 0.25][row % 3] ?? 0);
    const effect = exposureEffect({ shown, outcome, propensity });
    expect(effect.inversePropensity).toBeCloseTo(0.26666666666666666, 12);
    expect(effect.doublyRobust).toBeCloseTo(0.2401131101458531, 12);
    expect(effect.standardError).toBeCloseTo(0.13581258441545146, 12);
    expect(effect.interval.low).toBeCloseTo(-0.35926752126004224, 7);
    expect(effect.interval.high).toBeCloseTo(0.5637705937877949, 7);
    expect(effect.eValues.helps).toBeCloseTo(0.8138649367072532, 9);
    expect(effect.eValues.harms).toBeCloseTo(0.30213264686890084, 9);
    expect(effect).toMatchObject({ known: 60, bounded: 0, leftOut: 0, assumption: 'none' });
  });

  it('knows nothing without exposures, or while no outcome is known', () => {
    const nothing = {
      interval: { low: -1, high: 1 },
      eValues: { helps: 1, harms: 1 },
      doublyRobust: undefined,
      known: 0,
    };
    expect(exposureEffect({ shown: [], propensity: [], outcome: [] })).toMatchObject(nothing);
    expect(exposureEffect({ shown: [1], propensity: [0.5], outcome: [null] })).toMatchObject({
      ...nothing,
      leftOut: 1,
    });
  });

  it('is the difference of means when half are withheld, and both estimates are unbiased when propensities adapt', () => {
    const runs = 400;
    let inverse = 0;
    let robust = 0;
    let naive = 0;
    for (let run = 0; run < runs; run += 1) {
      const log = simulate({ success: [0.4, 0.6], count: 60, seed: run, propensity: adaptive });
      const effect = exposureEffect(log);
      inverse += (effect.inversePropensity ?? 0) / runs;
      robust += (effect.doublyRobust ?? 0) / runs;
      const mean = (arm: number) => {
        const rows = log.outcome.filter((_, row) => log.shown[row] === arm);
        return rows.reduce((sum, outcome) => sum + outcome, 0) / Math.max(1, rows.length);
      };
      naive += (mean(1) - mean(0)) / runs;
    }
    expect(Math.abs(inverse - 0.2)).toBeLessThan(0.06); // three standard errors of this simulation
    expect(Math.abs(robust - 0.2)).toBeLessThan(0.04);
    expect(Math.abs(naive - 0.2)).toBeGreaterThan(0.01);
  });

  it.each([
    ['no effect', 0.5, 0.5],
    ['a benefit', 0.3, 0.6],
  ])(
    'covers %s at every look, with adaptive propensities and outcomes that come late because they are failures',
    (_, withheld, shown) => {
      const runs = 200;
      let missed = 0;
      for (let run = 0; run < runs; run += 1) {
        const log = simulate({
          success: [withheld, shown],
          count: 300,
          seed: 1_000 + run,
          propensity: adaptive,
          delay: (outcome, arm, random) => (outcome === 1 ? 2 : 10 + 20 * arm + Math.floor(20 * random)),
        });
        const wrong = [10, 20, 40, 80, 160, 300, 400].some((now) =>
          misses(exposureEffect(seenAt(log, now), { level: 0.9 }), shown - withheld),
        );
        if (wrong) missed += 1;
      }
      expect(missed / runs).toBeLessThan(0.1);
    },
  );

  it('covers when outcomes are missing because of draw and outcome; ignoring them then does not', () => {
    const runs = 100;
    let missed = 0;
    let missedIgnoring = 0;
    for (let run = 0; run < runs; run += 1) {
      const log = simulate({ success: [0.5, 0.5], count: 600, seed: 2_000 + run });
      const random = seededRandom(run);
      // Of the failures with the entry shown, half are never heard of again.
      const outcome = log.outcome.map((y, row) => (y === 0 && log.shown[row] === 1 && random() < 0.5 ? null : y));
      const bounded = exposureEffect({ ...log, outcome });
      const ignoring = exposureEffect({ ...log, outcome }, { unknown: 'ignored' });
      expect(bounded.assumption).toBe('none');
      expect(bounded.bounded).toBeGreaterThan(0);
      expect(ignoring.assumption).toBe('missing completely at random');
      if (misses(bounded, 0)) missed += 1;
      if (misses(ignoring, 0)) missedIgnoring += 1;
    }
    expect(missed / runs).toBeLessThan(0.05);
    expect(missedIgnoring / runs).toBeGreaterThan(0.1);
  });

  it('covers by ignoring when outcomes are missing by chance, and is then narrower', () => {
    const runs = 100;
    let missed = 0;
    for (let run = 0; run < runs; run += 1) {
      const log = simulate({ success: [0.4, 0.5], count: 400, seed: 3_000 + run, propensity: () => 0.7 });
      const random = seededRandom(run);
      const outcome = log.outcome.map((y) => (random() < 0.2 ? null : y));
      const ignoring = exposureEffect({ ...log, outcome }, { unknown: 'ignored' });
      const bounded = exposureEffect({ ...log, outcome });
      if (misses(ignoring, 0.1)) missed += 1;
      const width = ({ interval }: ExposureEffect) => interval.high - interval.low;
      expect(width(ignoring)).toBeLessThan(width(bounded));
    }
    expect(missed / runs).toBeLessThan(0.05);
  });

  it('gives e-values that pass 20 in at most 5 % of runs without an effect, looked at often, and mostly with one', () => {
    const runs = 200;
    let falseHelps = 0;
    let trueHelps = 0;
    for (let run = 0; run < runs; run += 1) {
      const none = simulate({ success: [0.6, 0.6], count: 320, seed: 4_000 + run, propensity: adaptive });
      if ([20, 40, 80, 160, 320].some((now) => exposureEffect(seenAt(none, now)).eValues.helps >= 20)) falseHelps += 1;
      const some = simulate({ success: [0.3, 0.65], count: 320, seed: 5_000 + run });
      if (exposureEffect(some).eValues.helps >= 20) trueHelps += 1;
    }
    expect(falseHelps / runs).toBeLessThan(0.05);
    expect(trueHelps / runs).toBeGreaterThan(0.9);
  });

  it('takes for a prediction only what was known before the draw', () => {
    const base = { shown: [1, 1, 1], propensity: [0.5, 0.5, 0.5], outcome: [1, 1, 1] };
    const early = exposureEffect({ ...base, knownAt: [0, 1, 2] });
    const late = exposureEffect({ ...base, knownAt: [5, 6, 7] });
    // Never anything known: predictions stay at 1/2, each term is 0.5 − 0.5 + 0.5 / 0.5 = 1.
    expect(late.doublyRobust).toBeCloseTo(1, 12);
    // Known before the next: predictions 1/2, 2/3, 3/4 give terms 1, 1/6 + 2/3, 1/4 + 1/2.
    expect(early.doublyRobust).toBeCloseTo((1 + 5 / 6 + 3 / 4) / 3, 12);
    // Known at the moment of the next draw is not before it.
    const same = exposureEffect({ ...base, assignedAt: [0, 1, 2], knownAt: [1, 2, 3] });
    expect(same.doublyRobust).toBeCloseTo((1 + 1 + 5 / 6) / 3, 12);
    expect(exposureEffect({ ...base, assignedAt: [7, 8, 9] })).toEqual(early);
  });

  it('is exact when predictions are', () => {
    const log = simulate({ success: [0, 1], count: 40, seed: 9, propensity: () => 0.8 });
    const ones = log.shown.map(() => 1);
    const zeros = log.shown.map(() => 0);
    const effect = exposureEffect({ ...log, predictedShown: ones, predictedWithheld: zeros });
    expect(effect.doublyRobust).toBeCloseTo(1, 12);
    expect(effect.standardError).toBeCloseTo(0, 12);
  });

  it('uses known outcomes behind one that is out, and none of the last where most are out', () => {
    const straggler = exposureEffect({
      shown: [1, 0, 1, 0],
      propensity: [0.5, 0.5, 0.5, 0.5],
      outcome: [1, null, 1, 0],
    });
    expect(straggler).toMatchObject({ known: 3, bounded: 1, leftOut: 0 });
    const last = exposureEffect({ shown: [1, 0, 1], propensity: [0.5, 0.5, 0.5], outcome: [1, null, 1] });
    expect(last).toMatchObject({ known: 2, bounded: 1, leftOut: 0 });
    const flight = exposureEffect({
      shown: [1, 0, 1, 0, 1, 0],
      propensity: [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
      outcome: [1, 0, null, null, null, 0],
    });
    expect(flight).toMatchObject({ known: 2, bounded: 0, leftOut: 4 });
  });

  it('can only narrow on the worst side when an outcome that was out comes in', () => {
    const log = simulate({ success: [0.4, 0.6], count: 100, seed: 77 });
    const out = log.outcome.map((y, row) => (row === 50 ? null : y));
    const before = exposureEffect({ ...log, outcome: out }).interval;
    const after = exposureEffect({
      ...log,
      outcome: log.outcome,
      knownAt: log.knownAt.map((at, row) => (row === 50 ? 100 : at)),
    }).interval;
    expect(after.low).toBeGreaterThanOrEqual(before.low - 1e-9);
    expect(after.high).toBeLessThanOrEqual(before.high + 1e-9);
  });

  it('is mirrored when outcomes are turned round, stays in [−1, 1] and gives finite numbers', () => {
    const row = fc.tuple(
      fc.constantFrom(0, 1),
      fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
      fc.oneof(fc.constant(null), fc.double({ min: 0, max: 1, noNaN: true })),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (rows) => {
        const log = {
          shown: rows.map(([shown]) => shown),
          propensity: rows.map(([, p]) => p),
          outcome: rows.map(([, , y]) => y),
        };
        const effect = exposureEffect(log);
        const turned = exposureEffect({ ...log, outcome: log.outcome.map((y) => (y === null ? null : 1 - y)) });
        expect(turned.interval.low).toBeCloseTo(-effect.interval.high, 6);
        expect(effect.interval.low).toBeGreaterThanOrEqual(-1);
        expect(effect.interval.high).toBeLessThanOrEqual(1);
        expect(effect.interval.low).toBeLessThanOrEqual(effect.interval.high);
        const numbers = [
          effect.eValues.helps,
          effect.eValues.harms,
          effect.doublyRobust ?? 0,
          effect.standardError ?? 0,
        ];
        expect(numbers.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it('takes a hundred thousand exposures', () => {
    const random = seededRandom(1);
    const count = 100_000;
    const shown = Uint8Array.from({ length: count }, () => (random() < 0.9 ? 1 : 0));
    const outcome = Uint8Array.from(shown, (arm) => (random() < 0.4 + 0.05 * arm ? 1 : 0));
    const { interval } = exposureEffect({ shown, outcome, propensity: new Float64Array(count).fill(0.9) });
    expect(interval.low).toBeGreaterThan(0.02);
    expect(interval.high).toBeLessThan(0.08);
  });

  it('refuses columns that do not fit and values out of range', () => {
    const good = { shown: [1, 0], propensity: [0.5, 0.5], outcome: [1, 0] };
    expect(() => exposureEffect({ ...good, outcome: [1] })).toThrow(/outcome has 1/);
    expect(() => exposureEffect({ ...good, shown: [1, 0.5] })).toThrow(/shown\[1\] is 0.5/);
    expect(() => exposureEffect({ ...good, propensity: [0.5, 1] })).toThrow(/propensity\[1\] is 1/);
    expect(() => exposureEffect({ ...good, outcome: [1, Number.NaN] })).toThrow(/outcome\[1\] is NaN/);
    expect(() => exposureEffect({ ...good, outcome: [1, 2] })).toThrow(RangeError);
    expect(() => exposureEffect({ ...good, knownAt: [0, null] })).toThrow(/knownAt\[1\]/);
    expect(() => exposureEffect({ ...good, knownAt: [0, 0] })).toThrow(/knownAt\[1\] is 0/);
    expect(() => exposureEffect({ ...good, assignedAt: [3, 2] })).toThrow(/assignedAt\[1\] is 2/);
    expect(() => exposureEffect({ ...good, predictedShown: [0.5, -0.1] })).toThrow(/predictedShown\[1\]/);
    expect(() => exposureEffect(good, { level: 0 })).toThrow(RangeError);
  });
});
