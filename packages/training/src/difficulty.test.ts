import { passRateBand, passRateOutside } from '@skillrl/signals';
import { describe, expect, it } from 'vitest';

import { aGame } from '../test-support/rollouts.ts';
import { difficulty, historyKey } from './difficulty.ts';

const group = { groupId: 'now', policyVersion: 0 };
const record = (successes: number, trials: number, groupId = 'before') => ({
  groupId,
  policyVersion: 0,
  successes,
  trials,
  isPilot: false,
});
const games = [aGame('a'), aGame('b'), aGame('c', { type: 'heat' }), aGame('d', { family: 'hall' })];
const rateOf = (histories: Parameters<typeof difficulty>[0]) => {
  const history = difficulty(histories, games, { leastTrials: 8 })(games[0]!, 'none', group);
  const { successes, trials } = passRateOutside(history, group);
  return { rate: successes / trials, trials, label: passRateBand(successes, trials).label };
};

describe('difficulty', () => {
  it('is what the game itself shows, once it was played eight times', () => {
    const histories = { [historyKey('a', 'none')]: [record(6, 8)], [historyKey('b', 'none')]: [record(0, 80)] };
    expect(rateOf(histories)).toEqual({ rate: 0.75, trials: 8, label: 'train' });
  });

  it('borrows the missing plays from games of its type and scene, shrunk towards all', () => {
    // Near: b with 2 of 8. All others: 2 + 8 of 8 + 8. Rate: (2 + 8 · 10/16) / (8 + 8) = 0.4375; five plays are missing.
    const histories = {
      [historyKey('a', 'none')]: [record(0, 3)],
      [historyKey('b', 'none')]: [record(2, 8)],
      [historyKey('c', 'none')]: [record(8, 8)],
    };
    expect(rateOf(histories)).toEqual({ rate: (0.4375 * 5) / 8, trials: 8, label: 'train' });
  });

  it('does not take games with entries for games without, and stays unknown while too little is known of all', () => {
    const histories = { [historyKey('b', 'entries')]: [record(8, 80)], [historyKey('b', 'none')]: [record(1, 4)] };
    expect(rateOf(histories)).toMatchObject({ trials: 0, label: 'unknown' });
  });

  it('lets nothing of the judged group count, neither in its own game nor in what is borrowed', () => {
    const with_ = {
      [historyKey('a', 'none')]: [record(0, 3), record(4, 4, 'now')],
      [historyKey('b', 'none')]: [record(2, 8), record(8, 8, 'now')],
    };
    const without = { [historyKey('a', 'none')]: [record(0, 3)], [historyKey('b', 'none')]: [record(2, 8)] };
    expect(rateOf(with_)).toEqual(rateOf(without));
  });
});
