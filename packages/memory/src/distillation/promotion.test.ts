import { anEpisode, episodeEvents, memoryEntryStore, memoryEpisodeStore, verifiedFailure } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { learn } from './learn.ts';
import { promotionOf, type Doubts } from './promotion.ts';

describe('promotionOf', () => {
  it.each([
    ['a verified success', {}, 'demonstration'],
    [
      'a success that a user only reported',
      { outcome: { status: 'success', score: 1, source: 'user', verified: false } },
      'quarantine',
    ],
    [
      'a success by the word of a model',
      { outcome: { status: 'success', score: 1, source: 'model', verified: true } },
      'quarantine',
    ],
    ['a verified failure', { outcome: verifiedFailure }, 'lesson'],
    [
      'a failure that a user only reported',
      { outcome: { status: 'failure', score: 0, source: 'user', verified: false } },
      'quarantine',
    ],
    [
      'a play that a limit of ours cut off',
      { outcome: { status: 'truncated', limit: 'tokens' }, end: 'truncated' },
      'none',
    ],
    ['a failure in a play that a limit of ours cut off', { outcome: verifiedFailure, end: 'truncated' }, 'none'],
    ['a failure in a process that died', { outcome: verifiedFailure, end: 'interrupted' }, 'none'],
    ['a success of a test', { purpose: 'test' }, 'none'],
    ['a play without an outcome', { outcome: null }, 'none'],
  ] as const)('%s', (_, sketch, becomes) => {
    expect(promotionOf(anEpisode(sketch)).becomes).toBe(becomes);
  });
});

describe('learn', () => {
  const learned = async (doubts?: Doubts) => {
    const episodes = memoryEpisodeStore();
    const entries = memoryEntryStore();
    await episodes.append(episodeEvents({ id: 'e1' }));
    const report = await learn({ episodes, entries }, { namespace: 'n', doubts: doubts && (() => doubts) });
    const all = await Array.fromAsync((await entries.view('n')).list({ kinds: ['demonstration'] }));
    return { statuses: all.map(({ status }) => status), skipped: report.skipped.shortcut };
  };

  it('lets a rare success wait for a second verification, and takes one by a shortcut for no example', async () => {
    expect(await learned()).toEqual({ statuses: ['trial'], skipped: 0 });
    expect(await learned({ passRate: 0.5 })).toEqual({ statuses: ['trial'], skipped: 0 });
    expect(await learned({ passRate: 0.05 })).toEqual({ statuses: ['quarantined'], skipped: 0 });
    expect(await learned({ shortcutFlags: ['answer-repeated'] })).toEqual({ statuses: [], skipped: 1 });
  });
});
