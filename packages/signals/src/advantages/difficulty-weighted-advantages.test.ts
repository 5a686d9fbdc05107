import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { bandOutside, type OutsideBand } from '../gates/outside-band.ts';
import { recordPasses, startPassHistory } from '../gates/pass-history.ts';
import { difficultyWeight, difficultyWeightedAdvantages } from './difficulty-weighted-advantages.ts';

function bandOf(successes: number, trials: number): OutsideBand {
  const pilot = { groupId: 'pilot', policyVersion: 0, successes, trials, isPilot: true };
  return bandOutside(recordPasses(startPassHistory('task'), pilot), { groupId: 'group', policyVersion: 0 });
}

describe('difficultyWeight', () => {
  it.each(vectors['4_lead_w'])('equals the golden weights at $rho', ({ rho, w, w_neg }) => {
    expect(difficultyWeight(rho)).toBeCloseTo(w, 9);
    expect(difficultyWeight(1 - rho)).toBeCloseTo(w_neg, 9);
  });

  it('falls with the pass rate, between its bounds', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1000, noNaN: true }),
        (a, b, slope) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          const easy = difficultyWeight(high, { slope });
          const hard = difficultyWeight(low, { slope });
          expect(hard).toBeGreaterThanOrEqual(easy);
          expect(easy).toBeGreaterThanOrEqual(0.4);
          expect(hard).toBeLessThanOrEqual(1.5);
        },
      ),
    );
  });

  it('refuses what is no weight', () => {
    expect(() => difficultyWeight(1.5)).toThrow(RangeError);
    expect(() => difficultyWeight(0.5, { lowest: 2, highest: 1 })).toThrow(RangeError);
    expect(() => difficultyWeight(0.5, { slope: Number.POSITIVE_INFINITY })).toThrow(RangeError);
  });
});

describe('difficultyWeightedAdvantages', () => {
  it('weights successes and failures inside the band', () => {
    const weighted = difficultyWeightedAdvantages([2.4741739321, -0.3534534189, 0], bandOf(1, 8));
    expect(weighted[0]).toBeCloseTo(2.4741739321 * 1.4978805919, 8); // 3.71
    expect(weighted[1]).toBeCloseTo(-0.3534534189 * 0.6449701527, 8);
    expect(weighted[2]).toBe(0);
  });

  it.each([
    [0, 8],
    [8, 8],
    [1, 4],
    [0, 0],
  ])('changes nothing at %i of %i, outside the band', (successes, trials) => {
    expect(difficultyWeightedAdvantages([2, -1], bandOf(successes, trials))).toEqual([2, -1]);
  });
});
