import { InputError, type EpisodeEvent } from '@skillrl/core';

import type { EventLog } from './patient-log.ts';

/**
 * A log over a log: what is appended in one breath, before anything else of the program runs, becomes one append. Each caller is answered for
 * its own events: when the whole is refused, each is tried by itself.
 */
export function togetherLog(log: EventLog): EventLog {
  let waiting: Append[] = [];

  async function appendAll(): Promise<void> {
    const appends = waiting;
    waiting = [];
    try {
      await log.append(appends.flatMap(({ events }) => events));
      for (const { resolve } of appends) resolve();
    } catch (error) {
      // A store that cannot write now cannot write a part of it either.
      const isOnesFault = error instanceof InputError && appends.length > 1;
      for (const { events, resolve, reject } of appends) {
        if (isOnesFault) await log.append(events).then(resolve, reject);
        else reject(error);
      }
    }
  }

  return {
    append: (events) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      if (waiting.length === 0) queueMicrotask(() => void appendAll());
      waiting.push({ events, resolve, reject });
      return promise;
    },
    events: (episodeId) => log.events(episodeId),
  };
}

interface Append {
  readonly events: readonly EpisodeEvent[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}
