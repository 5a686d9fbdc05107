import { describe, expect, it } from 'vitest';

import { entryUses, verdictOf } from './entry-statistic.ts';
import type { ModelCallEvent } from './episode-event.ts';

const exposure = (entryId: string, entryVersion = 1) => ({ entryId, entryVersion, propensity: 0.9 });
const call = (index: number, shown: readonly string[], withheld: readonly string[]): ModelCallEvent => ({
  type: 'model-call',
  id: `m${index}`,
  episodeId: 'e',
  at: index,
  index,
  call: {
    id: `c${index}`,
    model: 'm',
    newMessages: [],
    completion: 'go',
    promptTokens: 1,
    completionTokens: 1,
    recall: {
      namespace: 'default',
      bankRevision: 1,
      shown: shown.map((id) => exposure(id)),
      withheld: withheld.map((id) => exposure(id)),
      tokens: 1,
    },
  },
});

describe('entryUses', () => {
  it('keeps the first draw of each entry, in whatever order and however often the events come', () => {
    const events = [call(0, ['a'], ['b']), call(1, ['b', 'c'], ['a'])];
    const drawn = (log: readonly ModelCallEvent[]) =>
      Object.fromEntries(entryUses(log).map(({ entryId, shown, callIndex }) => [entryId, [shown, callIndex]]));
    const expected = { a: [true, 0], b: [false, 0], c: [true, 1] };
    expect(drawn(events)).toEqual(expected);
    expect(drawn([...events.toReversed(), ...events])).toEqual(expected);
    expect(entryUses([])).toEqual([]);
  });

  it('takes an entry that one call both showed and withheld for shown', () => {
    expect(entryUses([call(0, ['a'], ['a'])])).toMatchObject([{ entryId: 'a', shown: true }]);
  });
});

describe('verdictOf', () => {
  it('is what a reliable source said, and nothing else', () => {
    const success = { status: 'success', score: 0.5, source: 'user' } as const;
    expect(verdictOf({ ...success, verified: true })).toEqual({ isWon: true, score: 0.5 });
    expect(verdictOf({ ...success, status: 'failure', verified: true })).toEqual({ isWon: false, score: 0.5 });
    expect(verdictOf({ ...success, verified: false })).toBeUndefined();
    expect(verdictOf({ status: 'truncated', limit: 'tokens' })).toBeUndefined();
    expect(verdictOf(undefined)).toBeUndefined();
  });
});
