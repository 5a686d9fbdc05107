/** A vector under a name. */
export interface VectorItem {
  readonly id: string;
  /** `dimensions` finite numbers; compared by cosine. */
  readonly vector: Float32Array;
}

export interface VectorHit {
  readonly id: string;
  /** Cosine similarity in [−1, 1]; 1 is identical direction. */
  readonly similarity: number;
}

export interface VectorSearchOptions {
  /** How many hits at the most: a whole number ≥ 1, or Infinity. */
  readonly limit: number;
  /** Keeps only ids it returns true for. What it throws reaches the caller, and the process lives on. */
  readonly filter?: (id: string) => boolean;
}

/** Nearest neighbours by cosine. Derived from the store: it may be thrown away and rebuilt at any time. */
export interface VectorIndex {
  /** `flat`: exact; `hnsw`: approximate. */
  readonly kind: string;
  readonly dimensions: number;
  /** How many vectors answer searches. */
  readonly size: number;
  /** Adds vectors; an id that is already there is replaced. @throws {IndexError} on a wrong length, a zero vector or a number that is not finite, nothing added. */
  add(items: readonly VectorItem[]): void;
  /** Removes ids; unknown ones are ignored. */
  remove(ids: readonly string[]): void;
  /** @returns hits by falling similarity, ties by id; none for a zero vector. @throws {IndexError} on a wrong length, a number that is not finite, or such a limit. */
  search(vector: Float32Array, options: VectorSearchOptions): VectorHit[];
  close(): void;
}
