import {
  noProgress,
  type BankEntry,
  type EntryStaging,
  type EntryStatus,
  type EntryStore,
  type Progress,
  type StagedEntry,
} from '@skillrl/core';

export interface ImportTarget {
  readonly entries: EntryStore;
  /** Every imported entry goes here, wherever it came from. */
  readonly namespace: string;
  /** What imported entries become, such as `quarantined` for a bank of unknown origin. Default: what they were. */
  readonly status?: EntryStatus;
  /** Is told of every line that is skipped or rejected: the report keeps the first few of them only. */
  readonly onNote?: (note: ImportNote) => void | Promise<void>;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** A line that did not change the bank, and why. */
export interface ImportNote {
  readonly outcome: 'skipped' | 'rejected';
  /** Numbered from 1: a file's line, or a document's record. */
  readonly line: number;
  /** Absent where none could be read. */
  readonly id?: string;
  readonly reason: string;
}

/** What became of the lines: `added + replaced + skipped + rejected` of them. */
export interface ImportCounts {
  /** The bank's revision afterwards. */
  readonly revision: number;
  readonly added: number;
  readonly replaced: number;
  /** Entries that are there already, as they are or newer. */
  readonly skipped: number;
  /** Lines that are no entries. */
  readonly rejected: number;
  /** The first of those that were rejected, and of those that were skipped. */
  readonly notes: readonly ImportNote[];
}

/** An entry on its way in, or why there is none. */
export type ImportItem = StagedEntry | { readonly line: number; readonly id?: string; readonly reason: string };

const batchSize = 500;
const mostNotes = 20;

/**
 * Stages the items as they come and commits the entries among them as one revision, or not at all. Memory does not grow with their number.
 *
 * @param total - how many will come, for the progress.
 * @param beforeCommit - is called when all are staged: the last moment to throw.
 */
export async function importItems(
  items: AsyncIterable<ImportItem>,
  target: ImportTarget,
  { total, beforeCommit }: { readonly total?: () => number | undefined; readonly beforeCommit?: () => void } = {},
): Promise<ImportCounts> {
  const { namespace, signal, progress = noProgress } = target;
  const notes = noteBook(target);
  const staging = await target.entries.stage(namespace);
  try {
    await stageAll(items, staging, target, notes, total);
    beforeCommit?.();
    const committed = await staging.commit(
      ({ added, replaced }) => `Imported a bank: ${added} entries added, ${replaced} replaced.`,
      { signal, progress },
    );
    for await (const { line, id, version, presentVersion } of staging.skipped()) {
      const reason =
        presentVersion > version
          ? `Version ${presentVersion} is there, newer than ${version}.`
          : 'It is there already.';
      if (!(await notes.add({ outcome: 'skipped', line, id, reason }))) break;
    }
    return { ...committed, rejected: notes.rejected(), notes: notes.kept() };
  } finally {
    await staging.close();
  }
}

async function stageAll(
  items: AsyncIterable<ImportItem>,
  staging: EntryStaging,
  { namespace, status, signal, progress = noProgress }: ImportTarget,
  notes: NoteBook,
  total: (() => number | undefined) | undefined,
): Promise<void> {
  const stage = 'read';
  const startedAt = performance.now();
  progress({ type: 'stage-start', stage, unit: 'lines' });
  let batch: StagedEntry[] = [];
  let done = 0;
  const stageBatch = async (): Promise<void> => {
    signal?.throwIfAborted();
    for (const { line, entry } of await staging.add(batch)) {
      await notes.add({
        outcome: 'rejected',
        line,
        id: entry.id,
        reason: `The id '${entry.id}' stands on an earlier line.`,
      });
    }
    batch = [];
    progress({ type: 'stage-advance', stage, done, total: total?.() });
  };
  for await (const item of items) {
    signal?.throwIfAborted();
    done += 1;
    if ('entry' in item) batch.push({ line: item.line, entry: settled(item.entry, namespace, status) });
    else await notes.add({ outcome: 'rejected', ...item });
    if (batch.length >= batchSize) await stageBatch();
  }
  await stageBatch();
  progress({ type: 'stage-end', stage, done, durationMs: performance.now() - startedAt });
}

function settled(entry: BankEntry, namespace: string, status: EntryStatus | undefined): BankEntry {
  return { ...entry, namespace, status: status ?? entry.status };
}

interface NoteBook {
  /** @returns whether further notes are of interest to anyone. */
  add(note: ImportNote): Promise<boolean>;
  rejected(): number;
  kept(): readonly ImportNote[];
}

function noteBook({ onNote }: ImportTarget): NoteBook {
  const kept = { rejected: [] as ImportNote[], skipped: [] as ImportNote[] };
  let rejected = 0;
  return {
    add: async (note) => {
      if (note.outcome === 'rejected') rejected += 1;
      const list = kept[note.outcome];
      if (list.length < mostNotes) list.push(note);
      await onNote?.(note);
      return onNote !== undefined || list.length < mostNotes;
    },
    rejected: () => rejected,
    kept: () => [...kept.rejected, ...kept.skipped],
  };
}
