import type { VectorIndex } from '@skillrl/core';

import { unitVector, unitVectorOf } from './unit-vector.ts';
import { VectorRows } from './vector-rows.ts';

export interface FlatOptions {
  /** Length of the vectors. */
  readonly dimensions: number;
}

/** The exact index: compares the query with every vector. Best up to some ten thousand vectors, or under a narrow filter. */
export function flat({ dimensions }: FlatOptions): VectorIndex {
  const rows = new VectorRows(dimensions);
  return {
    kind: 'flat',
    dimensions,
    get size() {
      return rows.size;
    },
    add: (items) => {
      const checked = items.map(({ id, vector }) => [id, unitVectorOf(id, vector, dimensions)] as const);
      for (const [id, unit] of checked) rows.set(id, unit);
    },
    remove: (ids) => {
      for (const id of ids) rows.delete(id);
    },
    search: (vector, { limit, filter }) => {
      const unit = unitVector(vector, dimensions, 'query');
      return unit === undefined ? [] : rows.nearest(unit, limit, filter);
    },
    close: () => rows.clear(),
  };
}
