import type { BankEntry, EntryStaging, EntryStore } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { listed } from './bank-view-suite.ts';
import { aDemonstration, aLesson, aPrinciple } from './builders.ts';
import { asStored } from './opened-stores.ts';

const namespace = 'default';
const reason = (): string => 'a test';
const asLines = (...entries: readonly BankEntry[]) => entries.map((entry, index) => ({ line: index + 2, entry }));

/** What staging must do, whatever the store. */
export function testEntryStaging(storeWith: (...put: readonly BankEntry[]) => Promise<EntryStore>): void {
  const stagedIn = async (store: EntryStore, ...entries: readonly BankEntry[]): Promise<EntryStaging> => {
    const staging = await store.stage(namespace);
    await staging.add(asLines(...entries));
    return staging;
  };

  describe('staging', () => {
    it('is seen by nobody until it is committed as one revision', async () => {
      const store = await storeWith();
      const entries = [
        aDemonstration({ id: 'a' }),
        aLesson({ id: 'b', status: 'quarantined' }),
        aPrinciple({ id: 'c' }),
      ];
      const before = await store.revision();
      const staging = await stagedIn(store, ...entries);
      expect(await listed(await store.view(namespace))).toEqual([]);
      expect(await staging.commit(reason)).toEqual({ revision: before + 1, added: 3, replaced: 0, skipped: 0 });
      await staging.close();
      expect(await store.revision()).toBe(before + 1);
      expect(await listed(await store.view(namespace))).toEqual(asStored(entries));
      expect((await Array.fromAsync(store.changesAfter(namespace, before))).map(({ id }) => id)).toEqual([
        'a',
        'b',
        'c',
      ]);
    });

    it('leaves nothing when it is closed without a commit', async () => {
      const store = await storeWith(aLesson({ id: 'a', title: 'old' }));
      const before = await store.revision();
      const staging = await stagedIn(store, aLesson({ id: 'a', title: 'new' }), aLesson({ id: 'b' }));
      await staging.close();
      await staging.close();
      expect(await store.revision()).toBe(before);
      expect((await listed(await store.view(namespace))).map(({ title }) => title)).toEqual(['old']);
      const second = await stagedIn(store, aLesson({ id: 'c' }));
      expect((await second.commit(reason)).added).toBe(1);
      await second.close();
    });

    it('names those whose id was staged before, within a call and across calls', async () => {
      const store = await storeWith();
      const staging = await store.stage(namespace);
      const first = aLesson({ id: 'a', title: 'first' });
      const again = aLesson({ id: 'a', title: 'second' });
      expect(await staging.add(asLines(first, again))).toEqual([{ line: 3, entry: again }]);
      expect(await staging.add(asLines(again))).toEqual([{ line: 2, entry: again }]);
      expect(await staging.commit(reason)).toMatchObject({ added: 1 });
      await staging.close();
      expect((await listed(await store.view(namespace)))[0]?.title).toBe('first');
    });

    it('adds, replaces and skips by what is there', async () => {
      const [same, older, newer] = [
        aLesson({ id: 'same' }),
        aLesson({ id: 'older' }),
        aLesson({ id: 'newer', version: 3 }),
      ];
      const status = aLesson({ id: 'status', status: 'trial' });
      const store = await storeWith(same, older, newer, status, aLesson({ id: 'apart' }));
      const pinned = await store.view(namespace);
      const staging = await stagedIn(
        store,
        same,
        { ...older, version: 2, title: 'better' },
        { ...newer, version: 2 },
        { ...status, status: 'active' },
        aLesson({ id: 'fresh' }),
      );
      const made = await staging.commit((counts) => JSON.stringify(counts));
      expect(made).toEqual({ revision: pinned.revision + 1, added: 1, replaced: 2, skipped: 2 });
      expect(await Array.fromAsync(staging.skipped())).toEqual([
        { line: 4, id: 'newer', version: 2, presentVersion: 3 },
        { line: 2, id: 'same', version: 1, presentVersion: 1 },
      ]);
      await staging.close();
      const view = await store.view(namespace);
      expect([...(await view.getMany(['older', 'newer', 'status', 'apart', 'fresh'])).values()]).toMatchObject([
        { title: 'better' },
        { version: 3 },
        { status: 'active' },
        {},
        {},
      ]);
      expect((await pinned.get('older'))?.title).toBe(older.title);
      expect(await pinned.count()).toBe(5);
    });

    it('makes no revision when all of it is there', async () => {
      const entry = aLesson({ id: 'a' });
      const store = await storeWith(entry);
      const staging = await stagedIn(store, entry);
      const before = await store.revision();
      expect(await staging.commit(reason)).toEqual({ revision: before, added: 0, replaced: 0, skipped: 1 });
      await staging.close();
      expect(await listed(await store.view(namespace))).toEqual([asStored(entry)]);
    });

    it('sees what was committed while it was staged', async () => {
      const [mine, removed] = [aLesson({ id: 'a', version: 2, title: 'mine' }), aLesson({ id: 'b' })];
      const store = await storeWith(removed);
      const staging = await stagedIn(store, mine, removed);
      await store.commit({ namespace, reason: 'meanwhile', put: [{ ...mine, version: 5 }], remove: ['b'] });
      expect(await staging.commit(reason)).toMatchObject({ added: 1, replaced: 0, skipped: 1 });
      await staging.close();
      expect((await listed(await store.view(namespace))).map(({ id, version }) => [id, version])).toEqual([
        ['a', 5],
        ['b', 1],
      ]);
    });

    it('leaves other namespaces alone', async () => {
      const store = await storeWith(aLesson({ id: 'a' }));
      await store.commit({ namespace: 'other', reason: 'theirs', put: [aLesson({ id: 'a', namespace: 'other' })] });
      const staging = await store.stage('third');
      await expect(staging.add(asLines(aLesson({ id: 'x' })))).rejects.toMatchObject({ code: 'ENTRY_NAMESPACE' });
      await staging.add(asLines(aLesson({ id: 'a', namespace: 'third', title: 'third' })));
      expect(await staging.commit(reason)).toMatchObject({ added: 1, replaced: 0 });
      await staging.close();
      expect((await listed(await store.view('other')))[0]?.title).not.toBe('third');
      expect(await (await store.view('third')).count()).toBe(1);
    });

    it('refuses what could not be read back, and stages nothing of that call', async () => {
      const store = await storeWith();
      const staging = await store.stage(namespace);
      const broken = aLesson({ id: 'b', tokens: Number.NaN });
      await expect(staging.add(asLines(aLesson({ id: 'a' }), broken))).rejects.toMatchObject({
        code: 'SCHEMA_MISMATCH',
      });
      expect(await staging.commit(reason)).toMatchObject({ added: 0 });
      await staging.close();
    });

    it('lets one work at a time, and the next one when that is closed', async () => {
      const store = await storeWith();
      const one = await store.stage(namespace);
      await expect(store.stage('other')).rejects.toMatchObject({ code: 'LOCKED', retryable: true });
      await one.close();
      await (await store.stage('other')).close();
    });

    it('takes thousands, in any order, and skips thousands', async () => {
      const store = await storeWith();
      const ids = Array.from({ length: 5000 }, (_, number) => `e${(number * 7919) % 5000}`);
      for (const expected of [
        { added: 5000, skipped: 0 },
        { added: 0, skipped: 5000 },
      ]) {
        const staging = await stagedIn(store, ...ids.map((id) => aLesson({ id, evidence: [] })));
        expect(await staging.commit(reason)).toMatchObject(expected);
        expect(await Array.fromAsync(staging.skipped())).toHaveLength(expected.skipped);
        await staging.close();
      }
      expect(await (await store.view(namespace)).count()).toBe(5000);
    });

    it('stops when it is told to, changing nothing', async () => {
      const store = await storeWith();
      const before = await store.revision();
      const staging = await stagedIn(store, aLesson({ id: 'a' }));
      await expect(staging.commit(reason, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: 'AbortError',
      });
      await staging.close();
      expect(await store.revision()).toBe(before);
      expect(await (await store.view(namespace)).count()).toBe(0);
    });
  });
}
