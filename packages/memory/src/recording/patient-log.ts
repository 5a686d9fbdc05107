import { InputError, type EpisodeEvent, type EpisodeStore, type Logger } from '@skillrl/core';

/** The part of an episode store that a recorder needs. */
export type EventLog = Pick<EpisodeStore, 'append' | 'events'>;

export interface PatientLog extends EventLog {
  /** Tries once more what waits. */
  flush(): Promise<void>;
}

/** Most events that wait for a store to come back; later ones are lost, and the logger told. */
const mostWaiting = 10_000;

/**
 * A store's face to a recorder that must never fail its user: what cannot be appended waits and is tried again with the next append. What the
 * store will never take is dropped. Each failure is logged once, until an append succeeds again.
 */
export function patientLog(store: EventLog, logger: Logger): PatientLog {
  let waiting: readonly EpisodeEvent[] = [];
  let isFailing = false;

  async function append(events: readonly EpisodeEvent[]): Promise<void> {
    const all = [...waiting, ...events];
    waiting = [];
    if (all.length === 0) return;
    try {
      await store.append(all);
      isFailing = false;
    } catch (error) {
      if (error instanceof InputError) return appendValid(all);
      waiting = [...all, ...waiting].slice(0, mostWaiting);
      if (!isFailing) {
        const reason = reasonOf(error);
        logger.error('Events of an episode could not be stored; they wait for the next ones.', {
          reason,
          events: all.length,
        });
      }
      isFailing = true;
    }
  }

  /** One by one: an event that is not valid must not keep the others out. */
  async function appendValid(events: readonly EpisodeEvent[]): Promise<void> {
    for (const event of events) {
      try {
        await store.append([event]);
      } catch (error) {
        if (!(error instanceof InputError)) waiting = [...waiting, event].slice(0, mostWaiting);
        logger.error('An event of an episode was not stored.', { event: event.id, reason: reasonOf(error) });
      }
    }
  }

  return {
    append,
    flush: () => append([]),
    events: async (episodeId) => {
      const held = waiting.filter((event) => event.episodeId === episodeId);
      try {
        return [...(await store.events(episodeId)), ...held];
      } catch {
        // Read only to count positions; what waits is then all that is known.
        return held;
      }
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
