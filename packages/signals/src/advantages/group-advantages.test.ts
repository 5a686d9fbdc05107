import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import vectors from '../fixtures/vectors.json' with { type: 'json' };
import { groupAdvantages } from './group-advantages.ts';
import { leaveOneOutAdvantages } from './leave-one-out-advantages.ts';

function close(actual: readonly number[], expected: readonly number[], digits = 8): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, index) => expect(value).toBeCloseTo(expected[index]!, digits));
}

/** TRL 1.13's GRPOTrainer, `scale_rewards="group"`, written down from its formula: nanmean and nanstd (ddof 1), (r − mean) / (std + 1e-4), NaN → 0. */
function asTrl(rewards: readonly (number | null)[]): number[] {
  const present = rewards.filter((reward) => reward !== null);
  const mean = present.reduce((sum, reward) => sum + reward, 0) / present.length;
  const variance = present.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / (present.length - 1);
  const std = Number.isNaN(variance) ? 0 : Math.sqrt(variance);
  return rewards.map((reward) => (reward === null ? 0 : (reward - mean) / (std + 1e-4)));
}

const reward = fc.oneof(fc.constantFrom(0, 1, null), fc.double({ min: -1e100, max: 1e100, noNaN: true }));

describe('groupAdvantages', () => {
  it.each(vectors['4_adv'])(
    'equals the golden values of $rewards',
    ({ rewards, trl_group, dr_grpo, verl_std, ours }) => {
      close(groupAdvantages(rewards, { normalise: true }), trl_group);
      close(groupAdvantages(rewards), dr_grpo);
      close(groupAdvantages(rewards, { normalise: true, epsilon: 1e-6 }), ours ?? verl_std);
    },
  );

  it.each(vectors['4_std_amplification'])('amplifies $k of $G as the golden table says', (row) => {
    const rewards = Array.from({ length: row.G }, (_, index) => (index < row.k ? 1 : 0));
    expect(groupAdvantages(rewards, { normalise: true })[0]).toBeCloseTo(row.adv_success_std, 8);
    expect(groupAdvantages(rewards)[0]).toBeCloseTo(row.adv_success_nostd, 10);
  });

  it("equals TRL's formula for any group whose deviation is not a rounding error", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(null), fc.double({ min: -10, max: 10, noNaN: true })), { minLength: 2 }),
        (rewards) => {
          const expected = asTrl(rewards);
          const present = rewards.filter((value) => value !== null);
          fc.pre(present.length > 1 && Math.max(...present) - Math.min(...present) > 1e-3);
          close(groupAdvantages(rewards, { normalise: true }), expected, 9);
        },
      ),
    );
  });

  it('gives nothing where there is nothing to compare', () => {
    expect(groupAdvantages([])).toEqual([]);
    expect(groupAdvantages([5], { normalise: true })).toEqual([0]);
    expect(groupAdvantages([null, 5, null], { normalise: true })).toEqual([0, 0, 0]);
    // Rounding alone: the mean of three times 0.1 is not 0.1.
    expect(groupAdvantages([0.1, 0.1, 0.1], { normalise: true, epsilon: 0 })).toEqual([0, 0, 0]);
    expect(groupAdvantages([0.3, 0.1 + 0.2], { normalise: true, epsilon: 0 })).toEqual([0, 0]);
    expect(groupAdvantages(Array(7).fill(1e99 / 3), { normalise: true })).toEqual(Array(7).fill(0));
  });

  it('sums to 0, keeps the order of rewards, follows its rewards about, and never returns NaN or an infinity', () => {
    fc.assert(
      fc.property(fc.array(reward), fc.boolean(), fc.nat(), (rewards, normalise, turn) => {
        const advantages = groupAdvantages(rewards, { normalise, epsilon: 0 });
        expect(advantages.every(Number.isFinite)).toBe(true);
        const size = Math.max(1, ...advantages.map(Math.abs));
        expect(Math.abs(advantages.reduce((sum, value) => sum + value, 0)) / size).toBeLessThan(
          1e-9 * (1 + rewards.length),
        );
        rewards.forEach((first, i) =>
          rewards.forEach((second, j) => {
            if (first !== null && second !== null && first < second)
              expect(advantages[i]!).toBeLessThanOrEqual(advantages[j]!);
          }),
        );
        const by = rewards.length === 0 ? 0 : turn % rewards.length;
        const turned = groupAdvantages([...rewards.slice(by), ...rewards.slice(0, by)], { normalise, epsilon: 0 });
        const expected = [...advantages.slice(by), ...advantages.slice(0, by)];
        turned.forEach((value, index) => expect(Math.abs(value - expected[index]!) / size).toBeLessThan(1e-9));
      }),
    );
  });

  it.each([[[Number.NaN]], [[1, Number.POSITIVE_INFINITY]], [[1e101]]])('refuses %s', (rewards) => {
    expect(() => groupAdvantages(rewards)).toThrow(RangeError);
  });

  it('refuses an epsilon that is none', () => {
    expect(() => groupAdvantages([0, 1], { epsilon: -1 })).toThrow(RangeError);
    expect(() => groupAdvantages([0, 1], { epsilon: Number.NaN })).toThrow(RangeError);
  });
});

describe('leaveOneOutAdvantages', () => {
  it('is each reward minus the mean of the others', () => {
    expect(leaveOneOutAdvantages([1, 0, 0, 0])).toEqual([1, -1 / 3, -1 / 3, -1 / 3]);
    close(leaveOneOutAdvantages([3, null, 1, 2]), [1.5, 0, -1.5, 0]);
    expect(leaveOneOutAdvantages([4])).toEqual([0]);
    expect(leaveOneOutAdvantages([4, null])).toEqual([0, 0]);
  });

  it('does not move the baseline of a reward when that reward changes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 30 }), (rewards) => {
        const advantages = leaveOneOutAdvantages(rewards);
        const isFlat = new Set(rewards).size === 1;
        rewards.forEach((value, index) => {
          const others = rewards.filter((_, other) => other !== index);
          const baseline = others.reduce((sum, other) => sum + other, 0) / others.length;
          expect(advantages[index]).toBeCloseTo(isFlat ? 0 : value - baseline, 9);
        });
      }),
    );
  });
});
