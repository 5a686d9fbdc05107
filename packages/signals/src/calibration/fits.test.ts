import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { brierScore } from './brier-score.ts';
import { fitBetaBinomial, logMarginal } from './fit-beta-binomial.ts';
import { fitIsotonic, interpolate } from './fit-isotonic.ts';
import { fitPlatt } from './fit-platt.ts';
import { fitConfidenceTemperature, fitTemperature } from './fit-temperature.ts';
import { logit, sigmoid } from './logit.ts';

// Numbers marked "scikit-learn" were made once with scikit-learn 1.9.1 and SciPy 1.17.1 from this same list, the confidences clipped to [1e-6, 1 − 1e-6] where a
// logit is taken.
const confidences = Array.from({ length: 240 }, (_, index) => ((index * 37) % 21) / 20);
const outcomes = confidences.map((confidence, index) => (((index * 53) % 97) / 97 < 0.15 + 0.5 * confidence ? 1 : 0));

const pairs = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)), { maxLength: 80 });
const split = (rows: readonly (readonly [number, number])[]) =>
  [rows.map(([confidence]) => confidence), rows.map(([, outcome]) => outcome)] as const;

function negativeLogLikelihood(logits: readonly (readonly number[])[], labels: readonly number[], temperature: number) {
  const losses = logits.map((row, index) => {
    const scaled = row.map((score) => score / temperature);
    return Math.log(scaled.reduce((sum, score) => sum + Math.exp(score), 0)) - scaled[labels[index]!]!;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe('fitTemperature', () => {
  it('equals the golden temperature, which is 4 / ln 3', () => {
    const { logits, y, nll_T1, T_star, nll_Tstar } = vectors['1_temp'];
    const temperature = fitTemperature(logits, y);
    expect(temperature).toBeCloseTo(T_star, 9);
    expect(temperature).toBeCloseTo(4 / Math.log(3), 12);
    expect(negativeLogLikelihood(logits, y, 1)).toBeCloseTo(nll_T1, 9);
    expect(negativeLogLikelihood(logits, y, temperature)).toBeCloseTo(nll_Tstar, 9);
  });

  it('equals the temperature of scikit-learn for three classes', () => {
    const logits = Array.from({ length: 50 }, (_, j) => [((j * 7) % 11) / 2, ((j * 5) % 13) / 2, (j * 3) % 7]);
    const labels = logits.map((row, j) =>
      j % 3 === 0 ? (j * j + Math.floor(j / 3)) % 3 : row.indexOf(Math.max(...row)),
    );
    // _TemperatureScaling().fit(logits, labels).beta_
    expect(fitTemperature(logits, labels)).toBeCloseTo(2.037134513601281, 6);
  });

  it('stops at its limits when scores are always right or mislead, and says 1 when they say nothing', () => {
    expect(fitTemperature([[5, 0]], [0])).toBe(0.01);
    expect(fitTemperature([[5, 0]], [1])).toBe(100);
    expect(fitTemperature([[3, 3, 3]], [2])).toBe(1);
    expect(fitTemperature([], [])).toBe(1);
    expect(fitTemperature([[1e308, -1e308]], [1])).toBe(100);
    expect(fitTemperature([[1e308, -1e308]], [0])).toBe(1);
  });

  it('refuses rows of unequal length, labels without a class and scores that are not finite', () => {
    expect(() => fitTemperature([[1, 2], [1]], [0, 0])).toThrow(/logits\[1\] has 1 scores/);
    expect(() => fitTemperature([[1, 2]], [2])).toThrow(/labels\[0\] is 2/);
    expect(() => fitTemperature([[1, Infinity]], [0])).toThrow(RangeError);
    expect(() => fitTemperature([[1, 2]], [])).toThrow(RangeError);
  });
});

describe('fitConfidenceTemperature', () => {
  it('equals the temperature of scikit-learn', () => {
    // _TemperatureScaling().fit(stack([0, logit q]), y)
    expect(fitConfidenceTemperature(confidences, outcomes)).toBeCloseTo(6.224842067618729, 5);
  });

  it('is fitTemperature over the rows [0, logit q], and finite whatever is said', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const [stated, happened] = split(rows);
        const temperature = fitConfidenceTemperature(stated, happened);
        expect(temperature).toBe(
          fitTemperature(
            stated.map((confidence) => [0, logit(confidence)]),
            happened,
          ),
        );
        expect(temperature).toBeGreaterThanOrEqual(0.01 - 1e-12);
        expect(temperature).toBeLessThanOrEqual(100 + 1e-9);
      }),
    );
  });
});

describe('fitPlatt', () => {
  it('equals the sigmoid calibration of scikit-learn', () => {
    // _sigmoid_calibration(logit q, y) gives −slope and −intercept.
    const { slope, intercept } = fitPlatt(confidences, outcomes);
    expect(slope).toBeCloseTo(0.15874290886129172, 6);
    expect(intercept).toBeCloseTo(-0.37241260875241206, 6);
  });

  it('has a gradient of 0: mean prediction equals mean softened target, also weighted by the score', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const [stated, happened] = split(rows);
        const { slope, intercept } = fitPlatt(stated, happened);
        expect(Number.isFinite(slope) && Number.isFinite(intercept)).toBe(true);
        const successes = happened.filter((outcome) => outcome === 1).length;
        const up = (successes + 1) / (successes + 2);
        const down = 1 / (happened.length - successes + 2);
        const excess = rows.map(([q, y]) => sigmoid(slope * logit(q) + intercept) - (y === 1 ? up : down));
        expect(excess.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
      }),
    );
  });

  it('leaves only an intercept when all confidences are equal', () => {
    const { slope, intercept } = fitPlatt([0.9, 0.9, 0.9, 0.9], [1, 0, 0, 0]);
    expect(slope).toBe(0);
    // Targets 2/3 and three times 1/5: their mean is 19/60.
    expect(sigmoid(intercept)).toBeCloseTo(19 / 60, 9);
    for (let count = 2; count < 40; count += 1) {
      const equal = Array.from({ length: count }, () => 0.07);
      expect(
        fitPlatt(
          equal,
          equal.map((_, index) => index % 2),
        ).slope,
      ).toBe(0);
    }
    expect(fitPlatt([], [])).toEqual({ slope: 0, intercept: 0 });
  });

  it('stays finite when the confidence separates the outcomes', () => {
    const { slope } = fitPlatt([0, 0, 1, 1], [0, 0, 1, 1]);
    expect(slope).toBeGreaterThan(0);
    expect(slope).toBeLessThan(10);
  });
});

describe('fitIsotonic', () => {
  it('equals the isotonic regression of scikit-learn', () => {
    // IsotonicRegression(y_min=0, y_max=1, out_of_bounds='clip').fit(q, y): X_thresholds_, y_thresholds_, predict.
    const fit = fitIsotonic(confidences, outcomes);
    const levels = [0.08333333333333333, 0.17142857142857143, 0.17142857142857143, 0.29411764705882354, 0.29411764705882354, 0.38235294117647056, 0.38235294117647056, 0.4782608695652174, 0.4782608695652174, 0.5, 0.5151515151515151, 0.5151515151515151, 0.5428571428571428, 0.5428571428571428, 0.7272727272727273, 0.7272727272727273]; // prettier-ignore
    expect(fit.confidences).toEqual([
      0, 0.05, 0.15, 0.2, 0.3, 0.35, 0.45, 0.5, 0.55, 0.6, 0.65, 0.75, 0.8, 0.9, 0.95, 1,
    ]);
    fit.probabilities.forEach((level, index) => expect(level).toBeCloseTo(levels[index]!, 12));
    const predicted = [0.08333333333333333, 0.1361904761904762, 0.17142857142857143, 0.3470588235294118, 0.4782608695652174, 0.5262337662337662, 0.5428571428571428, 0.7272727272727273, 0.7272727272727273]; // prettier-ignore
    [0, 0.03, 0.1, 0.33, 0.5, 0.77, 0.9, 0.99, 1].forEach((at, index) =>
      expect(interpolate(fit.confidences, fit.probabilities, at)).toBeCloseTo(predicted[index]!, 12),
    );
  });

  it('pools a violation as one does by hand', () => {
    // 0.2 → 1, 0.4 → 0 violate: both ½; 0.6 → 1 stays.
    expect(fitIsotonic([0.6, 0.4, 0.2], [1, 0, 1])).toEqual({
      confidences: [0.2, 0.4, 0.6],
      probabilities: [0.5, 0.5, 1],
    });
    expect(fitIsotonic([0.5], [1])).toEqual({ confidences: [0.5], probabilities: [1] });
    expect(fitIsotonic([0.5, 0.5], [1, 0])).toEqual({ confidences: [0.5], probabilities: [0.5] });
    expect(fitIsotonic([0.1, 0.2, 0.3], [1, 1, 1])).toEqual({ confidences: [0.1, 0.3], probabilities: [1, 1] });
    expect(fitIsotonic([], [])).toEqual({ confidences: [], probabilities: [] });
  });

  it('never falls, keeps the mean, and is no further from the outcomes than the confidences or their mean', () => {
    fc.assert(
      fc.property(
        pairs.filter((rows) => rows.length > 0),
        (rows) => {
          const [stated, happened] = split(rows);
          const fit = fitIsotonic(stated, happened);
          const at = (confidence: number) => interpolate(fit.confidences, fit.probabilities, confidence);
          for (let index = 1; index < fit.confidences.length; index += 1) {
            expect(fit.confidences[index]!).toBeGreaterThan(fit.confidences[index - 1]!);
            expect(fit.probabilities[index]!).toBeGreaterThanOrEqual(fit.probabilities[index - 1]!);
          }
          const mean = happened.reduce<number>((sum, outcome) => sum + outcome, 0) / happened.length;
          const fitted = stated.map(at);
          expect(fitted.reduce((sum, value) => sum + value, 0) / fitted.length).toBeCloseTo(mean, 9);
          const distance = brierScore(fitted, happened)!;
          expect(distance).toBeLessThanOrEqual(brierScore(stated, happened)! + 1e-12);
          expect(distance).toBeLessThanOrEqual(mean * (1 - mean) + 1e-12);
        },
      ),
    );
  });
});

describe('fitBetaBinomial', () => {
  it('has the marginal likelihood of SciPy', () => {
    // betabinom.logpmf(3, 10, 2.5, 1.5) − ln C(10, 3), betabinom.logpmf(0, 4, 2, 8)
    expect(logMarginal(3, 10, 2.5, 1.5)).toBeCloseTo(-7.417223791813328, 10);
    expect(logMarginal(0, 4, 2, 8)).toBeCloseTo(-0.7731898882334818, 10);
  });

  it('leaves bins that differ where they are, and draws bins that are alike together', () => {
    const low = Array.from({ length: 100 }, () => 0.05);
    const high = Array.from({ length: 100 }, () => 0.95);
    const apart = fitBetaBinomial([...low, ...high], [...low.map(() => 0), ...high.map(() => 1)]);
    expect(apart.priorOutcomes).toBe(1);
    expect(apart.probabilities[0]).toBeCloseTo(0.5 / 101, 12);
    expect(apart.probabilities[9]).toBeCloseTo(100.5 / 101, 12);
    const alike = [...low, ...high].map((_, index) => index % 2);
    const together = fitBetaBinomial([...low, ...high], alike);
    expect(together.priorOutcomes).toBe(1024);
    expect(together.probabilities[0]).toBeCloseTo(0.5, 9);
  });

  it('gives an empty bin the base rate', () => {
    const { probabilities } = fitBetaBinomial([0.95, 0.95, 0.95], [1, 1, 0]);
    expect(probabilities[2]).toBeCloseTo(3 / 5, 12);
    expect(fitBetaBinomial([], []).priorOutcomes).toBe(1);
    expect(fitBetaBinomial([], []).probabilities).toEqual(Array.from({ length: 10 }, () => 0.5));
  });

  it('stays inside (0, 1)', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        for (const probability of fitBetaBinomial(...split(rows)).probabilities) {
          expect(probability).toBeGreaterThan(0);
          expect(probability).toBeLessThan(1);
        }
      }),
    );
  });
});
