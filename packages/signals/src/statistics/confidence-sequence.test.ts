import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { meanLowerBound, stakes } from './betting-capital.ts';
import { confidenceSequence, type ConfidenceSequenceEstimate } from './confidence-sequence.ts';
import { seededRandom } from './random.ts';

const repeat = (value: number, count: number) => Array.from({ length: count }, () => value);

describe('confidenceSequence', () => {
  // The same capital written down independently in numpy 2.4.6, observation by observation, with scipy.optimize.brentq for the bounds.
  it.each([
    ['5 of 20', [...repeat(1, 5), ...repeat(0, 15)], 0, 0.95, 0.04461465283736485, 0.596897738006684],
    [
      'differences',
      [...repeat(1, 20), ...repeat(-1, 8), ...repeat(0, 72)],
      -1,
      0.95,
      -0.047472060286738,
      0.2911316713967,
    ],
    ['differences', [...repeat(1, 20), ...repeat(-1, 8), ...repeat(0, 72)], -1, 0.9, -0.0331347510007, 0.2772680108545],
    [
      'quarters',
      [...repeat(0, 40), ...repeat(0.25, 40), ...repeat(0.5, 40), ...repeat(0.75, 40), ...repeat(1, 70)],
      0,
      0.95,
      0.485216319162002,
      0.6435385004248299,
    ],
    ['only ones', repeat(1, 50), 0, 0.95, 0.8863890212282106, 1],
  ])('equals the reference for %s', (_, values, low, level, expectedLow, expectedHigh) => {
    const { interval } = confidenceSequence(values, { low, level });
    expect(interval.low).toBeCloseTo(expectedLow, 9);
    expect(interval.high).toBeCloseTo(expectedHigh, 9);
  });

  it('is the whole range before the first outcome', () => {
    expect(confidenceSequence([], { low: -1 })).toMatchObject({
      count: 0,
      mean: undefined,
      interval: { low: -1, high: 1 },
    });
  });

  it('covers at every look together about as often as stated, and does not by a fixed-time interval', () => {
    const looks = [5, 10, 20, 40, 80, 160, 320, 640, 1_280];
    const runs = 300;
    let missed = 0;
    let missedFixed = 0;
    for (let run = 0; run < runs; run += 1) {
      const random = seededRandom(run);
      const share = [0.05, 0.5, 0.8][run % 3] ?? 0;
      let estimate: ConfidenceSequenceEstimate | undefined;
      let wrong = false;
      let wrongFixed = false;
      for (const look of looks) {
        const values = Array.from({ length: look - (estimate?.count ?? 0) }, () => (random() < share ? 1 : 0));
        estimate = confidenceSequence(values, { level: 0.9, state: estimate?.state });
        const { interval, mean = 0 } = estimate;
        wrong ||= share < interval.low || share > interval.high;
        wrongFixed ||= Math.abs(mean - share) > 1.645 * Math.sqrt((share * (1 - share)) / look);
      }
      if (wrong) missed += 1;
      if (wrongFixed) missedFixed += 1;
    }
    expect(missed / runs).toBeLessThan(0.1); // at most 10 % is promised
    expect(missedFixed / runs).toBeGreaterThan(0.2);
  });

  it('covers the mean of values that fall between marks, from dependent draws with a constant conditional mean', () => {
    let missed = 0;
    const runs = 200;
    for (let run = 0; run < runs; run += 1) {
      const random = seededRandom(10_000 + run);
      let before = 0.5;
      const values = Array.from({ length: 400 }, () => {
        // The spread follows the value before; the mean is 0.3 whatever came before.
        const half = 0.05 + 0.25 * before;
        before = 0.3 + half * (2 * random() - 1);
        return before;
      });
      const { interval } = confidenceSequence(values, { level: 0.9 });
      if (interval.low > 0.3 || interval.high < 0.3) missed += 1;
    }
    expect(missed / runs).toBeLessThan(0.1);
  });

  it('is never far wider than an interval for a fixed number, and narrower when outcomes hardly differ', () => {
    const random = seededRandom(5);
    const fair = Float64Array.from({ length: 1_000_000 }, () => (random() < 0.5 ? 1 : 0));
    const { interval } = confidenceSequence(fair);
    const fixed = 2 * 1.96 * Math.sqrt(0.25 / 1_000_000);
    expect((interval.high - interval.low) / fixed).toBeLessThan(2.3);
    const steady = confidenceSequence(fair.map((value) => 0.5 + 0.02 * (value - 0.5))).interval;
    expect(steady.high - steady.low).toBeLessThan(0.002);
  });

  it.each([0.1, 0.9])(
    'moves values %d of the way between marks outward, by less than a two-thousandth of the range',
    (part) => {
      const random = seededRandom(8);
      const values = Array.from({ length: 500 }, () => (Math.floor(2_000 * random()) + part) / 2_000);
      const { interval } = confidenceSequence(values);
      const ones = new Float64Array(500).fill(1);
      const low = meanLowerBound(Float64Array.from(values), ones, Math.log(40));
      const high =
        1 -
        meanLowerBound(
          Float64Array.from(values, (value) => 1 - value),
          ones,
          Math.log(40),
        );
      for (const moved of [low - interval.low, interval.high - high]) {
        expect(moved).toBeGreaterThan(0.04 / 2_000);
        expect(moved).toBeLessThan(1 / 2_000);
      }
    },
  );

  it('goes on where it stopped, through JSON, and does not mind the order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 60 }),
        fc.nat(60),
        (values, cut) => {
          const whole = confidenceSequence(values, { low: -1 });
          const first = confidenceSequence(values.slice(0, cut), { low: -1 });
          const state = JSON.parse(JSON.stringify(first.state)) as typeof first.state;
          const resumed = confidenceSequence(values.slice(cut), { state });
          expect(resumed.count).toBe(whole.count);
          expect(resumed.interval.low).toBeCloseTo(whole.interval.low, 9);
          expect(resumed.interval.high).toBeCloseTo(whole.interval.high, 9);
          const turned = confidenceSequence(values.toReversed(), { low: -1 });
          expect(turned.interval.low).toBeCloseTo(whole.interval.low, 9);
        },
      ),
    );
  });

  it('stays in the range, around the mean, and mirrors', () => {
    const range = fc.tuple(
      fc.double({ min: -1e300, max: 1e300, noNaN: true }),
      fc.double({ min: 1e-9, max: 1e150, noNaN: true }),
    );
    fc.assert(
      fc.property(
        range,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
        ([low, width], shares) => {
          const high = low + width;
          fc.pre(high > low && Number.isFinite(high));
          const values = shares.map((share) => Math.min(high, Math.max(low, low + share * width)));
          const { mean = Number.NaN, interval } = confidenceSequence(values, { low, high });
          expect(interval.low).toBeGreaterThanOrEqual(low);
          expect(interval.low).toBeLessThanOrEqual(mean);
          expect(interval.high).toBeGreaterThanOrEqual(mean);
          expect(interval.high).toBeLessThanOrEqual(high);
        },
      ),
    );
    const values = [0, 0.25, 1, 1, 0.5];
    const { interval } = confidenceSequence(values);
    const mirrored = confidenceSequence(values.map((value) => 1 - value)).interval;
    expect(mirrored.low).toBeCloseTo(1 - interval.high, 9);
    expect(mirrored.high).toBeCloseTo(1 - interval.low, 9);
  });

  it('refuses outcomes outside the range, ranges that are none, and a range that is not that of the state', () => {
    expect(() => confidenceSequence([0.5, 1.5])).toThrow(/values\[1\] is 1.5/);
    expect(() => confidenceSequence([Number.NaN])).toThrow(RangeError);
    expect(() => confidenceSequence([], { low: 1, high: 1 })).toThrow(RangeError);
    expect(() => confidenceSequence([], { low: -1e308, high: 1e308 })).toThrow(RangeError);
    expect(() => confidenceSequence([], { level: 1 })).toThrow(RangeError);
    const { state } = confidenceSequence([0.5]);
    expect(() => confidenceSequence([0.5], { state, low: -1 })).toThrow(/not that of the state/);
  });
});

it('no gambler stakes all it has, so none is ever ruined', () => {
  expect(stakes.every((stake) => stake > 0 && stake < 1)).toBe(true);
});
