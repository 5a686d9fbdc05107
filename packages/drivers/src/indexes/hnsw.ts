import type { VectorIndex } from '@skillrl/core';

import { IndexCore } from './index-core.ts';
import { loadHnswlib } from './load-hnswlib.ts';

export interface HnswOptions {
  /** Length of the vectors, 1 to 65,536. */
  readonly dimensions: number;
  /** Neighbours a node keeps; memory and quality. Default 16. */
  readonly m?: number;
  /** Candidates looked at when a vector is added; build time and quality. Default 100. */
  readonly efConstruction?: number;
  /** Candidates looked at by a search, ≥ 1; time and recall. Never fewer than asked for. Default 64. */
  readonly ef?: number;
  /** The graph is built anew when more than this share of its nodes are deleted ones. Default .3. */
  readonly compactAbove?: number;
}

/**
 * The approximate index: a navigable graph in hnswlib-node, of which every addition waits until it is in. Recall .99 and more up to 100,000
 * vectors; from about 20,000 on faster than the exact one. `vectorIndex` has both.
 *
 * A filter never enters native code, where what it throws would end the process: more candidates are taken and filtered here, and when
 * too few are left, the allowed vectors are searched exactly.
 *
 * @throws {IndexError} `DIMENSIONS_INVALID` @throws {UnsupportedError} `HNSW_UNAVAILABLE` where hnswlib-node is not installed or was not compiled.
 */
export function hnsw({ m = 16, efConstruction = 100, compactAbove = 0.3, ...options }: HnswOptions): VectorIndex {
  loadHnswlib();
  return new IndexCore({
    ...options,
    m,
    efConstruction,
    compactAbove,
    when: 'at once',
    prefer: 'graph for all',
    exactUpTo: 0,
  });
}
