import {
  contentHash,
  IndexError,
  servedStatuses,
  type BankEntry,
  type BankView,
  type Conditions,
  type Embedder,
  type EntryStore,
  type Task,
  type VectorIndex,
} from '@skillrl/core';

import { entryKey } from '../bank/entry-text.ts';
import { selectEntry, type BankSelection } from '../bank/select-view.ts';
import { embedTexts } from './entry-vectors.ts';
import { dot, exactVectors, isZero } from './exact-vectors.ts';
import { lexicalIndex, type LexicalIndex } from './lexical-index.ts';

export interface EntryIndexPorts {
  readonly entries: EntryStore;
  /** Absent: the index is lexical only. */
  readonly embedder?: Embedder;
  /** Gives a new, empty index. Default: an exact one in memory. */
  readonly createVectorIndex?: (dimensions: number) => VectorIndex;
}

/** An entry that a query found. */
export interface Found {
  readonly id: string;
  /** Rank in the lexical list, from 1. */
  readonly lexicalRank?: number;
  readonly bm25?: number;
  /** Rank in the dense list, from 1. */
  readonly denseRank?: number;
  /** Cosine of query and entry, where both have vectors. */
  readonly similarity?: number;
  /** How much of the query the entry's key covers, in [0, 1]. */
  readonly coverage: number;
}

export interface FindResult {
  readonly found: readonly Found[];
  /** Why less than the whole index answered, if so. */
  readonly degraded?: string;
}

export interface FindOptions {
  /** Most hits of each half. */
  readonly limit: number;
  /** Only entries whose conditions this task meets. Default: all. */
  readonly task?: Task;
  /** Gets the ids that the query found and whose conditions the task does not meet. */
  readonly onExcluded?: (id: string) => void;
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

interface Known {
  readonly conditions: Conditions | undefined;
  readonly keyHash: string;
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
    const selected = isServed(entry, namespace) ? selectEntry(entry, select) : undefined;
    if (selected === undefined) return drop(entry.id);
    const key = entryKey(selected);
    const keyHash = contentHash(key);
    if (known.get(entry.id)?.keyHash !== keyHash) {
      lexical.add(entry.id, key);
      dense?.remove([entry.id]);
      withoutVector.set(entry.id, key);
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
    for await (const entry of view.list({ namespace, statuses: servedStatuses })) put(entry);
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
        dense.add(current.filter(({ vector }) => !isZero(vector)));
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
        await rebuild(await entries.view(target));
      } else {
        await applyChanges(entries, at, target, put, drop);
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
        return { found: await find({ ...halves, dense }, query, vector, options) };
      } catch (error) {
        if (!(error instanceof IndexError)) throw error;
        isDoubtful = true;
        const found = await find({ ...halves, dense: undefined }, query, undefined, options);
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
  from: number,
  to: number,
  put: (entry: BankEntry) => void,
  drop: (id: string) => void,
): Promise<void> {
  for await (const { revision, id, entry } of entries.changesAfter(from)) {
    if (revision > to) return;
    if (entry === undefined) drop(id);
    else put(entry);
  }
}

interface Halves {
  readonly known: ReadonlyMap<string, Known>;
  readonly lexical: LexicalIndex;
  readonly dense: VectorIndex | undefined;
  readonly embedder: Embedder | undefined;
  readonly entries: EntryStore;
}

async function find(
  { known, lexical, dense, embedder, entries }: Halves,
  query: string,
  vector: Float32Array | undefined,
  { limit, task, onExcluded }: FindOptions,
): Promise<Found[]> {
  const isAllowed = (id: string): boolean => task === undefined || meets(task, known.get(id)?.conditions);
  const byWords = lexical.search(query, {
    limit,
    filter: (id) => {
      const allowed = isAllowed(id);
      if (!allowed) onExcluded?.(id);
      return allowed;
    },
  });
  const byMeaning =
    vector === undefined || dense === undefined ? [] : dense.search(vector, { limit, filter: isAllowed });
  const lexicalRank = new Map(byWords.map(({ id }, position) => [id, position + 1]));
  const denseRank = new Map(byMeaning.map(({ id }, position) => [id, position + 1]));
  const bm25 = new Map(byWords.map(({ id, score }) => [id, score]));
  const similarity = new Map(byMeaning.map(({ id, similarity: value }) => [id, value]));
  const ids = [...new Set([...lexicalRank.keys(), ...denseRank.keys()])];
  const coverage = new Map(ids.map((id) => [id, lexical.coverage(query, id)]));

  if (vector !== undefined && embedder !== undefined) {
    // What only words found is compared as well: a score without a similarity would stand beside scores with one.
    const hashOf = new Map(ids.filter((id) => !similarity.has(id)).map((id) => [id, known.get(id)?.keyHash ?? '']));
    const vectors = await entries.cachedVectors(embedder.id, [...new Set(hashOf.values())]);
    for (const [id, hash] of hashOf) {
      const own = vectors.get(hash);
      if (own !== undefined) similarity.set(id, dot(vector, own));
    }
  }
  return ids.map((id) => ({
    id,
    lexicalRank: lexicalRank.get(id),
    bm25: bm25.get(id),
    denseRank: denseRank.get(id),
    similarity: similarity.get(id),
    coverage: coverage.get(id) ?? 0,
  }));
}

function isServed(entry: BankEntry, namespace: string): boolean {
  return entry.namespace === namespace && servedStatuses.includes(entry.status);
}

/** Every list that is present must contain the task's value. */
export function meets(task: Task, conditions: Conditions | undefined): boolean {
  const { environments, families, types } = conditions ?? {};
  return (
    (environments === undefined || environments.includes(task.environment)) &&
    (families === undefined || (task.family !== undefined && families.includes(task.family))) &&
    (types === undefined || (task.type !== undefined && types.includes(task.type)))
  );
}
