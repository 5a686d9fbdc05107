import {
  IndexError,
  noProgress,
  servedStatuses,
  silentLogger,
  type SavedIndexStore,
  type SavedIndexSummary,
  type Embedder,
} from '@skillrl/core';

import { restoreIndex, saveIndex, type IndexScope, type IndexState } from './saved-index.ts';
import { embedTexts } from './entry-vectors.ts';
import { openExactVectors } from './exact-vectors.ts';
import type { EntryIndex, EntryIndexPorts, OpenEntryIndexOptions } from './entry-index.ts';
import { findEntries } from './find-entries.ts';
import { IndexContents } from './index-contents.ts';
import { longWork, turn, within } from './long-work.ts';

/** Below this share of living documents the postings are built anew. */
const mostWaste = 0.5;
const chunk = 512;

/** Opens an index of a namespace's served entries at a revision: from its saved one where there is a good one, else built from the store. */
export async function openEntryIndex(
  ports: EntryIndexPorts,
  { namespace, select = {}, revision, waitMs, patienceMs = Infinity }: OpenEntryIndexOptions,
): Promise<EntryIndex> {
  const { entries, embedder, createVectorIndex = openExactVectors, savedIndexes } = ports;
  const { logger = silentLogger, progress = noProgress } = ports;
  const scope: IndexScope = { namespace, select, ...(embedder !== undefined && { embedderId: embedder.id }) };
  let contents = new IndexContents(select);
  /** The revision whose changes are all in; −1 for none. */
  let at = -1;
  let target = revision;
  let embeddingFailure: string | undefined;
  /** How far a move is that somebody no longer waits for. */
  let unfinished: string | undefined;
  let isDoubtful = false;
  let isClosed = false;
  let moving: Promise<void> = Promise.resolve();
  let embedding: Promise<void> | undefined;
  let saving: Promise<SavedIndexSummary | undefined> | undefined;
  let writing: typeof saving;
  let savedChanges = 0;
  let savedKind: string | undefined;

  async function restore(): Promise<void> {
    if (savedIndexes === undefined) return;
    const restored = await restoreIndex(savedIndexes, entries, createVectorIndex, scope, revision);
    if ('reason' in restored) {
      if (restored.reason === undefined) return;
      logger.warn('The saved index cannot be used: it is built anew.', { reason: restored.reason });
      return;
    }
    contents = new IndexContents(select, restored);
    savedKind = restored.kind;
    at = restored.revision;
    const view = await entries.view(namespace, at);
    for (let start = 0; start < restored.waiting.length; start += chunk) {
      const found = await view.getMany(restored.waiting.slice(start, start + chunk));
      for (const entry of found.values()) contents.wait(entry);
    }
  }

  async function rebuild(to: number): Promise<void> {
    const view = await entries.view(namespace, to);
    const total = await view.count({ statuses: servedStatuses });
    // What is being saved must not be closed.
    await writing?.catch(() => {});
    contents.dense?.close();
    contents = new IndexContents(select);
    at = -1;
    savedChanges = 0;
    savedKind = undefined;
    isDoubtful = false;
    const work = longWork(progress, 'index', total);
    for await (const entry of view.list({ statuses: servedStatuses })) {
      contents.put(entry, to);
      if (work.advance() && (await pause(`${work.done} of ${total} entries are indexed`))) return;
    }
    work.end();
    at = to;
  }

  async function follow(to: number): Promise<void> {
    let done = 0;
    for await (const { revision: changedAt, id, entry } of entries.changesAfter(namespace, at)) {
      if (changedAt > to) break;
      if (entry === undefined) contents.drop(id);
      else contents.put(entry, changedAt);
      done += 1;
      if (done % chunk === 0 && (await pause(`the changes up to revision ${changedAt} are indexed`))) return;
    }
    at = to;
  }

  /** Lets others have their turn. @returns true when the index was closed meanwhile. */
  async function pause(how: string): Promise<boolean> {
    if (unfinished !== undefined) unfinished = how;
    await turn();
    return isClosed;
  }

  async function bringTo(to: number): Promise<void> {
    if (isClosed || (to === at && !isDoubtful)) return;
    try {
      const isFollowing = at >= 0 && to >= at && !isDoubtful && contents.lexical.waste <= mostWaste;
      await (isFollowing ? follow(to) : rebuild(to));
    } finally {
      unfinished = undefined;
    }
  }

  async function moveTo(to: number, wait = Infinity): Promise<void> {
    if (to !== at || isDoubtful) {
      target = to;
      moving = moving.catch(() => {}).then(() => bringTo(to));
      const patience = wait === Infinity ? Infinity : Math.max(wait, patienceMs);
      if (!(await within(moving, patience))) {
        unfinished ??= `${contents.known.size} entries are indexed`;
        return;
      }
    }
    if (contents.withoutVector.size === 0 || embedder === undefined || isClosed) return;
    embedding ??= embedMissing(embedder).finally(() => (embedding = undefined));
    await within(embedding, wait);
  }

  async function embedMissing(by: Embedder): Promise<void> {
    embeddingFailure = undefined;
    const work = longWork(progress, 'embed', contents.withoutVector.size);
    try {
      while (contents.withoutVector.size > 0) {
        const into = contents;
        const part = into.waiting(chunk);
        const keys = part.map(([, key]) => key);
        const vectors = await embedTexts(keys, by, entries);
        const fresh = into.dense === undefined ? await createVectorIndex(by.dimensions) : undefined;
        if (isClosed || into !== contents) fresh?.close();
        if (isClosed) return;
        if (into !== contents) continue;
        into.dense ??= fresh;
        into.addVectors(part.map(([id, key], position) => ({ id, key, vector: vectors[position]! })));
        work.advance(part.length);
        await turn();
      }
      work.end();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      embeddingFailure = `${contents.withoutVector.size} entries have no vector (${reason}): lexical only for them`;
    }
  }

  async function save(store: SavedIndexStore): Promise<SavedIndexSummary | undefined> {
    const before = moving.catch(() => {});
    let letGo = (): void => {};
    // What comes after waits until it is known what is saved: a revision is saved whole, without half of the next.
    moving = Promise.all([before, new Promise<void>((resolve) => (letGo = resolve))]).then(() => {});
    try {
      await before;
      if (at < 0 || isDoubtful || isClosed) return undefined;
      const of = contents;
      let [changes, kind]: [number, string | undefined] = [0, undefined];
      writing = saveIndex(store, entries, scope, of.dense, (): IndexState & { readonly revision: number } => {
        letGo();
        changes = of.changes;
        kind = of.dense?.kind;
        const { known, lexical, dense } = of;
        return { known, lexical, dense, waiting: [...of.withoutVector.keys()], revision: at };
      });
      const summary = await writing;
      if (of === contents) [savedChanges, savedKind] = [changes, kind];
      return summary;
    } finally {
      letGo();
      writing = undefined;
    }
  }

  await restore();
  await moveTo(revision, waitMs);
  return {
    get revision() {
      return target;
    },
    get size() {
      return contents.known.size;
    },
    get degraded() {
      if (unfinished !== undefined) return `the index is still being built: ${unfinished}`;
      if (embedding === undefined) return embeddingFailure;
      return `${contents.withoutVector.size} entries are still being embedded: lexical only for them`;
    },
    get unsaved() {
      const { changes, dense } = contents;
      // A graph that was built meanwhile is worth as much as all of its vectors; one that is still being read was saved.
      const isOtherKind = dense !== undefined && dense.kind !== savedKind && dense.kind !== 'flat';
      return changes - savedChanges + (isOtherKind ? dense.size : 0);
    },
    since: (id) => contents.known.sinceOf(id),
    moveTo,
    find: async (query, vector, options) => {
      const { lexical, dense, withoutVector } = contents;
      const halves = { lexical, isWaiting: (id: string) => withoutVector.has(id) };
      try {
        return findEntries({ ...halves, dense }, query, vector, options);
      } catch (error) {
        if (!(error instanceof IndexError)) throw error;
        isDoubtful = true;
        const found = findEntries({ ...halves, dense: undefined }, query, undefined, options);
        return { ...found, degraded: `the vector index failed (${error.message}): lexical only` };
      }
    },
    save: async () =>
      savedIndexes === undefined ? undefined : (saving ??= save(savedIndexes).finally(() => (saving = undefined))),
    close: async () => {
      isClosed = true;
      await Promise.allSettled([moving, saving]);
      contents.dense?.close();
    },
  };
}
