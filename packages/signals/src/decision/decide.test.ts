import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { costThreshold } from './cost-threshold.ts';
import { decide } from './decide.ts';
import type { UtilityTable } from './utility-table.ts';

const table: UtilityTable = {
  id: 'golden',
  actions: ['commit', 'retract', 'abstain'],
  utilities: [
    [1, -4],
    [-1, 0],
    [-0.25, -0.25],
  ],
};

describe('decide', () => {
  it.each(vectors['1_actions'])('equals the golden decision at $p_correct', ({ p_correct, eu, choice }) => {
    const { action, expectedUtilities, utilityTableId } = decide(table, [p_correct, 1 - p_correct]);
    expect(action).toBe(choice);
    expect(utilityTableId).toBe('golden');
    eu.forEach((utility, index) => expect(expectedUtilities[index]).toBeCloseTo(utility, 12));
  });

  it('changes from retract to abstain at 0.25 and from abstain to commit at 0.75', () => {
    const at = (q: number) => decide(table, [q, 1 - q]).action;
    expect([at(0), at(0.25), at(0.25 + 1e-9), at(0.75 - 1e-9), at(0.75)]).toEqual([
      'retract',
      'retract',
      'abstain',
      'abstain',
      'commit',
    ]);
  });

  it('takes of equal actions the one declared first, also where rounding makes them differ', () => {
    const tie = (actions: readonly string[], utilities: number[][]) =>
      decide({ id: 't', actions, utilities }, [0.1, 0.2, 0.7]).action;
    // 0.1 + 0.2 + 0.7 · 0 = 0.30000000000000004 > 0.3
    expect(tie(['plain', 'sum'], [[0.3, 0.3, 0.3], [1, 1, 0]])).toBe('plain'); // prettier-ignore
    expect(tie(['sum', 'plain'], [[1, 1, 0], [0.3, 0.3, 0.3]])).toBe('sum'); // prettier-ignore
    expect(tie(['a', 'b'], [[0, 0, 0], [0, 0, 0]])).toBe('a'); // prettier-ignore
  });

  it('decides over one action and one state, and over the largest numbers', () => {
    expect(decide({ id: 't', actions: ['only'], utilities: [[3]] }, [1])).toEqual({
      action: 'only',
      expectedUtilities: [3],
      utilityTableId: 't',
    });
    const huge = [
      [1e308, 1.7e308],
      [-1.7e308, 1.7e308],
    ];
    const { action, expectedUtilities } = decide({ id: 't', actions: ['a', 'b'], utilities: huge }, [0.5, 0.5]);
    expect(action).toBe('a');
    expect(expectedUtilities.every(Number.isFinite)).toBe(true);
  });

  it.each<[string, UtilityTable, number[]]>([
    ['no action', { id: 't', actions: [], utilities: [] }, [1]],
    ['no state', { id: 't', actions: ['a'], utilities: [[]] }, []],
    ['an action named twice', { id: 't', actions: ['a', 'a'], utilities: [[1], [1]] }, [1]],
    ['a row too many', { id: 't', actions: ['a'], utilities: [[1], [2]] }, [1]],
    ['rows of unequal length', { id: 't', actions: ['a', 'b'], utilities: [[1], [2, 3]] }, [1]],
    ['a utility that is not finite', { id: 't', actions: ['a'], utilities: [[Number.NaN]] }, [1]],
    ['an infinite utility', { id: 't', actions: ['a'], utilities: [[Infinity]] }, [1]],
    ['too few probabilities', table, [1]],
    ['probabilities that do not sum to 1', table, [0.5, 0.4]],
    ['no probability', table, [Number.NaN, 1]],
    ['a negative probability', table, [-0.1, 1.1]],
  ])('refuses %s', (_, wrong, probabilities) => {
    expect(() => decide(wrong, probabilities)).toThrow(RangeError);
  });

  it('chooses an action that no other beats, keeps utilities in the range of their row, and does not care for unit and zero', () => {
    const utility = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    const tables = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 })).chain(([actions, states]) =>
      fc.tuple(
        fc.array(fc.array(utility, { minLength: states, maxLength: states }), {
          minLength: actions,
          maxLength: actions,
        }),
        fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: states, maxLength: states }),
      ),
    );
    fc.assert(
      fc.property(tables, ([utilities, parts]) => {
        const total = parts.reduce((sum, part) => sum + part, 0);
        const probabilities = parts.map((part) => part / total);
        const actions = utilities.map((_, index) => `a${index}`);
        const { action, expectedUtilities } = decide({ id: 't', actions, utilities }, probabilities);
        const chosen = expectedUtilities[actions.indexOf(action)]!;
        expect(chosen).toBeGreaterThanOrEqual(Math.max(...expectedUtilities) - 1e-8);
        utilities.forEach((row, index) => {
          expect(expectedUtilities[index]).toBeGreaterThanOrEqual(Math.min(...row));
          expect(expectedUtilities[index]).toBeLessThanOrEqual(Math.max(...row));
          expect(expectedUtilities[index]).toBeCloseTo(
            row.reduce((sum, u, state) => sum + u * probabilities[state]!, 0),
            8,
          );
        });
        const moved = utilities.map((row) => row.map((u) => 8 * u + 64));
        const again = decide({ id: 't', actions, utilities: moved }, probabilities);
        const worth = expectedUtilities[actions.indexOf(again.action)]!;
        expect(worth).toBeCloseTo(chosen, 6);
      }),
    );
  });
});

describe('costThreshold', () => {
  it.each(vectors['1_threshold'])('equals the golden threshold of %j', ({ c_fp, c_fn, c_tp, c_tn, t }) => {
    const threshold = costThreshold({
      falsePositive: c_fp,
      falseNegative: c_fn,
      truePositive: c_tp,
      trueNegative: c_tn,
    });
    expect(threshold).toBeCloseTo(t, 10);
  });

  it('has no threshold where one action dominates', () => {
    expect(costThreshold({ falsePositive: 1, falseNegative: 0, truePositive: 2 })).toBe('never');
    expect(costThreshold({ falsePositive: -1, falseNegative: 1 })).toBe('always');
    expect(costThreshold({ falsePositive: 0, falseNegative: 0 })).toBe('always');
    expect(costThreshold({ falsePositive: 0, falseNegative: 1 })).toBe(0);
    expect(costThreshold({ falsePositive: 1, falseNegative: 0 })).toBe(1);
  });

  it('refuses exchanged states and costs that are not finite or overflow', () => {
    expect(() => costThreshold({ falsePositive: -1, falseNegative: -1 })).toThrow(/exchange the two states/);
    expect(() => costThreshold({ falsePositive: Number.NaN, falseNegative: 1 })).toThrow(RangeError);
    expect(() => costThreshold({ falsePositive: 1e301, falseNegative: 1 })).toThrow(RangeError);
  });

  it('is where decide changes its mind', () => {
    const cost = fc.integer({ min: -50, max: 50 });
    fc.assert(
      fc.property(cost, cost, cost, cost, fc.double({ min: 0, max: 1, noNaN: true }), (fp, fn, tp, tn, q) => {
        fc.pre(!(fp < tn && fn < tp));
        const threshold = costThreshold({ falsePositive: fp, falseNegative: fn, truePositive: tp, trueNegative: tn });
        if (typeof threshold === 'number') {
          expect(threshold).toBeGreaterThanOrEqual(0);
          expect(threshold).toBeLessThanOrEqual(1);
          fc.pre(Math.abs(q - threshold) > 1e-9);
        }
        const utilities = [[0 - tp, 0 - fp], [0 - fn, 0 - tn]]; // prettier-ignore
        const { expectedUtilities } = decide({ id: 't', actions: ['act', 'wait'], utilities }, [q, 1 - q]);
        const [act, wait] = expectedUtilities as [number, number];
        fc.pre(Math.abs(act - wait) > 1e-9);
        const isAct = threshold === 'always' || (threshold !== 'never' && q >= threshold);
        expect(act > wait).toBe(isAct);
      }),
    );
  });
});
