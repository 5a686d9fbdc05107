import type { Conditions, Embedder, EntryStore, Task, VectorIndex } from '@skillrl/core';

import { canonicalJson } from '../portability/canonical-json.ts';
import { dot } from './exact-vectors.ts';
import type { KnownEntries } from './known-entries.ts';
import type { LexicalIndex } from './lexical-index.ts';

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

export interface FindOptions {
  /** Most hits of each half. */
  readonly limit: number;
  /** Only entries whose conditions this task meets. Default: all. */
  readonly task?: Task;
  /** Gets the ids that the query found and whose conditions the task does not meet. */
  readonly onExcluded?: (id: string) => void;
}

/** What a search looks into. */
export interface Halves {
  readonly known: Pick<KnownEntries, 'get'>;
  readonly lexical: LexicalIndex;
  readonly dense: VectorIndex | undefined;
  readonly embedder: Embedder | undefined;
  readonly entries: EntryStore;
}

/** Entries that either half finds, each with what both have to say of it. */
export async function findEntries(
  { known, lexical, dense, embedder, entries }: Halves,
  query: string,
  vector: Float32Array | undefined,
  { limit, task, onExcluded }: FindOptions,
): Promise<Found[]> {
  const isMet = groupFilter(task) ?? (() => true);
  const isAllowed = (id: string): boolean => isMet(known.get(id)?.group ?? '');
  const byWords = lexical.search(query, {
    limit,
    filter: (id) => {
      const allowed = isAllowed(id);
      if (!allowed) onExcluded?.(id);
      return allowed;
    },
  });
  const byMeaning =
    vector === undefined || dense === undefined ? [] : dense.search(vector, { limit, filter: groupFilter(task) });
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

/** The group that an entry's vector belongs to: entries of equal conditions are searched or left out together. */
export function groupOf(conditions: Conditions | undefined): string {
  return conditions === undefined ? '' : canonicalJson(conditions);
}

function groupFilter(task: Task | undefined): ((group: string) => boolean) | undefined {
  if (task === undefined) return undefined;
  return (group) => meets(task, group === '' ? undefined : (JSON.parse(group) as Conditions));
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
