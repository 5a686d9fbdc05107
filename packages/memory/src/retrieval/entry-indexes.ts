import type { EntryStore } from '@skillrl/core';

import type { BankSelection } from '../bank/select-entry.ts';
import { openEntryIndex, type EntryIndex, type EntryIndexPorts } from './entry-index.ts';

/** Indexes by revision: one that follows the bank, and a few for those who look at it as it was. */
export interface EntryIndexes {
  /** @param waitMs - how long to wait for vectors. Default: until all are there. */
  at(revision: number, waitMs?: number): Promise<EntryIndex>;
  close(): Promise<void>;
}

const mostPinned = 3;

export function entryIndexes(
  ports: EntryIndexPorts,
  options: { readonly namespace: string; readonly select?: BankSelection },
): EntryIndexes {
  let following: Promise<EntryIndex> | undefined;
  const pinned = new Map<number, Promise<EntryIndex>>();

  async function at(revision: number, waitMs?: number): Promise<EntryIndex> {
    const latest = await latestIndex(ports.entries, revision, waitMs);
    if (latest !== undefined) return latest;
    let index = pinned.get(revision);
    if (index === undefined) {
      index = openEntryIndex(ports, { ...options, revision, waitMs });
      pinned.set(revision, index);
      void index.catch(() => pinned.delete(revision));
      forgetOldest(pinned);
    }
    const opened = await index;
    await opened.moveTo(revision, waitMs);
    return opened;
  }

  /** The following index, moved on to the revision; `undefined` when that one is in the past. */
  async function latestIndex(
    entries: EntryStore,
    revision: number,
    waitMs: number | undefined,
  ): Promise<EntryIndex | undefined> {
    const before = following;
    if (before === undefined) {
      if (revision < (await entries.revision())) return undefined;
      following ??= openEntryIndex(ports, { ...options, revision, waitMs });
      void following.catch(() => (following = undefined));
      const index = await following;
      return index.revision === revision ? index : undefined;
    }
    // One move at a time: the next waits for the one before.
    const moved = before.then(async (index) => {
      if (index.revision <= revision) await index.moveTo(revision, waitMs);
      return index;
    });
    following = moved.catch(() => before);
    const index = await moved;
    return index.revision === revision ? index : undefined;
  }

  return {
    at,
    close: async () => {
      const open = [...pinned.values(), ...(following === undefined ? [] : [following])];
      for (const index of await Promise.allSettled(open)) if (index.status === 'fulfilled') index.value.close();
    },
  };
}

/** Not closed: a recall may still be searching in it. Its memory goes when the last of them is done. */
function forgetOldest(pinned: Map<number, Promise<EntryIndex>>): void {
  const [oldest] = pinned.keys();
  if (pinned.size > mostPinned && oldest !== undefined) pinned.delete(oldest);
}
