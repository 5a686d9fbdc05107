import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { groupAdvantages } from './group-advantages.ts';
import { stepAdvantages, type EpisodeSteps } from './step-advantages.ts';

/** GiGPO as verl-agent states it (`mean_norm`), step by step, without any of our helpers. */
function asPublished(episodes: readonly { stateKeys: string[]; rewards: number[] }[], gamma: number, omega: number) {
  const returns = episodes.map(({ rewards }) =>
    rewards.map((_, t) => rewards.slice(t).reduce((sum, reward, k) => sum + gamma ** k * reward, 0)),
  );
  const flat = episodes.flatMap(({ stateKeys }, i) => stateKeys.map((key, t) => ({ key, value: returns[i]![t]! })));
  const totals = episodes.map(({ rewards }) => rewards.reduce((sum, reward) => sum + reward, 0));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return episodes.map(({ stateKeys }, i) =>
    stateKeys.map((key, t) => {
      const same = flat.filter((other) => other.key === key).map(({ value }) => value);
      return totals[i]! - mean(totals) + omega * (returns[i]![t]! - mean(same));
    }),
  );
}

describe('stepAdvantages', () => {
  it('compares steps taken in the same state, worked by hand', () => {
    // Both start in a. The first goes to b and succeeds; the second comes back to a and fails.
    const episodes: EpisodeSteps[] = [
      { stateKeys: ['a', 'b'], rewards: [0, 1] },
      { stateKeys: ['a', 'a', 'c'], rewards: [0, 0, 0] },
    ];
    const result = stepAdvantages(episodes, { discount: 0.5 });
    expect(result.episode).toEqual([0.5, -0.5]);
    // Returns in a: 0.5, 0, 0, of mean 1/6. b and c were seen once.
    expect(result.step[0]![0]).toBeCloseTo(1 / 3, 12);
    expect(result.step[0]![1]).toBe(0);
    expect(result.step[1]![0]).toBeCloseTo(-1 / 6, 12);
    expect(result.step[1]![2]).toBe(0);
    expect(result.combined[0]![0]).toBeCloseTo(0.5 + 1 / 3, 12);
    expect(result.comparedShare).toBeCloseTo(3 / 5, 12);
  });

  it('weights the step level, and reduces to groupAdvantages without it', () => {
    const episodes: EpisodeSteps[] = [
      { stateKeys: ['a'], rewards: [1] },
      { stateKeys: ['a'], rewards: [0] },
      { stateKeys: ['a'], rewards: [0], episodeReward: 2 },
    ];
    const none = stepAdvantages(episodes, { stepWeight: 0, normalise: true });
    expect(none.combined.flat()).toEqual(groupAdvantages([1, 0, 2], { normalise: true }));
    const twice = stepAdvantages(episodes, { stepWeight: 2 });
    expect(twice.combined[0]![0]).toBeCloseTo(0 + 2 * (1 - 1 / 3), 12);
  });

  it('leaves out episodes that could not be scored', () => {
    const scored: EpisodeSteps[] = [
      { stateKeys: ['a', 'b'], rewards: [0, 1] },
      { stateKeys: ['a', 'b'], rewards: [0, 0] },
    ];
    const result = stepAdvantages([...scored, { stateKeys: ['a', 'b', 'b'], rewards: null }]);
    expect(result.combined.slice(0, 2)).toEqual(stepAdvantages(scored).combined);
    expect(result.combined[2]).toEqual([0, 0, 0]);
    expect(result.episode[2]).toBe(0);
  });

  it('says nothing of nothing', () => {
    expect(stepAdvantages([])).toEqual({ episode: [], step: [], combined: [], comparedShare: undefined });
    expect(stepAdvantages([{ stateKeys: [], rewards: [] }]).comparedShare).toBeUndefined();
  });

  it('equals the published formula', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), reward: fc.integer({ min: -3, max: 3 }) });
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 3, noNaN: true }),
        (rows, discount, stepWeight) => {
          const episodes = rows.map((row) => ({
            stateKeys: row.map(({ key }) => key),
            rewards: row.map(({ reward }) => reward),
          }));
          const { combined } = stepAdvantages(episodes, { discount, stepWeight });
          // Deviations below 1e-6 count as none with us: hence five digits.
          asPublished(episodes, discount, stepWeight).forEach((row, i) =>
            row.forEach((value, t) => expect(combined[i]![t]).toBeCloseTo(value, 5)),
          );
        },
      ),
    );
  });

  it('refuses keys without rewards, unknown rewards and bad options', () => {
    expect(() => stepAdvantages([{ stateKeys: ['a'], rewards: [] }])).toThrow(RangeError);
    expect(() => stepAdvantages([{ stateKeys: ['a'], rewards: [Number.NaN] }])).toThrow(RangeError);
    expect(() => stepAdvantages([{ stateKeys: ['a'], rewards: [null] as never }])).toThrow(RangeError);
    expect(() => stepAdvantages([], { discount: 1.1 })).toThrow(RangeError);
    expect(() => stepAdvantages([], { stepWeight: -1 })).toThrow(RangeError);
  });
});
