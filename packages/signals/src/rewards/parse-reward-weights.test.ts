import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseRewardWeights } from './parse-reward-weights.ts';
import { brierRule, honestFrom } from './scoring-rules.ts';

describe('parseRewardWeights', () => {
  it('takes the usual weights for what is not given', () => {
    expect(parseRewardWeights({})).toEqual({ correctness: 1, brier: 1, normalisation: 'none' });
    expect(parseRewardWeights({ brier: 0, normalisation: 'group' })).toEqual({
      correctness: 1,
      brier: 0,
      normalisation: 'group',
    });
  });

  it.each([
    [{ brier: 1.5 }, 'below 0.333'],
    [{ brier: 0.6, correctness: 0.5 }, 'above the correctness weight'],
    [{ correctness: 0, brier: 0 }, 'correctness weight is 0'],
    [{ brier: -1 }, "'brier'"],
    [{ brier: Number.NaN }, "'brier'"],
    [{ correctness: Infinity }, "'correctness'"],
    [{ brier: '1' }, "'brier'"],
    [{ brier: {} }, 'an object'],
    [{ brier: null }, "'brier'"],
    [{ normalisation: 'per-component' }, 'own deviation'],
    [{ normalisation: 'gdpo' }, 'own deviation'],
    [{ normalisation: 'GDPO' }, 'own deviation'],
    [{ normalisation: 'normalize_then_sum' }, 'own deviation'],
    [{ normalisation: 'sum' }, 'none, group or batch'],
    [{ normalisation: null }, 'none, group or batch'],
    [{ costOfFailure: 4 }, "unknown key 'costOfFailure'"],
    [{ toString: 1 }, "unknown key 'toString'"],
    [JSON.parse('{"__proto__": 1}'), "unknown key '__proto__'"],
    [null, 'not an object'],
    [[1, 1], 'not an object'],
    ['1', 'not an object'],
  ])('refuses %j', (value, complaint) => {
    expect(() => parseRewardWeights(value)).toThrow(RangeError);
    expect(() => parseRewardWeights(value)).toThrow(complaint);
  });

  it('lets through exactly the weights under which the likelier answer earns more', () => {
    const weight = fc.double({ min: 0.01, max: 10, noNaN: true });
    fc.assert(
      fc.property(weight, weight, (correctness, brier) => {
        if (honestFrom(brierRule(brier), correctness) > 0) {
          expect(() => parseRewardWeights({ correctness, brier })).toThrow(RangeError);
        } else {
          expect(parseRewardWeights({ correctness, brier })).toMatchObject({ correctness, brier });
        }
      }),
    );
  });
});
