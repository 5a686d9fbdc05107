import { InputError, silentLogger, StoreError, type EpisodeEvent } from '@skillrl/core';
import { episodeEvents, memoryEpisodeStore } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { patientLog } from './patient-log.ts';

function failing(times: number, error: () => Error) {
  const store = memoryEpisodeStore();
  const told: string[] = [];
  let left = times;
  const log = patientLog(
    {
      append: async (events: readonly EpisodeEvent[]) => {
        if (left > 0) {
          left -= 1;
          throw error();
        }
        await store.append(events);
      },
      events: (id) => store.events(id),
    },
    { ...silentLogger, error: (message) => void told.push(message) },
  );
  return { store, log, told };
}

it('stores everything in order once the store is back, and tells of the trouble once', async () => {
  const { store, log, told } = failing(2, () => new StoreError({ code: 'STORE_FAILED', message: 'disk full' }));
  const events = episodeEvents({ id: 'e1' });
  for (const event of events) await log.append([event]);
  expect(await store.events('e1')).toEqual(await eventsOf(events));
  expect(told).toHaveLength(1);
});

it('shows events that wait to whoever counts positions', async () => {
  const { log } = failing(Infinity, () => new Error('gone'));
  const events = episodeEvents({ id: 'e1' });
  await log.append(events);
  expect(await log.events('e1')).toHaveLength(events.length);
});

it('drops an event that the store will never take, and keeps the others', async () => {
  const { store, log, told } = failing(0, () => new InputError({ code: 'X', message: 'x' }));
  const [start, ...rest] = episodeEvents({ id: 'e1' });
  const broken = { ...rest[0]!, id: '' } as EpisodeEvent;
  await log.append([start!, broken, ...rest]);
  expect(await store.events('e1')).toHaveLength(1 + rest.length);
  expect(told).toHaveLength(1);
});

it('writes what waits when it is flushed', async () => {
  const { store, log } = failing(1, () => new Error('gone'));
  await log.append(episodeEvents({ id: 'e1' }));
  expect(await store.events('e1')).toEqual([]);
  await log.flush();
  expect(await store.episode('e1')).toBeDefined();
});

async function eventsOf(events: readonly EpisodeEvent[]): Promise<readonly EpisodeEvent[]> {
  const store = memoryEpisodeStore();
  await store.append(events);
  return store.events('e1');
}
