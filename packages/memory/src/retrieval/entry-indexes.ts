import { silentLogger, SkillError, type EntryStore } from '@skillrl/core';

import type { BankSelection } from '../bank/select-entry.ts';
import type { EntryIndex, EntryIndexPorts } from './entry-index.ts';
import { openEntryIndex } from './open-entry-index.ts';

/** Indexes by revision: one that follows the bank, and a few for those who look at it as it was. */
export interface EntryIndexes {
  /** @param waitMs - how long to wait for vectors. Default: until all are there. */
  at(revision: number, waitMs?: number): Promise<EntryIndex>;
  /** Saves what is worth it, and lets go of the indexes. */
  close(): Promise<void>;
}

/** When the index that follows the bank is saved. */
export interface SaveTimes {
  /** An index of fewer entries is as quickly built as opened. Default 1,000. */
  readonly fewest?: number;
  /** After so many changes, or a twentieth of the entries where that is more. Default 1,000. */
  readonly changes?: number;
  /** With fewer changes than this only `fewChanges` of them wait, for so long. Default five minutes. */
  readonly everyMs?: number;
  /** Fewer changes than this are sooner replayed than saved. Default 100. */
  readonly fewChanges?: number;
}

const mostPinned = 3;
/** What the first answer of a bank may wait for; an index that is not whole by then answers from what it has, and says so. */
const patienceMs = 1_000;

export function entryIndexes(
  ports: EntryIndexPorts,
  options: { readonly namespace: string; readonly select?: BankSelection },
  times: SaveTimes = {},
): EntryIndexes {
  const { logger = silentLogger } = ports;
  const { fewest = 1_000, changes = 1_000, everyMs = 300_000, fewChanges = 100 } = times;
  let following: Promise<EntryIndex> | undefined;
  let triedAt = performance.now();
  let hasFailed = false;
  let isSaving = false;
  const pinned = new Map<number, Promise<EntryIndex>>();

  async function at(revision: number, waitMs?: number): Promise<EntryIndex> {
    const latest = await latestIndex(ports.entries, revision, waitMs);
    if (latest !== undefined) {
      if (isWorthSaving(latest)) void save(latest);
      return latest;
    }
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
      following ??= openEntryIndex(ports, { ...options, revision, waitMs, patienceMs });
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

  /** Not while it is built or embedded: the end of that is worth more. */
  function isWorthSaving({ size, unsaved, degraded }: EntryIndex): boolean {
    if (isSaving || degraded !== undefined || size < fewest || unsaved < fewChanges) return false;
    const waitedMs = performance.now() - triedAt;
    // After a failure, only time counts.
    return waitedMs >= everyMs || (!hasFailed && unsaved >= Math.max(changes, size / 20));
  }

  async function save(index: EntryIndex): Promise<void> {
    isSaving = true;
    try {
      await index.save();
      hasFailed = false;
    } catch (error) {
      // Another process is saving the same: what it saves serves as well.
      if (error instanceof SkillError && error.code === 'LOCKED') return;
      if (!hasFailed) {
        const message = error instanceof Error ? error.message : String(error);
        const hint = error instanceof SkillError ? error.hint : undefined;
        logger.warn('The index could not be saved. The memory goes on without.', { reason: message, hint });
      }
      hasFailed = true;
    } finally {
      triedAt = performance.now();
      isSaving = false;
    }
  }

  return {
    at,
    close: async () => {
      const [last] = await Promise.allSettled(following === undefined ? [] : [following]);
      if (last?.status === 'fulfilled' && last.value.size >= fewest && last.value.unsaved >= fewChanges) {
        await save(last.value);
      }
      const open = [...pinned.values(), ...(following === undefined ? [] : [following])];
      for (const index of await Promise.allSettled(open)) if (index.status === 'fulfilled') await index.value.close();
    },
  };
}

/** Not closed: a recall may still be searching in it. Its memory goes when the last of them is done. */
function forgetOldest(pinned: Map<number, Promise<EntryIndex>>): void {
  const [oldest] = pinned.keys();
  if (pinned.size > mostPinned && oldest !== undefined) pinned.delete(oldest);
}
