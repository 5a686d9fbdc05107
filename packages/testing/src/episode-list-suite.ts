import type { Episode, EpisodeEvent, EpisodeFilter, EpisodeStore } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { aTask, episodeEvents, verifiedFailure } from './builders.ts';

/** How every `EpisodeStore` lists and filters. `storeWith` opens a store and appends the logs one after another. */
export function testEpisodeList(
  storeWith: (...logs: readonly (readonly EpisodeEvent[])[]) => Promise<EpisodeStore>,
): void {
  describe('listing', () => {
    const logs = [
      episodeEvents({ id: 'c', startedAt: 30, purpose: 'gate', tags: { arm: 'skills', run: '1' } }),
      episodeEvents({ id: 'b', startedAt: 20, end: null, outcome: null, tags: { arm: 'none' } }),
      episodeEvents({ id: 'd', startedAt: 20, task: aTask({ id: 't', environment: 'shop', family: undefined }) }),
      episodeEvents({ id: 'a', startedAt: 40, outcome: verifiedFailure, task: aTask({ id: 't', family: 'house-2' }) }),
      episodeEvents({ id: 'e', startedAt: 50, outcome: { status: 'truncated', limit: 'tokens' }, end: 'truncated' }),
    ];

    it('lists by the time of starting, then by id', async () => {
      expect(await idsOf(await storeWith(...logs))).toEqual(['b', 'd', 'c', 'a', 'e']);
    });

    const cases: readonly (readonly [EpisodeFilter, readonly string[]])[] = [
      [{ purpose: 'gate' }, ['c']],
      [{ environment: 'shop' }, ['d']],
      [{ family: 'house-2' }, ['a']],
      [{ taskId: 't' }, ['d', 'a']],
      [{ status: 'success' }, ['d', 'c']],
      [{ status: 'failure' }, ['a']],
      [{ status: 'truncated' }, ['e']],
      [{ status: 'errored' }, []],
      [{ status: 'unknown' }, ['b']],
      [{ ended: false }, ['b']],
      [{ ended: true }, ['d', 'c', 'a', 'e']],
      [{ tags: { arm: 'skills' } }, ['c']],
      [{ tags: { arm: 'skills', run: '2' } }, []],
      [{ tags: {} }, ['b', 'd', 'c', 'a', 'e']],
      [{ limit: 2 }, ['b', 'd']],
      [{ limit: 0 }, []],
      [{ after: 'b' }, ['d', 'c', 'a', 'e']],
      [{ after: 'd', limit: 1 }, ['c']],
      [{ after: 'c', status: 'failure', taskId: 't' }, ['a']],
    ];
    for (const [filter, expected] of cases) {
      it(`keeps ${JSON.stringify(expected)} of ${JSON.stringify(filter)}`, async () => {
        expect(await idsOf(await storeWith(...logs), filter)).toEqual(expected);
      });
    }

    it('pages through a long list without a gap or a repetition', async () => {
      const ids = Array.from({ length: 150 }, (_, number) => `p${number}`);
      const store = await storeWith();
      for (const id of ids) await store.append(episodeEvents({ id, startedAt: 7, steps: [] }));
      expect(await idsOf(store)).toEqual(ids.toSorted());
      expect(await idsOf(store, { limit: 100 })).toEqual(ids.toSorted().slice(0, 100));
      const paged: string[] = [];
      for (let after: string | undefined; ; after = paged.at(-1)) {
        const page = await idsOf(store, { after, limit: 40 });
        if (page.length === 0) break;
        paged.push(...page);
      }
      expect(paged).toEqual(ids.toSorted());
    });

    it('refuses to continue after an episode it never had', async () => {
      const store = await storeWith(...logs);
      await expect(idsOf(store, { after: 'nowhere' })).rejects.toMatchObject({ code: 'EPISODE_UNKNOWN' });
    });
  });
}

export async function listed(store: EpisodeStore, filter?: EpisodeFilter): Promise<Episode[]> {
  return Array.fromAsync(store.episodes(filter));
}

export async function idsOf(store: EpisodeStore, filter?: EpisodeFilter): Promise<string[]> {
  return (await listed(store, filter)).map(({ id }) => id);
}
