import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { commitmentTable, decideCommitment } from './decide-commitment.ts';
import { decideInjection, injectionTable } from './decide-injection.ts';

const probability = fc.double({ min: 0, max: 1, noNaN: true });

describe('decideCommitment', () => {
  it('commits above loss / (gain + loss) and abstains up to it', () => {
    expect(decideCommitment(0.8 + 1e-9, { loss: 4 }).action).toBe('commit');
    expect(decideCommitment(0.8, { loss: 4 }).action).toBe('abstain');
    expect(decideCommitment(0, { loss: 0 }).action).toBe('abstain');
  });

  it('asks when asking is worth more than it costs, retries when the next attempt is likely better', () => {
    const stakes = { loss: 4, ask: { cost: 0.5 }, retry: { cost: 0.05, rightIfRight: 0.95, rightIfWrong: 0.6 } };
    // At q = 0.6: commit −1, retry 0.6·0.70 + 0.4·(−1.05) = −0.0, ask 0.5.
    expect(decideCommitment(0.6, stakes)).toMatchObject({ action: 'ask' });
    const [abstain, ask, retry, commit] = decideCommitment(0.6, stakes).expectedUtilities;
    expect([abstain, ask]).toEqual([0, 0.5]);
    expect(retry).toBeCloseTo(0.6 * (0.95 - 0.05 * 4 - 0.05) + 0.4 * (0.6 - 0.4 * 4 - 0.05), 12);
    expect(commit).toBeCloseTo(-1, 12);
    expect(decideCommitment(0.99, stakes).action).toBe('commit');
    const cheap = { loss: 1, retry: { cost: 0.05, rightIfRight: 0.95, rightIfWrong: 0.9 } };
    expect(decideCommitment(0.5, cheap).action).toBe('retry');
    expect(decideCommitment(0.99, cheap).action).toBe('commit');
  });

  it('offers only what is possible', () => {
    expect(commitmentTable({ loss: 1 }).actions).toEqual(['abstain', 'commit']);
    expect(commitmentTable({ loss: 1, ask: { cost: 1 } }).actions).toEqual(['abstain', 'ask', 'commit']);
  });

  it('counts asking that ends without a result as abstaining', () => {
    const { utilities } = commitmentTable({ loss: 1, abstainCost: 0.2, ask: { cost: 0.1, right: 0.75 } });
    expect(utilities[1]![0]).toBeCloseTo(0.75 - 0.25 * 0.2 - 0.1, 12);
  });

  it('names equal stakes equally', () => {
    expect(commitmentTable({ loss: 1 }).id).toBe(commitmentTable({ loss: 1, gain: 1 }).id);
    expect(commitmentTable({ loss: 1 }).id).not.toBe(commitmentTable({ loss: 2 }).id);
  });

  it('refuses what is no probability and stakes that are not finite', () => {
    expect(() => decideCommitment(Number.NaN, { loss: 1 })).toThrow(RangeError);
    expect(() => decideCommitment(0.5, { loss: Infinity })).toThrow(RangeError);
    expect(() => commitmentTable({ loss: 1, ask: { cost: 0, right: 2 } })).toThrow(/ask.right/);
    expect(() => commitmentTable({ loss: 1, retry: { cost: 0, rightIfRight: 1, rightIfWrong: -1 } })).toThrow(
      RangeError,
    );
  });

  it('never abstains at a higher probability after committing at a lower one', () => {
    fc.assert(
      fc.property(probability, probability, fc.double({ min: 0, max: 100, noNaN: true }), (a, b, loss) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        if (decideCommitment(low, { loss }).action === 'commit') {
          expect(decideCommitment(high, { loss }).action).toBe('commit');
        }
      }),
    );
  });
});

describe('decideInjection', () => {
  it('injects what is worth more than its tokens and its harm', () => {
    const stakes = { costPerToken: 0.0005 };
    expect(decideInjection({ helps: 0.12, harms: 0.02 }, 100, stakes)).toMatchObject({ action: 'inject' });
    expect(decideInjection({ helps: 0.12, harms: 0.02 }, 100, stakes).expectedUtilities[1]).toBeCloseTo(0.05, 12);
    expect(decideInjection({ helps: 0.12, harms: 0.02 }, 200, stakes).action).toBe('leave-out'); // a tie
    expect(decideInjection({ helps: 0.12, harms: 0.08 }, 100, stakes).action).toBe('leave-out');
    expect(decideInjection({ helps: 0.12, harms: 0.02 }, 100, { ...stakes, harm: 4 }).action).toBe('leave-out');
  });

  it('leaves out what does nothing, even when it costs nothing', () => {
    expect(decideInjection({ helps: 0, harms: 0 }, 0, { costPerToken: 0 })).toMatchObject({
      action: 'leave-out',
      expectedUtilities: [0, 0],
    });
  });

  it('refuses odds that exceed 1 together, and lengths that are no count', () => {
    expect(() => decideInjection({ helps: 0.7, harms: 0.7 }, 1, { costPerToken: 0 })).toThrow(/exceed 1/);
    expect(() => decideInjection({ helps: 0.1, harms: 0 }, 1.5, { costPerToken: 0 })).toThrow(RangeError);
    expect(() => decideInjection({ helps: 0.1, harms: 0 }, -1, { costPerToken: 0 })).toThrow(RangeError);
    expect(() => injectionTable(10, { costPerToken: Number.NaN })).toThrow(RangeError);
  });

  it('is the net worth', () => {
    fc.assert(
      fc.property(probability, probability, fc.nat(4_000), (a, b, tokens) => {
        const odds = { helps: Math.min(a, 1 - b), harms: Math.min(b, 1 - Math.min(a, 1 - b)) };
        const { action, expectedUtilities } = decideInjection(odds, tokens, { gain: 2, harm: 3, costPerToken: 0.001 });
        const worth = 2 * odds.helps - 3 * odds.harms - 0.001 * tokens;
        expect(expectedUtilities[1]).toBeCloseTo(worth, 9);
        if (Math.abs(worth) > 1e-9) expect(action).toBe(worth > 0 ? 'inject' : 'leave-out');
      }),
    );
  });
});
