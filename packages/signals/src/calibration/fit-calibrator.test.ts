import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { seededRandom } from '../statistics/random.ts';
import { brierScore } from './brier-score.ts';
import { calibrate } from './calibrate.ts';
import type { CalibrationMethod } from './calibrator.ts';
import { expectedCalibrationError } from './expected-calibration-error.ts';
import { fitCalibrator } from './fit-calibrator.ts';
import { sigmoid, logit } from './logit.ts';
import { parseCalibrator } from './parse-calibrator.ts';

const policyVersion = 'v12';

/** Outcomes of a policy whose confidence q means a success with probability `truth(q)`. */
function outcomesOf(count: number, truth: (confidence: number) => number, seed = 1) {
  const random = seededRandom(seed);
  const confidences = Array.from({ length: count }, () => 0.02 + 0.96 * random());
  return [confidences, confidences.map((confidence) => (random() < truth(confidence) ? 1 : 0))] as const;
}

describe('fitCalibrator', () => {
  it('is the identity below 30 outcomes, counted without what is null', () => {
    const few = Array.from({ length: 40 }, (_, index) => (index < 29 ? 0.9 : null));
    const { calibrator, reason } = fitCalibrator(
      few,
      few.map(() => 0),
      { policyVersion, method: 'platt' },
    );
    expect(calibrator).toMatchObject({ method: 'identity', outcomes: 29, policyVersion });
    expect(reason).toContain('29 outcomes');
    expect(fitCalibrator([], [], { policyVersion }).calibrator).toMatchObject({ method: 'identity', baseRate: 0.5 });
    const enough = Array.from({ length: 30 }, () => 0.9);
    expect(
      fitCalibrator(
        enough,
        enough.map(() => 0),
        { policyVersion },
      ).calibrator.method,
    ).not.toBe('identity');
  });

  it('tries isotonic regression from 200 outcomes on, and says so when it was asked for before', () => {
    const small = fitCalibrator(...outcomesOf(199, (q) => q), { policyVersion, method: 'isotonic' });
    expect(small.calibrator.method).toBe('beta-binomial');
    expect(small.reason).toContain('needs 200 outcomes; there are 199');
    expect(small.brier.isotonic).toBeUndefined();
    const large = fitCalibrator(...outcomesOf(200, (q) => q), { policyVersion, method: 'isotonic' });
    expect(large.calibrator.method).toBe('isotonic');
    expect(large.brier.isotonic).toBeGreaterThan(0);
  });

  it.each<[string, (confidence: number) => number, CalibrationMethod]>([
    ['an overconfident policy', (q) => sigmoid(logit(q) / 3), 'temperature'],
    ['a policy that is too sure by a constant', (q) => sigmoid(logit(q) - 2), 'platt'],
    ['a calibrated policy', (q) => q, 'identity'],
  ])('chooses what mends %s', (_, truth, expected) => {
    const { calibrator, reason, brier } = fitCalibrator(...outcomesOf(4_000, truth, 3), { policyVersion });
    // Methods that contain the right one do as well; the right one is never worse by more than noise.
    expect(brier[expected]! - brier[calibrator.method]!).toBeLessThan(0.001);
    expect(brier[calibrator.method]).toBe(Math.min(...Object.values(brier)));
    expect(reason).toContain(calibrator.method);
  });

  it('chooses bins or steps where the truth is a step in the middle', () => {
    const truth = (q: number) => (q > 0.3 && q < 0.7 ? 0.95 : 0.05);
    expect(fitCalibrator(...outcomesOf(2_000, truth), { policyVersion }).calibrator.method).toBe('beta-binomial');
  });

  it('lowers the calibration error of outcomes it has not seen', () => {
    const truth = (q: number) => sigmoid(0.4 * logit(q) - 1);
    const { calibrator } = fitCalibrator(...outcomesOf(1_000, truth, 1), { policyVersion });
    const [fresh, happened] = outcomesOf(4_000, truth, 2);
    const calibrated = fresh.map((confidence) => calibrate(calibrator, confidence).probability);
    expect(expectedCalibrationError(calibrated, happened)!).toBeLessThan(
      0.25 * expectedCalibrationError(fresh, happened)!,
    );
    expect(brierScore(calibrated, happened)!).toBeLessThan(brierScore(fresh, happened)!);
  });

  it('reports as identity score the plain Brier score', () => {
    const [stated, happened] = outcomesOf(100, (q) => q * q);
    expect(fitCalibrator(stated, happened, { policyVersion }).brier.identity).toBeCloseTo(
      brierScore(stated, happened)!,
      12,
    );
  });

  it('gives one class alone a high probability and never a failure', () => {
    const all = Array.from({ length: 50 }, (_, index) => (index % 10) / 10);
    const { calibrator } = fitCalibrator(
      all,
      all.map(() => 1),
      { policyVersion },
    );
    for (const confidence of [0, 0.5, 1]) expect(calibrate(calibrator, confidence).probability).toBeGreaterThan(0.8);
  });

  it('names equal content equally and other content otherwise', () => {
    const [stated, happened] = outcomesOf(50, (q) => q);
    const fit = (version: string) =>
      fitCalibrator(stated, happened, { policyVersion: version, method: 'platt' }).calibrator.id;
    expect(fit('v1')).toBe(fit('v1'));
    expect(fit('v1')).not.toBe(fit('v2'));
    expect(fit('v1')).toMatch(/^platt v1 [0-9a-f]{16}$/);
  });

  it('refuses an unnamed policy, an unknown method and lists that do not fit', () => {
    expect(() => fitCalibrator([], [], { policyVersion: '' })).toThrow(RangeError);
    const [stated, happened] = outcomesOf(50, (q) => q);
    const method = 'spline' as CalibrationMethod;
    expect(() => fitCalibrator(stated, happened, { policyVersion, method })).toThrow(/spline/);
    expect(() => fitCalibrator([0.5], [], { policyVersion })).toThrow(RangeError);
  });

  it('survives JSON, gives probabilities only, rises with isotonic and temperature, and does not depend on order', () => {
    const rows = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)), {
      minLength: 30,
      maxLength: 230,
      size: 'max',
    });
    const methods = fc.constantFrom<CalibrationMethod>('identity', 'temperature', 'platt', 'isotonic', 'beta-binomial');
    fc.assert(
      fc.property(rows, methods, (pairs, method) => {
        const stated = pairs.map(([confidence]) => confidence);
        const happened = pairs.map(([, outcome]) => outcome);
        const { calibrator } = fitCalibrator(stated, happened, { policyVersion, method });
        expect(parseCalibrator(JSON.parse(JSON.stringify(calibrator)))).toEqual(calibrator);
        const other = fitCalibrator(stated.toReversed(), happened.toReversed(), { policyVersion, method }).calibrator;
        let last = 0;
        for (const confidence of [0, 1e-9, 0.1, 0.3, 0.5, 0.77, 1 - 1e-9, 1]) {
          const { probability } = calibrate(calibrator, confidence);
          expect(probability).toBeGreaterThanOrEqual(0);
          expect(probability).toBeLessThanOrEqual(1);
          expect(calibrate(other, confidence).probability).toBeCloseTo(probability, 5);
          if (calibrator.method === 'isotonic' || calibrator.method === 'temperature') {
            expect(probability).toBeGreaterThanOrEqual(last);
          }
          last = probability;
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('calibrate', () => {
  const [stated, happened] = outcomesOf(60, (q) => q / 2);
  const { calibrator } = fitCalibrator(stated, happened, { policyVersion, method: 'platt' });

  it('stands behind a number of the policy it was fitted on, and names itself', () => {
    const result = calibrate(calibrator, 0.9, { policyVersion });
    expect(result).toEqual({ probability: result.probability, isCalibrated: true, calibratorId: calibrator.id });
    expect(result.probability).toBeLessThan(0.7);
  });

  it('says when the policy is another one', () => {
    const result = calibrate(calibrator, 0.9, { policyVersion: 'v13' });
    expect(result).toMatchObject({ isCalibrated: false, caveat: 'other-policy' });
    expect(result.probability).toBe(calibrate(calibrator, 0.9).probability);
  });

  it('takes the base rate for a confidence that is missing, and says so', () => {
    const successes = happened.filter((outcome) => outcome === 1).length;
    const missing = calibrate(calibrator, null);
    expect(missing).toMatchObject({ isCalibrated: false, caveat: 'no-confidence' });
    expect(missing.probability).toBeCloseTo((successes + 1) / 62, 12);
    expect(calibrate(calibrator, undefined, { baseRate: 0.25 }).probability).toBe(0.25);
  });

  it('does not call the identity of few outcomes calibrated', () => {
    const few = fitCalibrator([0.5], [1], { policyVersion }).calibrator;
    expect(calibrate(few, 0.8)).toMatchObject({ probability: 0.8, isCalibrated: false, caveat: 'too-few-outcomes' });
  });

  it('refuses what is no probability', () => {
    expect(() => calibrate(calibrator, Number.NaN)).toThrow(RangeError);
    expect(() => calibrate(calibrator, 1.1)).toThrow(RangeError);
    expect(() => calibrate(calibrator, null, { baseRate: -1 })).toThrow(RangeError);
  });
});

describe('parseCalibrator', () => {
  const base = { id: 'a', policyVersion: 'v1', outcomes: 30, baseRate: 0.5 };
  it.each([
    [null, 'the whole'],
    [[], 'the whole'],
    [{ ...base, method: 'spline' }, 'method'],
    [{ ...base, id: '', method: 'identity' }, 'id'],
    [{ ...base, outcomes: -1, method: 'identity' }, 'outcomes'],
    [{ ...base, baseRate: 2, method: 'identity' }, 'baseRate'],
    [{ ...base, method: 'temperature', temperature: 0 }, 'temperature'],
    [{ ...base, method: 'temperature', temperature: '1' }, 'temperature'],
    [{ ...base, method: 'platt', slope: 1 }, 'intercept'],
    [{ ...base, method: 'platt', slope: 1e200, intercept: 0 }, 'slope'],
    [{ ...base, method: 'isotonic', confidences: [], probabilities: [] }, 'confidences'],
    [{ ...base, method: 'isotonic', confidences: [0.5, 0.5], probabilities: [0, 1] }, 'strictly rising'],
    [{ ...base, method: 'isotonic', confidences: [0.4, 0.5], probabilities: [1, 0] }, 'non-decreasing'],
    [{ ...base, method: 'isotonic', confidences: [0.4, 0.5], probabilities: [1] }, 'as many'],
    [{ ...base, method: 'beta-binomial', probabilities: [Number.NaN] }, 'probabilities'],
  ])('refuses %j', (value, complaint) => {
    expect(() => parseCalibrator(value)).toThrow(RangeError);
    expect(() => parseCalibrator(value)).toThrow(complaint);
  });
});
