import type { IndexPart, SavedPart } from './saved-index-store.ts';

/** A vector under a name. */
export interface VectorItem {
  readonly id: string;
  /** `dimensions` finite numbers, not all zero; compared by cosine. */
  readonly vector: Float32Array;
  /** What filters decide by: vectors of one group are allowed or left out together. Default `''`. */
  readonly group?: string;
}

export interface VectorHit {
  readonly id: string;
  /** Cosine similarity in [−1, 1]; 1 is identical direction. */
  readonly similarity: number;
}

export interface VectorSearchOptions {
  /** How many hits at the most: a whole number ≥ 1, or Infinity. */
  readonly limit: number;
  /**
   * Keeps only groups it returns true for; asked once for each distinct group, and perhaps not again by a later search with the same function.
   * What it throws reaches the caller, and the process lives on.
   */
  readonly filter?: (group: string) => boolean;
}

/** A search's hits and how they were found. */
export interface VectorExplanation {
  readonly hits: readonly VectorHit[];
  /** `flat`: every allowed vector was compared, the hits are exact; `hnsw`: a graph was walked. */
  readonly engine: 'flat' | 'hnsw';
  /** How many vectors the filter allows. */
  readonly allowed: number;
  /** How many were compared with the query, in whatever precision; of a graph, the candidates it was asked for. */
  readonly looked: number;
  /** How many of these were compared again in full precision. */
  readonly rescored: number;
  /** Why this engine: one sentence. */
  readonly reason: string;
}

/** What keeps an index. The names are the index's own. */
export type VectorIndexParts = Readonly<Record<string, IndexPart>>;

/** What was kept, verified to be what was saved. */
export type SavedVectorIndex = Readonly<Record<string, SavedPart>>;

/**
 * Makes an index: a new, empty one, or the one that was saved.
 *
 * @throws {IndexError} `DIMENSIONS_INVALID`; `SAVED_INDEX_MISFIT` when what was saved is not of such an index: build it anew.
 */
export type CreateVectorIndex = (dimensions: number, saved?: SavedVectorIndex) => VectorIndex | Promise<VectorIndex>;

/** Nearest neighbours by cosine. Derived from the store: it may be thrown away and rebuilt at any time. */
export interface VectorIndex {
  /** `flat`: exact; `hnsw`: approximate. */
  readonly kind: string;
  readonly dimensions: number;
  /** How many vectors answer searches. */
  readonly size: number;
  /** Adds vectors; an id that is already there is replaced, its group too. @throws {IndexError} on a wrong length, a zero vector or a number that is not finite, nothing added. */
  add(items: readonly VectorItem[]): void;
  /** Removes ids; unknown ones are ignored. */
  remove(ids: readonly string[]): void;
  /** @returns hits by falling similarity, ties by id; none for a zero vector. @throws {IndexError} on a wrong length, a number that is not finite, or such a limit. */
  search(vector: Float32Array, options: VectorSearchOptions): VectorHit[];
  /** The same search, and how it went. */
  explain(vector: Float32Array, options: VectorSearchOptions): VectorExplanation;
  /** A copy of an id's vector, scaled to length 1. */
  vectorOf(id: string): Float32Array | undefined;
  /**
   * Gives `write` what the index is at this moment, and returns what it returns. The index stays usable: what changes before `write` has
   * ended is searched but not part of the save. One save at a time. Absent: this index cannot be saved and is built anew.
   */
  save?<Result>(write: (parts: VectorIndexParts) => Promise<Result>): Promise<Result>;
  close(): void;
}
