import type { BankEntry, BankView, EntryFilter, EntryStore } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { aDemonstration, aLesson, aPrinciple } from './builders.ts';

/** How views of every `EntryStore` answer. `storeWith` opens a store and commits the entries as revision 1; without any, it is empty. */
export function testBankViews(storeWith: (...put: readonly BankEntry[]) => Promise<EntryStore>): void {
  describe('views', () => {
    it('answer at a revision as they did then, whatever came later', async () => {
      const store = await storeWith();
      const remembered: { view: BankView; answer: BankEntry[]; count: number }[] = [];
      const remember = async (): Promise<void> => {
        const view = await store.view('default');
        const answer = await listed(view);
        remembered.push({ view, answer, count: await view.count() });
      };
      await remember();
      await store.commit({
        namespace: 'default',
        reason: '1',
        put: [aLesson({ id: 'a', status: 'candidate' }), aLesson({ id: 'b' })],
      });
      await remember();
      await store.commit({
        namespace: 'default',
        reason: '2',
        statuses: [{ id: 'a', status: 'active' }],
        put: [aPrinciple({ id: 'c' })],
      });
      await remember();
      await store.commit({
        namespace: 'default',
        reason: '3',
        remove: ['b'],
        put: [aLesson({ id: 'a', title: 'new', version: 2 })],
      });
      await remember();
      await store.commit({ namespace: 'default', reason: '4', put: [aLesson({ id: 'b', title: 'back' })] });
      await remember();

      for (const [revision, { view, answer, count }] of remembered.entries()) {
        expect(view.revision).toBe(revision);
        for (const again of [view, await store.view('default', revision)]) {
          expect(await listed(again)).toEqual(answer);
          expect(await again.count()).toBe(count);
          for (const entry of answer) expect(await again.get(entry.id)).toEqual(entry);
        }
      }
      expect(remembered.map(({ count }) => count)).toEqual([0, 2, 3, 2, 3]);
      expect(await (await store.view('default', 1)).get('c')).toBeUndefined();
    });

    it('do not exist for revisions that do not', async () => {
      const store = await storeWith(aLesson());
      for (const revision of [2, -1, 0.5]) {
        await expect(store.view('default', revision)).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' });
      }
    });

    it('tell entries of one id in two namespaces apart', async () => {
      const [mine, theirs] = [
        aLesson({ id: 'a', title: 'mine' }),
        aLesson({ id: 'a', title: 'theirs', namespace: 'other' }),
      ];
      const store = await storeWith(mine, theirs);
      expect((await (await store.view('default')).get('a'))?.title).toBe('mine');
      expect((await (await store.view('other')).getMany(['a', 'b'])).get('a')?.title).toBe('theirs');
      await store.commit({ namespace: 'other', reason: 'out', remove: ['a'] });
      expect((await (await store.view('default')).get('a'))?.title).toBe('mine');
      expect(await (await store.view('other')).getMany(['a'])).toEqual(new Map());
    });

    it('get many at once, without those that are not there', async () => {
      const view = await (await storeWith(aLesson({ id: 'a' }), aLesson({ id: 'b' }))).view('default');
      expect([...(await view.getMany(['b', 'nowhere', 'a'])).keys()].toSorted()).toEqual(['a', 'b']);
      expect(await view.getMany([])).toEqual(new Map());
    });

    it('list the same entries when a commit comes between two of them', async () => {
      const entries = Array.from({ length: 600 }, (_, number) =>
        aLesson({ id: `e${String(number).padStart(3, '0')}` }),
      );
      const store = await storeWith(...entries);
      const seen: string[] = [];
      for await (const entry of (await store.view('default')).list()) {
        if (seen.length === 0)
          await store.commit({ namespace: 'default', reason: 'meanwhile', remove: entries.map(({ id }) => id) });
        seen.push(entry.id);
      }
      expect(seen).toEqual(entries.map(({ id }) => id));
    });

    const bank = [
      aLesson({ id: 'l1', status: 'active', cluster: 'heat' }),
      aLesson({ id: 'l2', status: 'trial', cluster: 'cool' }),
      aDemonstration({ id: 'd1', status: 'active', cluster: 'heat' }),
      aPrinciple({ id: 'p1', status: 'retired', cluster: 'heat' }),
      aLesson({ id: 'other', status: 'active', cluster: 'heat', namespace: 'other' }),
      aLesson({ id: 'l1', title: 'theirs', status: 'active', cluster: 'heat', namespace: 'other' }),
    ];
    const cases: readonly (readonly [namespace: string, EntryFilter, readonly string[]])[] = [
      ['default', {}, ['d1', 'l1', 'l2', 'p1']],
      ['other', {}, ['l1', 'other']],
      ['nobody', {}, []],
      ['default', { statuses: ['trial', 'active'] }, ['d1', 'l1', 'l2']],
      ['default', { statuses: [] }, []],
      ['default', { kinds: ['lesson'] }, ['l1', 'l2']],
      ['default', { kinds: ['lesson', 'principle'], statuses: ['active', 'retired'] }, ['l1', 'p1']],
      ['default', { cluster: 'heat' }, ['d1', 'l1', 'p1']],
      ['default', { idPrefix: 'l' }, ['l1', 'l2']],
      ['default', { idPrefix: 'l1', cluster: 'heat' }, ['l1']],
      ['default', { idPrefix: 'L' }, []],
      ['default', { idPrefix: 'l1 and more' }, []],
    ];
    for (const [namespace, filter, expected] of cases) {
      it(`keep ${JSON.stringify(expected)} of '${namespace}', ${JSON.stringify(filter)}`, async () => {
        const view = await (await storeWith(...bank)).view(namespace);
        expect(await idsOf(view, filter)).toEqual(expected);
        expect(await view.count(filter)).toBe(expected.length);
        const clusters = (await listed(view, filter)).map(({ cluster }) => cluster);
        expect(await view.clusters(filter)).toEqual([...new Set(clusters)].toSorted());
      });
    }

    it('take a prefix as it stands, whatever the ids are made of', async () => {
      const ids = ['a', 'a%b', 'a_b', 'ab', 'aé', 'a\u{10FFFF}', 'a\u{10FFFF}b', 'b'];
      const view = await (await storeWith(...ids.map((id) => aLesson({ id })))).view('default');
      for (const idPrefix of ['', ...ids, 'a\u{10FF}', 'c']) {
        const found = await idsOf(view, { idPrefix });
        expect(found.toSorted()).toEqual(ids.filter((id) => id.startsWith(idPrefix)).toSorted());
      }
    });
  });
}

export async function listed(view: BankView, filter?: EntryFilter): Promise<BankEntry[]> {
  return Array.fromAsync(view.list(filter));
}

export async function idsOf(view: BankView, filter?: EntryFilter): Promise<string[]> {
  return (await listed(view, filter)).map(({ id }) => id);
}
