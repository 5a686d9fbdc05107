import {
  contentHash,
  IndexError,
  servedStatuses,
  type BankEntry,
  type BankView,
  type Embedder,
  type EntryStore,
  type VectorIndex,
} from '@skillrl/core';

import { entryKey } from '../bank/entry-text.ts';
import { selectEntry, type BankSelection } from '../bank/select-entry.ts';
import { embedTexts } from './entry-vectors.ts';
import { exactVectors, isZero } from './exact-vectors.ts';
import { findEntries, groupOf, type FindOptions, type Found, type Known } from './find-entries.ts';
import { lexicalIndex } from './lexical-index.ts';

export interface FindResult {
  readonly found: readonly Found[];
  /** Why less than the whole index answered, if so. */
  readonly degraded?: string;
}

export interface EntryIndexPorts {
  readonly entries: EntryStore;
  /** Absent: the index is lexical only. */
  readonly embedder?: Embedder;
  /** Gives a new, empty index. Default: an exact one in memory. */
  readonly createVectorIndex?: (dimensions: number) => VectorIndex;
}

/**
 * What finds a bank's entries: a lexical and a dense half, derived from the store and never saved. It may be thrown away at any time.
 */
export interface EntryIndex {
  readonly revision: number;
  readonly size: number;
  /** Why the dense half does not answer for all entries, if so. */
  readonly degraded: string | undefined;
  /**
   * Brings it to a revision: by the changes since its own, or anew when it is older than that or mostly waste.
   * @param waitMs - how long to wait for entries without a vector to be embedded; they are embedded all the same. Default: until all are.
   */
  moveTo(revision: number, waitMs?: number): Promise<void>;
  /** A dense half that fails is left out, and built anew at the next move. */
  find(query: string, vector: Float32Array | undefined, options: FindOptions): Promise<FindResult>;
  close(): void;
}

/** Below this share of living documents the postings are built anew. */
const mostWaste = 0.5;
const chunk = 512;

export interface OpenEntryIndexOptions {
  readonly namespace: string;
  readonly select?: BankSelection;
  readonly revision: number;
  /** As for `moveTo`. */
  readonly waitMs?: number;
}

/** Opens an index of a namespace's served entries at a revision. */
export async function openEntryIndex(
  ports: EntryIndexPorts,
  { namespace, select = {}, revision, waitMs }: OpenEntryIndexOptions,
): Promise<EntryIndex> {
  const { entries, embedder, createVectorIndex = exactVectors } = ports;
  let known = new Map<string, Known>();
  let lexical = lexicalIndex();
  let dense: VectorIndex | undefined;
  let withoutVector = new Map<string, string>();
  let at = -1;
  let degraded: string | undefined;
  let isDoubtful = false;
  let embedding: Promise<void> | undefined;

  const put = (entry: BankEntry): void => {
    const selected = isServed(entry) ? selectEntry(entry, select) : undefined;
    if (selected === undefined) return drop(entry.id);
    const key = entryKey(selected);
    const keyHash = contentHash(key);
    const before = known.get(entry.id);
    if (before?.keyHash !== keyHash) {
      lexical.add(entry.id, key);
      dense?.remove([entry.id]);
      withoutVector.set(entry.id, key);
    } else if (groupOf(before.conditions) !== groupOf(selected.conditions)) {
      const vector = dense?.vectorOf(entry.id);
      if (vector !== undefined) dense?.add([{ id: entry.id, vector, group: groupOf(selected.conditions) }]);
    }
    known.set(entry.id, { conditions: selected.conditions, keyHash });
  };
  const drop = (id: string): void => {
    if (!known.delete(id)) return;
    lexical.remove(id);
    dense?.remove([id]);
    withoutVector.delete(id);
  };

  async function rebuild(view: BankView): Promise<void> {
    dense?.close();
    dense = undefined;
    known = new Map();
    lexical = lexicalIndex();
    withoutVector = new Map();
    isDoubtful = false;
    for await (const entry of view.list({ statuses: servedStatuses })) put(entry);
  }

  async function embedMissing(): Promise<void> {
    degraded = undefined;
    if (embedder === undefined) return;
    try {
      while (withoutVector.size > 0) {
        const part = [...withoutVector].slice(0, chunk);
        const vectors = await embedTexts(
          part.map(([, key]) => key),
          embedder,
          entries,
        );
        dense ??= createVectorIndex(embedder.dimensions);
        // An entry may have changed or gone in the meantime.
        const current = part
          .map(([id, key], position) => ({ id, key, vector: vectors[position]! }))
          .filter(({ id, key }) => withoutVector.get(id) === key);
        // A text without a known word has no direction: it is found by its words alone.
        dense.add(
          current
            .filter(({ vector }) => !isZero(vector))
            .map(({ id, vector }) => ({ id, vector, group: groupOf(known.get(id)?.conditions) })),
        );
        for (const { id } of current) withoutVector.delete(id);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      degraded = `${withoutVector.size} entries have no vector (${reason}): lexical only for them`;
    }
  }

  async function moveTo(target: number, wait = Infinity): Promise<void> {
    if (target !== at || isDoubtful) {
      if (at < 0 || target < at || isDoubtful || lexical.waste > mostWaste) {
        at = -1;
        await rebuild(await entries.view(namespace, target));
      } else {
        await applyChanges(entries, namespace, at, target, put, drop);
      }
      at = target;
    }
    if (withoutVector.size === 0 || embedder === undefined) return;
    embedding ??= embedMissing().finally(() => (embedding = undefined));
    await within(embedding, wait);
  }

  await moveTo(revision, waitMs);
  return {
    get revision() {
      return at;
    },
    get size() {
      return known.size;
    },
    get degraded() {
      if (embedding === undefined) return degraded;
      return `${withoutVector.size} entries are still being embedded: lexical only for them`;
    },
    moveTo,
    find: async (query, vector, options) => {
      const halves = { known, lexical, embedder, entries };
      try {
        return { found: await findEntries({ ...halves, dense }, query, vector, options) };
      } catch (error) {
        if (!(error instanceof IndexError)) throw error;
        isDoubtful = true;
        const found = await findEntries({ ...halves, dense: undefined }, query, undefined, options);
        return { found, degraded: `the vector index failed (${error.message}): lexical only` };
      }
    },
    close: () => dense?.close(),
  };
}

/** Waits for work, but no longer than so many milliseconds; the work goes on. */
async function within(work: Promise<void>, waitMs: number): Promise<void> {
  if (waitMs === Infinity) return work;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, waitMs)));
  await Promise.race([work, late]);
  clearTimeout(timer);
}

async function applyChanges(
  entries: EntryStore,
  namespace: string,
  from: number,
  to: number,
  put: (entry: BankEntry) => void,
  drop: (id: string) => void,
): Promise<void> {
  for await (const { revision, id, entry } of entries.changesAfter(namespace, from)) {
    if (revision > to) return;
    if (entry === undefined) drop(id);
    else put(entry);
  }
}

function isServed(entry: BankEntry): boolean {
  return servedStatuses.includes(entry.status);
}
