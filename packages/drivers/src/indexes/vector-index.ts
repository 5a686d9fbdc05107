import type { CreateVectorIndex, SavedVectorIndex, VectorIndex } from '@skillrl/core';

import { IndexCore, restoreIndexCore, type IndexCoreOptions } from './index-core.ts';

export interface VectorIndexOptions {
  /** Length of the vectors, 1 to 65,536. */
  readonly dimensions: number;
  /** With more vectors than this a graph is built, where hnswlib-node is available. Default 20,000. */
  readonly exactUpTo?: number;
  /** For the file in which the graph comes from the worker that built it; as large as the vectors. Default: the system's folder for temporary files. */
  readonly folder?: string;
}

/** An index that works on in the background. */
export interface SettlingVectorIndex extends VectorIndex {
  /** Resolves when the background has nothing left to do: the graph has every vector. */
  settled(): Promise<void>;
}

/**
 * The index that suits its size and each search: every vector is there to be compared exactly; above `exactUpTo` a graph stands beside them,
 * built in a worker thread while the exact search serves. A search takes what is expected to be faster for its limit and filter.
 * Exact for good where hnswlib-node is not available.
 *
 * @throws {IndexError} `DIMENSIONS_INVALID`
 */
export function vectorIndex(options: VectorIndexOptions): SettlingVectorIndex {
  return new IndexCore(coreOptions(options));
}

/**
 * Restores an index that was saved: it answers at once, and its graph follows.
 *
 * @throws {IndexError} `DIMENSIONS_INVALID`; `SAVED_INDEX_MISFIT` when it was not saved by such an index of this version, of such vectors.
 */
export function restoreVectorIndex(options: VectorIndexOptions, saved: SavedVectorIndex): Promise<SettlingVectorIndex> {
  return restoreIndexCore(coreOptions(options), saved);
}

/** A new `vectorIndex`, or the one that was saved: what a memory is given to make its indexes with. */
export const createVectorIndex: CreateVectorIndex = (dimensions, saved) =>
  saved === undefined ? vectorIndex({ dimensions }) : restoreVectorIndex({ dimensions }, saved);

/** How `vectorIndex` sets up its core. */
export function coreOptions({ exactUpTo = 20_000, ...options }: VectorIndexOptions): IndexCoreOptions {
  return {
    ...options,
    exactUpTo,
    when: 'in background',
    prefer: 'cheaper',
    m: 16,
    efConstruction: 100,
    compactAbove: 0.3,
  };
}
