import type { VectorExplanation, VectorIndex, VectorSearchOptions } from '@skillrl/core';

import { unitVector, unitVectorOf } from './unit-vector.ts';
import { VectorRows } from './vector-rows.ts';

export interface FlatOptions {
  /** Length of the vectors. */
  readonly dimensions: number;
}

/** The exact index: compares the query with every vector. Best up to some ten thousand vectors, or under a narrow filter. */
export function flat({ dimensions }: FlatOptions): VectorIndex {
  const rows = new VectorRows(dimensions);
  function explain(vector: Float32Array, { limit, filter }: VectorSearchOptions): VectorExplanation {
    const unit = unitVector(vector, dimensions, 'query');
    const isAllowed = rows.byId(filter);
    const allowed = rows.allowed(isAllowed);
    const hits = unit === undefined ? [] : rows.nearest(unit, limit, isAllowed);
    return {
      hits,
      engine: 'flat',
      allowed,
      looked: allowed,
      rescored: allowed,
      reason: 'this index only compares every vector',
    };
  }
  return {
    kind: 'flat',
    dimensions,
    get size() {
      return rows.size;
    },
    add: (items) => {
      const checked = items.map(({ id, vector, group = '' }) => ({
        id,
        unit: unitVectorOf(id, vector, dimensions),
        group,
      }));
      for (const { id, unit, group } of checked) rows.set(id, unit, group);
    },
    remove: (ids) => {
      for (const id of ids) rows.delete(id);
    },
    search: (vector, options) => [...explain(vector, options).hits],
    explain,
    vectorOf: (id) => rows.unitOf(id),
    close: () => rows.clear(),
  };
}
