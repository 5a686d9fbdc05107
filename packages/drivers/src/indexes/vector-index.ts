import type { VectorIndex } from '@skillrl/core';

import { flat } from './flat.ts';
import { hnsw } from './hnsw.ts';
import { isHnswAvailable } from './load-hnswlib.ts';

export interface VectorIndexOptions {
  /** Length of the vectors. */
  readonly dimensions: number;
  /** With more vectors than this the index becomes approximate, where hnswlib-node is available. Default 20,000. */
  readonly exactUpTo?: number;
}

/**
 * The index that suits its size: exact while it is small, approximate above; exact for good where hnswlib-node is not available.
 *
 * The call of `add` that goes beyond `exactUpTo` builds the graph: about a third of a millisecond a vector, once.
 */
export function vectorIndex({ dimensions, exactUpTo = 20_000 }: VectorIndexOptions): VectorIndex {
  return isHnswAvailable() ? hnsw({ dimensions, exactUpTo }) : flat({ dimensions });
}
