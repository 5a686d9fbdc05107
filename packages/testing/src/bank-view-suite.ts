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
        const view = await store.view();
        const answer = await listed(view);
        remembered.push({ view, answer, count: await view.count({ namespace: 'default' }) });
      };
      await remember();
      await store.commit({ reason: '1', put: [aLesson({ id: 'a', status: 'candidate' }), aLesson({ id: 'b' })] });
      await remember();
      await store.commit({ reason: '2', statuses: [{ id: 'a', status: 'active' }], put: [aPrinciple({ id: 'c' })] });
      await remember();
      await store.commit({ reason: '3', remove: ['b'], put: [aLesson({ id: 'a', title: 'new', version: 2 })] });
      await remember();
      await store.commit({ reason: '4', put: [aLesson({ id: 'b', title: 'back' })] });
      await remember();

      for (const [revision, { view, answer, count }] of remembered.entries()) {
        expect(view.revision).toBe(revision);
        for (const again of [view, await store.view(revision)]) {
          expect(await listed(again)).toEqual(answer);
          expect(await again.count({ namespace: 'default' })).toBe(count);
          for (const entry of answer) expect(await again.get(entry.id)).toEqual(entry);
        }
      }
      expect(remembered.map(({ count }) => count)).toEqual([0, 2, 3, 2, 3]);
      expect(await (await store.view(1)).get('c')).toBeUndefined();
    });

    it('do not exist for revisions that do not', async () => {
      const store = await storeWith(aLesson());
      for (const revision of [2, -1, 0.5]) {
        await expect(store.view(revision)).rejects.toMatchObject({ code: 'REVISION_UNKNOWN' });
      }
    });

    it('list the same entries when a commit comes between two of them', async () => {
      const entries = Array.from({ length: 600 }, (_, number) =>
        aLesson({ id: `e${String(number).padStart(3, '0')}` }),
      );
      const store = await storeWith(...entries);
      const seen: string[] = [];
      for await (const entry of (await store.view()).list({ namespace: 'default' })) {
        if (seen.length === 0) await store.commit({ reason: 'meanwhile', remove: entries.map(({ id }) => id) });
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
    ];
    const cases: readonly (readonly [EntryFilter, readonly string[]])[] = [
      [{ namespace: 'default' }, ['d1', 'l1', 'l2', 'p1']],
      [{ namespace: 'other' }, ['other']],
      [{ namespace: 'nobody' }, []],
      [{ namespace: 'default', statuses: ['trial', 'active'] }, ['d1', 'l1', 'l2']],
      [{ namespace: 'default', statuses: [] }, []],
      [{ namespace: 'default', kinds: ['lesson'] }, ['l1', 'l2']],
      [{ namespace: 'default', kinds: ['lesson', 'principle'], statuses: ['active', 'retired'] }, ['l1', 'p1']],
      [{ namespace: 'default', cluster: 'heat' }, ['d1', 'l1', 'p1']],
    ];
    for (const [filter, expected] of cases) {
      it(`keep ${JSON.stringify(expected)} of ${JSON.stringify(filter)}`, async () => {
        const view = await (await storeWith(...bank)).view();
        expect(await idsOf(view, filter)).toEqual(expected);
        expect(await view.count(filter)).toBe(expected.length);
      });
    }
  });
}

export async function listed(view: BankView, filter: EntryFilter = { namespace: 'default' }): Promise<BankEntry[]> {
  return Array.fromAsync(view.list(filter));
}

export async function idsOf(view: BankView, filter?: EntryFilter): Promise<string[]> {
  return (await listed(view, filter)).map(({ id }) => id);
}
