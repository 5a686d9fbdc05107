import {
  bankEntrySchema,
  newId,
  parse,
  StoreError,
  type BankCommit,
  type BankEntry,
  type BankView,
  type EntryChange,
  type EntryFilter,
  type EntryStore,
} from '@skillrl/core';

import { memoryStaging } from './memory-staging.ts';

/** The reference `EntryStore`: what every store must do, in a few lines and without a disk. */
export function memoryEntryStore(): EntryStore {
  const changes: (EntryChange & { readonly namespace: string })[] = [];
  const vectors = new Map<string, Float32Array>();
  const serving = new Map<string, string>();
  const marks: string[] = [];
  let latest = 0;
  let isStaging = false;

  /** A namespace's entries that exist at a revision, by id. */
  function entriesAt(namespace: string, revision: number): Map<string, BankEntry> {
    const entries = new Map<string, BankEntry>();
    for (const change of changes) {
      if (change.revision > revision) break;
      if (change.namespace !== namespace) continue;
      if (change.entry === undefined) entries.delete(change.id);
      else entries.set(change.id, change.entry);
    }
    return entries;
  }

  const store: EntryStore = {
    revision: async () => latest,
    markOf: async (revision) => (revision === 0 ? '' : marks[revision]),
    commit: async (commit) => {
      const { namespace, expectedRevision = latest } = commit;
      const isChanged = changes.some((change) => change.namespace === namespace && change.revision > expectedRevision);
      if (isChanged || expectedRevision > latest) {
        throw new StoreError({
          code: 'REVISION_CONFLICT',
          message: `The bank is at revision ${latest}, not ${expectedRevision}: someone else committed in between.`,
          hint: 'Read the bank again and repeat the commit on what it holds now.',
          retryable: true,
        });
      }
      const changed = changedBy(commit, entriesAt(namespace, latest));
      if (changed.size === 0) return latest;
      latest += 1;
      marks[latest] = newId('mark');
      for (const [id, entry] of changed) changes.push({ namespace, revision: latest, id, entry });
      return latest;
    },
    stage: async (namespace) => {
      if (isStaging) {
        throw new StoreError({
          code: 'LOCKED',
          message: 'Another import into this bank is under way.',
          hint: 'Wait until it is done.',
          retryable: true,
        });
      }
      isStaging = true;
      return memoryStaging(store, namespace, () => (isStaging = false));
    },
    view: async (namespace, revision = latest) => {
      if (!Number.isInteger(revision) || revision < 0 || revision > latest) {
        throw new StoreError({
          code: 'REVISION_UNKNOWN',
          message: `The bank has no revision ${revision}; the latest is ${latest}.`,
        });
      }
      return viewOf(entriesAt(namespace, revision), namespace, revision);
    },
    async *changesAfter(namespace, after) {
      const until = latest;
      for (const { revision, id, entry, ...change } of changes) {
        if (revision > until) return;
        if (change.namespace === namespace && revision > after) yield { revision, id, entry };
      }
    },
    cachedVectors: async (embedderId, textHashes) => {
      const found = new Map<string, Float32Array>();
      for (const hash of textHashes) {
        const vector = vectors.get(`${embedderId}\n${hash}`);
        if (vector !== undefined) found.set(hash, vector.slice());
      }
      return found;
    },
    cacheVectors: async (embedderId, added) => {
      for (const [hash, vector] of added) refuseWithoutDirection(hash, vector);
      for (const [hash, vector] of added) vectors.set(`${embedderId}\n${hash}`, vector.slice());
    },
    servingEmbedder: async (namespace) => serving.get(namespace),
    setServingEmbedder: async (namespace, embedderId, expected) => {
      if (serving.get(namespace) !== expected) return false;
      serving.set(namespace, embedderId);
      return true;
    },
    close: async () => {},
  };
  return store;
}

function refuseWithoutDirection(hash: string, vector: Float32Array): void {
  const isFinite = vector.every(Number.isFinite);
  if (isFinite && vector.some((value) => value !== 0)) return;
  throw new StoreError({
    code: isFinite ? 'VECTOR_ZERO' : 'VECTOR_NOT_FINITE',
    message: `The vector of text ${hash} holds a number that is not finite, or only zeros.`,
  });
}

/** The entries that a commit changes, with what becomes of them; puts apply first, then statuses, then removals. */
function changedBy(commit: BankCommit, current: ReadonlyMap<string, BankEntry>): Map<string, BankEntry | undefined> {
  const next = new Map<string, BankEntry>(current);
  for (const entry of commit.put ?? []) {
    const checked = copyOfValid(entry);
    refuseOtherNamespace(commit, checked);
    next.set(entry.id, checked);
  }
  for (const { id, status } of commit.statuses ?? []) {
    const entry = next.get(id);
    if (entry === undefined) {
      throw new StoreError({
        code: 'ENTRY_UNKNOWN',
        message: `The bank has no entry '${id}' whose status could become '${status}'.`,
      });
    }
    next.set(id, copyOfValid({ ...entry, status }));
  }
  for (const id of commit.remove ?? []) next.delete(id);

  const ids = [
    ...(commit.put ?? []).map(({ id }) => id),
    ...(commit.statuses ?? []).map(({ id }) => id),
    ...(commit.remove ?? []),
  ];
  return new Map(ids.filter((id) => !same(next.get(id), current.get(id))).map((id) => [id, next.get(id)]));
}

function refuseOtherNamespace(commit: BankCommit, entry: BankEntry): void {
  if (entry.namespace === commit.namespace) return;
  throw new StoreError({
    code: 'ENTRY_NAMESPACE',
    message: `The entry '${entry.id}' is of namespace '${entry.namespace}', but the commit is of '${commit.namespace}'.`,
    hint: 'Commit the entries of each namespace apart.',
  });
}

function viewOf(entries: ReadonlyMap<string, BankEntry>, namespace: string, revision: number): BankView {
  const select = (filter: EntryFilter = {}): BankEntry[] =>
    [...entries.values()].filter((entry) => matches(entry, filter));
  return {
    namespace,
    revision,
    get: async (id) => entries.get(id),
    getMany: async (ids) => new Map(ids.flatMap((id) => (entries.has(id) ? [[id, entries.get(id)!]] : []))),
    async *list(filter) {
      yield* select(filter).toSorted((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));
    },
    count: async (filter) => select(filter).length,
    clusters: async (filter) => [...new Set(select(filter).map(({ cluster }) => cluster))].toSorted(),
  };
}

function matches(entry: BankEntry, filter: EntryFilter): boolean {
  return (
    (filter.statuses === undefined || filter.statuses.includes(entry.status)) &&
    (filter.kinds === undefined || filter.kinds.includes(entry.kind)) &&
    (filter.cluster === undefined || entry.cluster === filter.cluster) &&
    (filter.idPrefix === undefined || entry.id.startsWith(filter.idPrefix))
  );
}

function copyOfValid(entry: BankEntry): BankEntry {
  return JSON.parse(JSON.stringify(parse(bankEntrySchema, entry, `entry '${entry.id}'`))) as BankEntry;
}

function same(a: BankEntry | undefined, b: BankEntry | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
