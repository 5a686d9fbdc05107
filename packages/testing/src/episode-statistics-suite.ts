import type { EntryStatistic, EpisodeEvent, EpisodeStore, Outcome, RecallNote } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { aModelCall, episodeEvents, verifiedFailure, verifiedSuccess, type EpisodeSketch } from './builders.ts';

/** The cases of `testEpisodeStore` about which entries helped. */
export function testEpisodeStatistics(
  storeWith: (...logs: readonly (readonly EpisodeEvent[])[]) => Promise<EpisodeStore>,
): void {
  describe('statistics', () => {
    it('count the episodes that used an entry by how the draw went and what came of them', async () => {
      const store = await storeWith(
        used({ shown: ['n1', 'n2'] }),
        used({ shown: ['n1'] }, { outcome: verifiedFailure }),
        used({ withheld: ['n1'] }),
        used({ shown: ['n1'] }, { outcome: null }),
        used({ shown: ['n1'] }, { outcome: { ...verifiedSuccess, source: 'model', verified: true } as Outcome }),
        used({ shown: ['n1'] }, { outcome: { status: 'truncated', limit: 'tokens' } }),
      );
      expect(await store.statistics('default', ['n1', 'n2', 'nowhere'])).toEqual([
        row({ entryId: 'n1', shown: false, episodes: 1, won: 1, score: 1 }),
        row({ entryId: 'n1', shown: true, episodes: 5, won: 1, lost: 1, score: 1 }),
        row({ entryId: 'n2', shown: true, episodes: 1, won: 1, score: 1 }),
      ]);
      expect(await store.statistics('default', [])).toEqual([]);
    });

    it('keep namespaces, versions, policies, purposes and propensities apart', async () => {
      const policy = { name: 'other', version: '2' };
      const store = await storeWith(
        used({ shown: ['n'] }),
        used({ shown: ['n'], namespace: 'tenant' }),
        used({ shown: ['n'], version: 2 }),
        used({ shown: ['n'], propensity: 1 }),
        used({ shown: ['n'] }, { policy }),
        used({ shown: ['n'] }, { purpose: 'gate' }),
      );
      const one = { entryId: 'n', episodes: 1, won: 1, score: 1 };
      expect(await store.statistics('default', ['n'])).toEqual([
        row({ ...one, policy }),
        row({ ...one, purpose: 'gate' }),
        row(one),
        row({ ...one, propensity: 1 }),
        row({ ...one, entryVersion: 2 }),
      ]);
      expect(await store.statistics('tenant', ['n'])).toEqual([row(one)]);
      expect(await store.statistics('nobody', ['n'])).toEqual([]);
    });

    it('count an episode once, whatever is appended again, and by its latest outcome', async () => {
      const log = used({ shown: ['n'] }, { id: 'e' });
      const store = await storeWith(log.slice(0, 4), log, log);
      expect(await store.statistics('default', ['n'])).toEqual([row({ entryId: 'n', episodes: 1, won: 1, score: 1 })]);
      const outcome = { ...verifiedFailure, score: 0.25 } as Outcome;
      await store.append([{ type: 'outcome', id: 'e/later', episodeId: 'e', at: 9_000_000, outcome }]);
      expect(await store.statistics('default', ['n'])).toEqual([
        row({ entryId: 'n', episodes: 1, lost: 1, score: 0.25 }),
      ]);
    });

    it('let the first draw of an entry decide, whichever event comes first', async () => {
      const first = aModelCall({ recall: note({ withheld: ['n'] }) });
      const second = aModelCall({ recall: note({ shown: ['n', 'm'] }) });
      const log = episodeEvents({ calls: [first, second] });
      const expected = [
        row({ entryId: 'm', episodes: 1, won: 1, score: 1 }),
        row({ entryId: 'n', shown: false, episodes: 1, won: 1, score: 1 }),
      ];
      expect(await (await storeWith(log)).statistics('default', ['m', 'n'])).toEqual(expected);
      const oneByOne = log.toReversed().map((event) => [event]);
      expect(await (await storeWith(...oneByOne)).statistics('default', ['m', 'n'])).toEqual(expected);
    });

    it('lose what an erased episode brought, and nothing else', async () => {
      const store = await storeWith(
        used({ shown: ['n'] }, { id: 'gone', outcome: { ...verifiedSuccess, score: 0.3 } as Outcome }),
        used({ shown: ['n'] }, { outcome: { ...verifiedFailure, score: 0.1 } as Outcome }),
        used({ shown: ['only'] }, { id: 'gone too' }),
      );
      await store.erase('gone');
      await store.erase('gone');
      await store.erase('gone too');
      expect(await store.statistics('default', ['n', 'only'])).toEqual([
        row({ entryId: 'n', episodes: 1, lost: 1, score: 0.1 }),
      ]);
    });

    it('refuse an exposure that names no namespace', async () => {
      const store = await storeWith();
      const { namespace: _, ...recall } = note({ shown: ['n'] });
      const log = episodeEvents({ id: 'e', calls: [aModelCall({ recall })] });
      await expect(store.append(log)).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
      expect(await store.events('e')).toEqual([]);
    });
  });
}

interface Drawn {
  readonly shown?: readonly string[];
  readonly withheld?: readonly string[];
  readonly namespace?: string;
  readonly version?: number;
  readonly propensity?: number;
}

/** An episode whose first call was given this advice. */
function used(drawn: Drawn, sketch: EpisodeSketch = {}): EpisodeEvent[] {
  return episodeEvents({ ...sketch, calls: [aModelCall({ recall: note(drawn) })] });
}

function note({ shown = [], withheld = [], namespace = 'default', version = 1, propensity = 0.9 }: Drawn): RecallNote {
  const exposure = (entryId: string) => ({ entryId, entryVersion: version, propensity });
  return { namespace, bankRevision: 1, shown: shown.map(exposure), withheld: withheld.map(exposure), tokens: 9 };
}

function row(counts: Partial<EntryStatistic>): EntryStatistic {
  const policy = { name: 'scripted', version: '1' };
  const none = { episodes: 0, won: 0, lost: 0, score: 0 };
  return { entryId: 'n', entryVersion: 1, shown: true, propensity: 0.9, policy, purpose: 'train', ...none, ...counts };
}
