import type { BankEntry } from '@skillrl/core';
import { aLesson, memoryEntryStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { entryReader } from './entry-reader.ts';

const namespace = 'default';

async function readerOver(most: number) {
  const store = memoryEntryStore();
  const asked: string[][] = [];
  const viewAt = (revision: number) => ({
    revision,
    open: async () => {
      const view = await store.view(namespace, revision);
      return {
        getMany: (ids: readonly string[]) => {
          asked.push([...ids]);
          return view.getMany(ids);
        },
      };
    },
  });
  const commit = (...put: BankEntry[]) => store.commit({ namespace, reason: 'test', put });
  return { reader: entryReader({ kinds: ['lesson'] }, most), viewAt, commit, asked };
}

describe('entryReader', () => {
  it('reads what it does not have at once, and once', async () => {
    const { reader, viewAt, commit, asked } = await readerOver(10);
    await commit(aLesson({ id: 'a' }), aLesson({ id: 'b' }));
    const first = await reader.read(viewAt(1), ['a', 'b', 'nobody'], () => 1);
    expect([...first.keys()]).toEqual(['a', 'b']);
    const again = await reader.read(viewAt(1), ['b', 'a'], () => 1);
    expect(again.get('a')).toBe(first.get('a'));
    expect(asked).toEqual([['a', 'b', 'nobody']]);
  });

  it('reads an entry again that changed, and gives a view of before what was there before', async () => {
    const { reader, viewAt, commit, asked } = await readerOver(10);
    await commit(aLesson({ id: 'a', title: 'old' }), aLesson({ id: 'b' }));
    await reader.read(viewAt(1), ['a', 'b'], () => 1);
    await commit(aLesson({ id: 'a', title: 'new', version: 2 }));
    const since = (id: string): number => (id === 'a' ? 2 : 1);
    expect((await reader.read(viewAt(2), ['a', 'b'], since)).get('a')?.title).toBe('new');
    expect((await reader.read(viewAt(1), ['a'], since)).get('a')?.title).toBe('old');
    expect((await reader.read(viewAt(2), ['a'], since)).get('a')?.title).toBe('new');
    expect((await reader.read(viewAt(1), ['a'], () => undefined)).get('a')?.title).toBe('old');
    expect(asked.slice(1)).toEqual([['a'], ['a'], ['a']]);
  });

  it('keeps no more than it may: what was not asked for longest goes', async () => {
    const { reader, viewAt, commit, asked } = await readerOver(2);
    await commit(...['a', 'b', 'c'].map((id) => aLesson({ id })));
    for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) await reader.read(viewAt(1), [id], () => 1);
    expect(asked).toEqual([['a'], ['b'], ['c'], ['b']]);
  });
});
