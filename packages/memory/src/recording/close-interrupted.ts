import { type Clock, type EpisodeStore, systemClock } from '@skillrl/core';

import { recorder } from './recorder.ts';

export interface CloseInterruptedOptions {
  /** How long nothing must have been written to an open episode before its process counts as dead, in milliseconds. */
  readonly olderThanMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Closes episodes whose process died before their end, as `interrupted`. Run before distilling: what never ends is never looked at.
 *
 * @returns the ids of the episodes it closed.
 */
export async function closeInterrupted(
  store: EpisodeStore,
  clock: Clock = systemClock,
  { olderThanMs, signal }: CloseInterruptedOptions,
): Promise<string[]> {
  const now = clock.now();
  const dead: string[] = [];
  for await (const episode of store.episodes({ ended: false })) {
    signal?.throwIfAborted();
    const events = await store.events(episode.id);
    // A clock that was set back leaves events in a future that may be years away: who wrote them is as far from now as one of the past.
    if (events.every((event) => Math.abs(now - event.at) >= olderThanMs)) dead.push(episode.id);
  }
  const record = recorder({ episodes: store, clock });
  for (const id of dead) await record.end(id, 'interrupted');
  return dead;
}
