import type { BankEntry, EntryStore } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { aDemonstration, aLesson, aPrinciple } from './builders.ts';
import { idsOf, listed, testBankViews } from './bank-view-suite.ts';
import { testEntryStaging } from './entry-staging-suite.ts';
import { asStored, openedStores } from './opened-stores.ts';
import { testStoredVectors } from './stored-vectors-suite.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface EntryStoreSuiteOptions {
  /** Opens a store in a folder: an empty one, or one where an earlier store was closed. */
  readonly create: (folder: string) => EntryStore | Promise<EntryStore>;
  /** Why nothing is left after closing; the cases that open a store again are then skipped with this reason. */
  readonly forgets?: string;
}

/** What every `EntryStore` must do. Call it inside a `describe` of the driver. */
export function testEntryStore({ create, forgets }: EntryStoreSuiteOptions): void {
  const opened = openedStores(create);
  const storeWith = async (...put: readonly BankEntry[]): Promise<EntryStore> => {
    const store = await opened();
    for (const [namespace, own] of Map.groupBy(put, (entry) => entry.namespace)) {
      await store.commit({ namespace, reason: 'a test begins', put: own });
    }
    return store;
  };
  describe('committing', () => {
    it('begins empty, at revision 0', async () => {
      const store = await opened();
      expect(await store.revision()).toBe(0);
      expect(await idsOf(await store.view('default'))).toEqual([]);
      expect(await Array.fromAsync(store.changesAfter('default', 0))).toEqual([]);
    });

    it('makes one revision of one commit, whatever it holds', async () => {
      const [a, b] = [aLesson({ id: 'a' }), aDemonstration({ id: 'b' })];
      const store = await storeWith(a, b);
      expect(await store.revision()).toBe(1);
      const put = [aPrinciple({ id: 'c' })];
      const made = await store.commit({
        namespace: 'default',
        reason: 'all',
        put,
        statuses: [{ id: 'a', status: 'stable' }],
        remove: ['b'],
      });
      expect(made).toBe(2);
      expect(await store.revision()).toBe(2);
      const view = await store.view('default');
      expect(await idsOf(view)).toEqual(['a', 'c']);
      expect(await view.get('a')).toEqual({ ...a, status: 'stable' });
    });

    it('gives back entries of every kind as they were put', async () => {
      const entries = [aDemonstration({ id: 'a', ...rich }), aLesson({ id: 'b', ...rich }), aPrinciple({ id: 'c' })];
      const store = await storeWith(...entries);
      expect(await listed(await store.view('default'))).toEqual(asStored(entries));
    });

    it('makes no revision of a commit that changes nothing', async () => {
      const entry = aLesson({ id: 'a', status: 'active' });
      const store = await storeWith(entry);
      expect(await store.commit({ namespace: 'default', reason: 'empty' })).toBe(1);
      expect(
        await store.commit({ namespace: 'default', reason: 'lists without items', put: [], statuses: [], remove: [] }),
      ).toBe(1);
      expect(await store.commit({ namespace: 'default', reason: 'the same again', put: [entry] })).toBe(1);
      expect(
        await store.commit({ namespace: 'default', reason: 'as it is', statuses: [{ id: 'a', status: 'active' }] }),
      ).toBe(1);
      expect(await store.commit({ namespace: 'default', reason: 'not there', remove: ['nowhere'] })).toBe(1);
      expect(await store.revision()).toBe(1);
    });

    it('marks each revision unlike those of any other store', async () => {
      const stores = [await storeWith(aLesson({ id: 'a' })), await storeWith(aLesson({ id: 'a' }))];
      for (const store of stores) await store.commit({ namespace: 'default', reason: 'second', remove: ['a'] });
      const marks = await Promise.all(stores.flatMap((store) => [store.markOf(1), store.markOf(2)]));
      expect(new Set(marks).size).toBe(4);
      expect(marks).not.toContain(undefined);
      expect(await stores[0]!.markOf(1)).toBe(marks[0]);
      expect(await stores[0]!.markOf(0)).toBe('');
      expect(await stores[0]!.markOf(3)).toBeUndefined();
    });

    it('replaces an entry under its id', async () => {
      const store = await storeWith(aLesson({ id: 'a', title: 'first' }));
      const second = aLesson({ id: 'a', title: 'second', version: 2, parentVersion: 1 });
      await store.commit({ namespace: 'default', reason: 'better words', put: [second] });
      expect(await (await store.view('default')).get('a')).toEqual(asStored(second));
      expect(await (await store.view('default')).count()).toBe(1);
    });

    it('can put back an entry that was removed', async () => {
      const entry = aLesson({ id: 'a' });
      const store = await storeWith(entry);
      await store.commit({ namespace: 'default', reason: 'out', remove: ['a'] });
      expect(await (await store.view('default')).get('a')).toBeUndefined();
      expect(await store.commit({ namespace: 'default', reason: 'in again', put: [entry] })).toBe(3);
      expect(await (await store.view('default')).get('a')).toEqual(asStored(entry));
    });

    it('applies puts, then statuses, then removals', async () => {
      const store = await opened();
      const statuses = [{ id: 'a', status: 'trial' }] as const;
      await store.commit({
        namespace: 'default',
        reason: 'put and status',
        put: [aLesson({ id: 'a', status: 'candidate' })],
        statuses,
      });
      expect((await (await store.view('default')).get('a'))?.status).toBe('trial');
      expect(
        await store.commit({
          namespace: 'default',
          reason: 'put and remove',
          put: [aLesson({ id: 'b' })],
          remove: ['b'],
        }),
      ).toBe(1);
    });

    it('refuses a status for an entry that is not there, and changes nothing', async () => {
      const store = await storeWith(aLesson({ id: 'a' }));
      const statuses = [{ id: 'nowhere', status: 'active' }] as const;
      const commit = { namespace: 'default', reason: 'wrong', put: [aLesson({ id: 'b' })], statuses, remove: ['a'] };
      await expect(store.commit(commit)).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
      expect(await store.revision()).toBe(1);
      expect(await idsOf(await store.view('default'))).toEqual(['a']);
    });

    it('refuses a commit made for another revision, and changes nothing', async () => {
      const store = await storeWith(aLesson({ id: 'a' }));
      await expect(
        store.commit({ namespace: 'default', reason: 'late', remove: ['a'], expectedRevision: 0 }),
      ).rejects.toMatchObject({
        code: 'REVISION_CONFLICT',
      });
      expect(await idsOf(await store.view('default'))).toEqual(['a']);
      expect(await store.commit({ namespace: 'default', reason: 'in time', remove: ['a'], expectedRevision: 1 })).toBe(
        2,
      );
    });

    it('lets one of two commits for the same revision win', async () => {
      const store = await opened();
      const attempts = ['a', 'b'].map((id) =>
        store.commit({ namespace: 'default', reason: id, put: [aLesson({ id })], expectedRevision: 0 }),
      );
      const results = await Promise.allSettled(attempts);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await store.revision()).toBe(1);
    });

    it('refuses an entry that it could not read back, and changes nothing', async () => {
      const store = await opened();
      const broken = aLesson({ id: 'b', tokens: Number.NaN });
      await expect(
        store.commit({ namespace: 'default', reason: 'broken', put: [aLesson(), broken] }),
      ).rejects.toMatchObject({
        code: 'SCHEMA_MISMATCH',
      });
      expect(await store.revision()).toBe(0);
    });

    it('refuses an entry of another namespace than its own, and changes nothing', async () => {
      const store = await storeWith(aLesson({ id: 'a' }));
      const put = [aLesson({ id: 'b' }), aLesson({ id: 'a', namespace: 'two' })];
      await expect(store.commit({ namespace: 'default', reason: 'theirs', put })).rejects.toMatchObject({
        code: 'ENTRY_NAMESPACE',
      });
      expect(await store.revision()).toBe(1);
      expect(await idsOf(await store.view('two'))).toEqual([]);
    });

    it('does not call it a conflict when only another namespace was changed', async () => {
      const store = await storeWith(aLesson({ id: 'a' }));
      await store.commit({ namespace: 'other', reason: 'theirs', put: [aLesson({ id: 'a', namespace: 'other' })] });
      const commit = { namespace: 'default', reason: 'ours', remove: ['a'] };
      await expect(store.commit({ ...commit, expectedRevision: 3 })).rejects.toMatchObject({
        code: 'REVISION_CONFLICT',
      });
      expect(await store.commit({ ...commit, expectedRevision: 1 })).toBe(3);
      expect(await idsOf(await store.view('other'))).toEqual(['a']);
    });
  });

  testBankViews(storeWith);
  testEntryStaging(storeWith);
  testStoredVectors(opened);

  describe('changes', () => {
    it('tell in order what an index must replay', async () => {
      const [a, b] = [aLesson({ id: 'a', status: 'trial' }), aLesson({ id: 'b' })];
      const store = await storeWith(a, b);
      await store.commit({ namespace: 'default', reason: 'status', statuses: [{ id: 'a', status: 'active' }] });
      await store.commit({ namespace: 'default', reason: 'out', remove: ['b'] });
      expect(await Array.fromAsync(store.changesAfter('default', 0))).toEqual([
        { revision: 1, id: 'a', entry: asStored(a) },
        { revision: 1, id: 'b', entry: asStored(b) },
        { revision: 2, id: 'a', entry: asStored({ ...a, status: 'active' }) },
        { revision: 3, id: 'b', entry: undefined },
      ]);
      expect((await Array.fromAsync(store.changesAfter('default', 2))).map(({ id }) => id)).toEqual(['b']);
      expect(await Array.fromAsync(store.changesAfter('default', 3))).toEqual([]);
    });

    it('are those of one namespace', async () => {
      const theirs = aLesson({ id: 'a', namespace: 'other' });
      const store = await storeWith(aLesson({ id: 'a' }), theirs);
      expect(await Array.fromAsync(store.changesAfter('other', 0))).toEqual([
        { revision: 2, id: 'a', entry: asStored(theirs) },
      ]);
    });

    it('come whole however many there are, and without those that are made meanwhile', async () => {
      const ids = Array.from({ length: 700 }, (_, number) => `e${number}`);
      const store = await storeWith(...ids.slice(0, 300).map((id) => aLesson({ id })));
      await store.commit({ namespace: 'default', reason: 'more', put: ids.slice(300).map((id) => aLesson({ id })) });
      const seen: string[] = [];
      for await (const { id } of store.changesAfter('default', 0)) {
        if (seen.length === 0) await store.commit({ namespace: 'default', reason: 'meanwhile', remove: ids });
        seen.push(id);
      }
      expect(seen).toEqual(ids);
    });

    it('replayed from the beginning give the latest view', async () => {
      const store = await opened();
      for (let round = 0; round < 20; round += 1) {
        const put = [aLesson({ id: `e${round % 7}`, title: `round ${round}` }), aPrinciple({ id: `f${round}` })];
        await store.commit({ namespace: 'default', reason: `round ${round}`, put, remove: [`f${round - 3}`] });
      }
      const replayed = new Map<string, BankEntry>();
      for await (const { id, entry } of store.changesAfter('default', 0)) {
        if (entry === undefined) replayed.delete(id);
        else replayed.set(id, entry);
      }
      const byId = [...replayed.values()].toSorted((x, y) => (x.id < y.id ? -1 : 1));
      expect(byId).toEqual(await listed(await store.view('default')));
    });
  });

  describe('opening again', () => {
    it('finds every revision and every vector', async ({ skip }) => {
      if (forgets !== undefined) skip(forgets);
      const folder = temporaryFolder();
      const before = await create(folder);
      await before.commit({
        namespace: 'default',
        reason: '1',
        put: [aLesson({ id: 'a', status: 'trial' }), aLesson({ id: 'b' })],
      });
      await before.commit({
        namespace: 'default',
        reason: '2',
        statuses: [{ id: 'a', status: 'active' }],
        remove: ['b'],
      });
      await before.cacheVectors('e', new Map([['h', Float32Array.of(1, 2)]]));
      await before.setServingEmbedder('default', 'e', undefined);
      const answers = [await listed(await before.view('default', 1)), await listed(await before.view('default', 2))];
      const mark = await before.markOf(2);
      await before.close();

      const after = await opened(folder);
      expect(await after.revision()).toBe(2);
      expect(await after.markOf(2)).toBe(mark);
      expect([await listed(await after.view('default', 1)), await listed(await after.view('default', 2))]).toEqual(
        answers,
      );
      expect((await after.cachedVectors('e', ['h'])).get('h')).toEqual(Float32Array.of(1, 2));
      expect(await after.servingEmbedder('default')).toBe('e');
    });
  });
}

const rich = {
  conditions: { environments: ['house'], families: ['house-1'], types: ['heat_then_place'] },
  machine: {
    facts: [{ subject: 'mug 1', relation: 'in', object: 'cabinet 3' }],
    order: [{ find: 'mug', places: ['countertop', 'shelf'] }],
    instead: [{ avoid: 'put mug', do: 'heat mug' }],
    procedures: [{ name: 'dax', means: 'heat with microwave' }],
  },
} as const;
