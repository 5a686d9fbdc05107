import { foldEpisode, type Episode, type EpisodeEvent, type EpisodeStore, type ExportHolding } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { aModelCall, anEpisode, episodeEvents, verifiedFailure, verifiedSuccess } from './builders.ts';
import { idsOf, listed, testEpisodeList } from './episode-list-suite.ts';
import { testEpisodeStatistics } from './episode-statistics-suite.ts';
import { asStored, openedStores } from './opened-stores.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface EpisodeStoreSuiteOptions {
  /** Opens a store in a folder: an empty one, or one where an earlier store was closed. */
  readonly create: (folder: string) => EpisodeStore | Promise<EpisodeStore>;
  /** Why nothing is left after closing; the cases that open a store again are then skipped with this reason. */
  readonly forgets?: string;
}

/** What every `EpisodeStore` must do. Call it inside a `describe` of the driver. */
export function testEpisodeStore({ create, forgets }: EpisodeStoreSuiteOptions): void {
  const opened = openedStores(create);
  const storeWith = async (...logs: readonly (readonly EpisodeEvent[])[]): Promise<EpisodeStore> => {
    const store = await opened();
    for (const log of logs) await store.append(log);
    return store;
  };
  describe('appending', () => {
    it('gives back the events of one episode, in the order of appending', async () => {
      const log = full();
      const store = await storeWith(log.slice(0, 3), episodeEvents(), log.slice(3));
      expect(await store.events(log[0]!.episodeId)).toEqual(asStored(log));
    });

    it('keeps the order of appending where times say otherwise', async () => {
      const log = full().map((event, position) => ({ ...event, at: 1000 - position }));
      const store = await storeWith(log);
      expect(await store.events(log[0]!.episodeId)).toEqual(asStored(log));
      expect(await store.episode(log[0]!.episodeId)).toEqual(foldEpisode(asStored(log)));
    });

    it('knows nothing of an episode that was never recorded', async () => {
      const store = await opened();
      expect(await store.events('nowhere')).toEqual([]);
      expect(await store.episode('nowhere')).toBeUndefined();
      expect(await listed(store)).toEqual([]);
    });

    it('accepts no events at all', async () => {
      const store = await storeWith([]);
      expect(await listed(store)).toEqual([]);
    });

    it('skips events whose id is already stored, so that a retry is safe', async () => {
      const log = full();
      const store = await storeWith(log.slice(0, 4), log, [...log, ...log]);
      expect(await store.events(log[0]!.episodeId)).toEqual(asStored(log));
    });

    it('keeps what it has when an id comes again with another payload', async () => {
      const [start, first] = episodeEvents({ initialObservation: 'a kitchen' });
      const changed = { ...first!, observation: 'a garden' } as EpisodeEvent;
      const store = await storeWith([start!, first!], [changed]);
      expect((await store.episode(start!.episodeId))?.initialObservation).toBe('a kitchen');
    });

    it('refuses what it could not read back, and appends none of the batch', async () => {
      const [start, first, action, observation] = episodeEvents();
      const store = await storeWith([start!]);
      const notANumber = { ...observation!, reward: Number.NaN } as EpisodeEvent;
      await expect(store.append([first!, action!, notANumber])).rejects.toMatchObject({ code: 'SCHEMA_MISMATCH' });
      expect(await store.events(start!.episodeId)).toEqual(asStored([start!]));
    });

    it('keeps texts exactly: line ends, quotes, other scripts, the null character', async () => {
      const observation = 'line\r\nnext\t"quoted" \\ 猫と犬 🐈 \u0000 \u2028 end';
      const log = episodeEvents({ steps: [{ action: "take 'mug'", observation }] });
      const store = await storeWith(log);
      expect((await store.episode(log[0]!.episodeId))?.steps[0]?.observation).toBe(observation);
    });

    it('keeps the order of appends that were not awaited one by one', async () => {
      const log = full();
      const store = await opened();
      await Promise.all(log.map((event) => store.append([event])));
      expect(await store.events(log[0]!.episodeId)).toEqual(asStored(log));
    });
  });

  describe('folding', () => {
    it('folds the events of an episode', async () => {
      const log = full();
      const store = await storeWith(log);
      expect(await store.episode(log[0]!.episodeId)).toEqual(foldEpisode(asStored(log)));
    });

    it('shows an episode that has not ended, and the same one when it has', async () => {
      const log = full();
      const store = await storeWith(log.slice(0, 5));
      const id = log[0]!.episodeId;
      expect((await store.episode(id))?.end).toBeUndefined();
      await store.append(log.slice(5));
      expect((await store.episode(id))?.end).toBe('terminated');
    });

    it('counts an outcome that comes long after the end', async () => {
      const log = episodeEvents({ id: 'late', outcome: null });
      const store = await storeWith(log);
      expect((await idsOf(store, { status: 'unknown' })).includes('late')).toBe(true);
      const graded = { ...verifiedFailure, source: 'grader' } as const;
      await store.append([{ type: 'outcome', id: 'late/graded', episodeId: 'late', at: 9_000_000, outcome: graded }]);
      expect((await store.episode('late'))?.outcome).toEqual(graded);
      expect(await idsOf(store, { status: 'failure' })).toEqual(['late']);
      expect(await idsOf(store, { status: 'unknown' })).toEqual([]);
    });

    it('lets the environment outweigh a model, whichever came last', async () => {
      const said = { ...verifiedSuccess, source: 'model', verified: false } as const;
      const store = await storeWith(episodeEvents({ id: 'claimed', outcome: verifiedFailure }), [
        { type: 'outcome', id: 'claimed/said', episodeId: 'claimed', at: 9_000, outcome: said },
      ]);
      expect((await store.episode('claimed'))?.outcome).toEqual(verifiedFailure);
      expect(await idsOf(store, { status: 'success' })).toEqual([]);
      expect(await idsOf(store, { status: 'failure' })).toEqual(['claimed']);
    });

    it('waits for the start when other events come first', async () => {
      const log = episodeEvents({ id: 'backwards' });
      const store = await storeWith(log.slice(1).toReversed());
      expect(await listed(store)).toEqual([]);
      await store.append(log.slice(0, 1));
      expect(await listed(store)).toEqual([anEpisodeOf(log)]);
      expect(await idsOf(store, { status: 'success', ended: true })).toEqual(['backwards']);
    });
  });

  testEpisodeList(storeWith);
  testEpisodeStatistics(storeWith);

  describe('erasing', () => {
    it('overwrites every payload and keeps ids, order, times and hashes', async () => {
      const log = full();
      const id = log[0]!.episodeId;
      const store = await storeWith(log, episodeEvents({ id: 'other' }));
      expect(await store.erase(id)).toEqual({ events: log.length, exports: [] });

      const left = await store.events(id);
      expect(left.map((event) => [event.id, event.at, event.type])).toEqual(
        log.map((event) => [event.id, event.at, 'erased']),
      );
      const hashes = left.map((event) => (event.type === 'erased' ? event.hash : ''));
      expect(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
      expect(new Set(hashes).size).toBe(log.length);
      expect(await store.episode(id)).toBeUndefined();
      expect(await idsOf(store)).toEqual(['other']);
    });

    it('erases once: a second time nothing is left to erase', async () => {
      const log = full();
      const store = await storeWith(log);
      await store.erase(log[0]!.episodeId);
      const left = await store.events(log[0]!.episodeId);
      expect((await store.erase(log[0]!.episodeId)).events).toBe(0);
      expect(await store.events(log[0]!.episodeId)).toEqual(left);
      expect((await store.erase('nowhere')).events).toBe(0);
    });

    it('gives equal events equal hashes, so that a copy elsewhere can be recognised', async () => {
      const log = full();
      const hashes = [];
      for (const store of [await storeWith(log), await storeWith(log.toReversed())]) {
        await store.erase(log[0]!.episodeId);
        const left = (await store.events(log[0]!.episodeId)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
        hashes.push(left);
      }
      expect(hashes[0]).toEqual(hashes[1]);
    });

    it('keeps an erased episode erased when its recorder goes on', async () => {
      const log = full();
      const id = log[0]!.episodeId;
      const store = await storeWith(log.slice(0, 6));
      await store.erase(id);
      await store.append(log);
      expect((await store.events(id)).map((event) => event.type)).toEqual(log.map(() => 'erased'));
      expect(await store.episode(id)).toBeUndefined();
      expect(await listed(store)).toEqual([]);
    });

    it('continues a list after an episode that was erased in between', async () => {
      const store = await storeWith(
        episodeEvents({ id: 'x', startedAt: 1 }),
        episodeEvents({ id: 'y', startedAt: 2 }),
        episodeEvents({ id: 'z', startedAt: 3 }),
      );
      await store.erase('y');
      expect(await idsOf(store, { after: 'y' })).toEqual(['z']);
      expect(await idsOf(store)).toEqual(['x', 'z']);
    });
  });

  describe('exports', () => {
    const batch = { id: 'x1', kind: 'training-batch', destination: 'batch-1', at: 5 };
    const file = { id: 'x2', kind: 'jsonl', destination: 'bank.jsonl', at: 6 };
    const inBatch: readonly ExportHolding[] = [
      { episodeId: 'e1' },
      { episodeId: 'e2' },
      { namespace: 'default', entryId: 'n1' },
    ];
    const inFile: readonly ExportHolding[] = ['n1', 'n2'].map((entryId) => ({ namespace: 'default', entryId }));

    it('names the exports that hold an episode or an entry', async () => {
      const store = await opened();
      await store.registerExport(batch, inBatch);
      await store.registerExport(file, inFile);
      expect(await store.exportsHolding({ episodeId: 'e2' })).toEqual([batch]);
      expect(await store.exportsHolding({ namespace: 'default', entryId: 'n1' })).toEqual([batch, file]);
      expect(await store.exportsHolding({ namespace: 'default', entryId: 'n2' })).toEqual([file]);
      expect(await store.exportsHolding({ namespace: 'default', entryId: 'e1' })).toEqual([]);
      expect(await store.exportsHolding({ namespace: 'other', entryId: 'n1' })).toEqual([]);
      expect(await store.exportsHolding({ episodeId: 'n1' })).toEqual([]);
    });

    it('registers an export once, however often it is told, and a thing that it holds twice once', async () => {
      const store = await opened();
      await store.registerExport(batch, [...inBatch, ...inBatch]);
      await store.registerExport(batch, inFile);
      expect(await store.exportsHolding({ namespace: 'default', entryId: 'n1' })).toEqual([batch]);
      expect(await store.exportsHolding({ namespace: 'default', entryId: 'n2' })).toEqual([]);
    });

    it('takes what an export holds as it comes, in thousands', async () => {
      const store = await opened();
      async function* many(): AsyncIterable<ExportHolding> {
        for (let number = 0; number < 2500; number += 1) yield { namespace: 'default', entryId: `n${number}` };
      }
      await store.registerExport(file, many());
      for (const entryId of ['n0', 'n1234', 'n2499']) {
        expect(await store.exportsHolding({ namespace: 'default', entryId })).toEqual([file]);
      }
    });

    it('names in an erasure what had taken the episode out', async () => {
      const store = await storeWith(episodeEvents({ id: 'e1' }), episodeEvents({ id: 'e3' }));
      await store.registerExport(batch, inBatch);
      expect((await store.erase('e1')).exports).toEqual([batch]);
      expect((await store.erase('e3')).exports).toEqual([]);
    });
  });

  describe('opening again', () => {
    it('finds everything as it was', async ({ skip }) => {
      if (forgets !== undefined) skip(forgets);
      const folder = temporaryFolder();
      const log = full();
      const before = await create(folder);
      await before.append([...log, ...episodeEvents({ id: 'gone' })]);
      await before.erase('gone');
      await before.registerExport({ id: 'x', kind: 'jsonl', destination: 'f', at: 1 }, [{ episodeId: 'gone' }]);
      const erased = await before.events('gone');
      await before.close();

      const after = await opened(folder);
      expect(await after.events(log[0]!.episodeId)).toEqual(asStored(log));
      expect(await idsOf(after)).toEqual([log[0]!.episodeId]);
      expect(await after.events('gone')).toEqual(erased);
      expect(await after.exportsHolding({ episodeId: 'gone' })).toHaveLength(1);
    });
  });
}

/** A log with every kind of event. */
function full(): EpisodeEvent[] {
  const recall = {
    namespace: 'default',
    bankRevision: 3,
    shown: [{ entryId: 'n1', entryVersion: 1, propensity: 0.9 }],
    withheld: [],
    tokens: 40,
  };
  const tokens = { completionIds: [1, 2], logprobs: [-0.5, -1.25], tokenizer: 'bpe-1' };
  return episodeEvents({
    bankRevision: 3,
    tags: { arm: 'skills' },
    initialFacts: [{ subject: 'mug 1', relation: 'on', object: 'table 1' }],
    calls: [aModelCall({ recall, tokens, confidence: 0.7, newPromptIds: [7, 8] }), aModelCall()],
  });
}

function anEpisodeOf(events: readonly EpisodeEvent[]): Episode {
  return foldEpisode(asStored(events)) ?? anEpisode();
}
