import type { VectorHit, VectorIndex } from '../../../../packages/core/src/index.ts';
import type { SettlingVectorIndex } from '../../../../packages/drivers/src/index.ts';
import type { Engine } from './engine.ts';

/** An index of ours behind its public port. */
export function ours(index: VectorIndex & Partial<SettlingVectorIndex>): Engine<Float32Array, VectorHit[]> {
  return {
    add: (first, rows) => index.add(rows.map((vector, at) => ({ id: String(first + at), vector }))),
    finish: () => index.settled?.(),
    query: (vector) => vector,
    search: (query, limit) => index.search(query, { limit }),
    rows: (hits) => hits.map(({ id }) => Number(id)),
    close: () => index.close(),
  };
}
