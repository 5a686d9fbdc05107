import { InputError, type EpisodeEvent } from '@skillrl/core';
import { episodeEvents, memoryEpisodeStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { togetherLog } from './together-log.ts';

function noted(fail: (events: readonly EpisodeEvent[]) => Error | undefined = () => undefined) {
  const store = memoryEpisodeStore();
  const appends: number[] = [];
  const log = togetherLog({
    events: (id) => store.events(id),
    append: async (events) => {
      appends.push(events.length);
      const error = fail(events);
      if (error !== undefined) throw error;
      await store.append(events);
    },
  });
  return { store, log, appends };
}

const events = episodeEvents({ id: 'e' });
const broken = { ...events[0]!, id: 'broken' };
const misfit = new InputError({ code: 'SCHEMA_MISMATCH', message: 'no' });

describe('togetherLog', () => {
  it('makes one append, in order, of what is asked for in one breath', async () => {
    const { store, log, appends } = noted();
    await Promise.all(events.map((event) => log.append([event])));
    expect(appends).toEqual([events.length]);
    expect((await store.events('e')).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
    await log.append([]);
    expect(await log.events('e')).toHaveLength(events.length);
  });

  it('refuses only the one that does not fit', async () => {
    const { store, log } = noted((all) => (all.some(({ id }) => id === 'broken') ? misfit : undefined));
    const answers = await Promise.allSettled([events[0]!, broken, events[1]!].map((event) => log.append([event])));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await store.events('e')).toHaveLength(2);
  });

  it('asks a store that cannot write once, and tells everyone', async () => {
    const gone = new Error('the disk is gone');
    const { log, appends } = noted(() => gone);
    const answers = await Promise.allSettled(events.map((event) => log.append([event])));
    expect(answers.every((answer) => answer.status === 'rejected' && answer.reason === gone)).toBe(true);
    expect(appends).toEqual([events.length]);
  });
});
