import type { VectorIndex } from '@skillrl/core';

import { IndexCore } from './index-core.ts';

export interface FlatOptions {
  /** Length of the vectors, 1 to 65,536. */
  readonly dimensions: number;
}

/**
 * The exact index: compares the query with every allowed vector, first in 7 bits a number, then, where the bounds of that leave it open, in
 * full precision. Best up to some ten thousand vectors, or under a narrow filter.
 *
 * @throws {IndexError} `DIMENSIONS_INVALID`
 */
export function flat({ dimensions }: FlatOptions): VectorIndex {
  return new IndexCore({
    dimensions,
    when: 'never',
    prefer: 'cheaper',
    exactUpTo: Infinity,
    m: 0,
    efConstruction: 0,
    compactAbove: 1,
  });
}
