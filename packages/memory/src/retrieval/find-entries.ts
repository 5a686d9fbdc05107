import type { Conditions, Task, VectorExplanation, VectorIndex } from '@skillrl/core';

import { canonicalJson } from '../portability/canonical-json.ts';
import { dot, unitOf } from './exact-vectors.ts';
import type { LexicalHit, LexicalIndex, LexicalTerm } from './lexical-index.ts';

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
  /** Also tells how the search went. Default `false`. */
  readonly isExplained?: boolean;
}

/** How a search went. */
export interface SearchExplanation {
  /** The query's terms, the rarest first. */
  readonly terms: readonly LexicalTerm[];
  /** The vector search, but for its hits; absent when there was none. */
  readonly vectors?: Omit<VectorExplanation, 'hits'>;
  /** What the words find among entries whose conditions the task does not meet, best first. */
  readonly excluded: readonly LexicalHit[];
}

/** What a search looks into. */
export interface Halves {
  readonly lexical: LexicalIndex;
  readonly dense: VectorIndex | undefined;
  /** Whether an entry still waits for its vector. */
  readonly isWaiting: (id: string) => boolean;
}

/** Entries that either half finds, each with what both have to say of it. */
export function findEntries(
  { lexical, dense, isWaiting }: Halves,
  query: string,
  vector: Float32Array | undefined,
  { limit, task, isExplained = false }: FindOptions,
): { readonly found: Found[]; readonly explanation?: SearchExplanation } {
  const filter = task === undefined ? undefined : filterFor(task);
  const byWords = lexical.search(query, { limit, filter });
  const vectors = vector === undefined ? undefined : dense;
  const search = isExplained ? vectors?.explain(vector!, { limit, filter }) : undefined;
  const byMeaning = search?.hits ?? vectors?.search(vector!, { limit, filter }) ?? [];

  const found = new Map<string, Mutable>();
  for (const [position, { id, score }] of byWords.entries()) {
    found.set(id, newHit(id, position + 1, score));
  }
  for (const [position, { id, similarity }] of byMeaning.entries()) {
    let hit = found.get(id);
    if (hit === undefined) found.set(id, (hit = newHit(id)));
    hit.denseRank = position + 1;
    hit.similarity = similarity;
  }
  const hits = [...found.values()];
  const coverages = lexical.coverage(query, [...found.keys()]);
  for (const [position, coverage] of coverages.entries()) hits[position]!.coverage = coverage;
  if (vectors !== undefined) addSimilarities(hits, unitOf(vector!), vectors, isWaiting);
  if (!isExplained) return { found: hits };

  const excluded = filter === undefined ? [] : lexical.search(query, { limit, filter: (group) => !filter(group) });
  return {
    found: hits,
    explanation: { terms: lexical.terms(query), vectors: search && howOf(search), excluded },
  };
}

function howOf({ engine, allowed, looked, rescored, reason }: VectorExplanation): Omit<VectorExplanation, 'hits'> {
  return { engine, allowed, looked, rescored, reason };
}

type Mutable = { -readonly [Key in keyof Found]: Found[Key] };

/** A hit with all its fields, for objects of one shape are faster. */
function newHit(id: string, lexicalRank?: number, bm25?: number): Mutable {
  return { id, lexicalRank, bm25, denseRank: undefined, similarity: undefined, coverage: 0 };
}

/** What only words found is compared as well: a score without a similarity would stand beside scores with one. */
function addSimilarities(
  hits: readonly Mutable[],
  unit: Float32Array,
  dense: VectorIndex,
  isWaiting: (id: string) => boolean,
): void {
  for (const hit of hits) {
    if (hit.similarity !== undefined) continue;
    const own = dense.vectorOf(hit.id);
    if (own !== undefined) hit.similarity = dot(unit, own);
    // A text without any known word has no direction: it is like nothing.
    else if (!isWaiting(hit.id)) hit.similarity = 0;
  }
}

/** The group that an entry belongs to in both halves: entries of equal conditions are searched or left out together. */
export function groupOf(conditions: Conditions | undefined): string {
  return conditions === undefined ? '' : canonicalJson(conditions);
}

/** What groups stand for, each read once for as long as they are not too many. */
const conditionsByGroup = new Map<string, Conditions>();
const mostGroups = 100_000;

function conditionsOf(group: string): Conditions | undefined {
  if (group === '') return undefined;
  let conditions = conditionsByGroup.get(group);
  if (conditions === undefined) {
    if (conditionsByGroup.size >= mostGroups) conditionsByGroup.clear();
    conditions = JSON.parse(group) as Conditions;
    conditionsByGroup.set(group, conditions);
  }
  return conditions;
}

type Filter = (group: string) => boolean;

/** Filters by what conditions ask of a task: the same one for tasks that are alike in it, so that the halves know it again. */
const filters = new Map<string, Filter>();
const mostFilters = 1_000;

function filterFor({ environment, family, type }: Task): Filter {
  const key = JSON.stringify([environment, family, type]);
  let filter = filters.get(key);
  if (filter === undefined) {
    if (filters.size >= mostFilters) filters.clear();
    filter = (group) => meets({ environment, family, type }, conditionsOf(group));
    filters.set(key, filter);
  }
  return filter;
}

/** Every list that is present must contain the task's value. */
export function meets(
  task: Pick<Task, 'environment' | 'family' | 'type'>,
  conditions: Conditions | undefined,
): boolean {
  const { environments, families, types } = conditions ?? {};
  return (
    (environments === undefined || environments.includes(task.environment)) &&
    (families === undefined || (task.family !== undefined && families.includes(task.family))) &&
    (types === undefined || (task.type !== undefined && types.includes(task.type)))
  );
}
