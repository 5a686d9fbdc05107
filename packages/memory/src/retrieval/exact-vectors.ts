import {
  IndexError,
  type SavedVectorIndex,
  type VectorExplanation,
  type VectorIndex,
  type VectorSearchOptions,
} from '@skillrl/core';

import { packColumns, readColumns } from './columns.ts';

interface Kept {
  readonly unit: Float32Array;
  readonly group: string;
}

/** An exact index in plain memory: for banks of some thousand entries, and where no driver was given one. */
export function exactVectors(dimensions: number, vectors = new Map<string, Kept>()): VectorIndex {
  function explain(vector: Float32Array, { limit, filter = () => true }: VectorSearchOptions): VectorExplanation {
    check(vector, dimensions, 'query', false);
    refuseLimit(limit);
    const how = { engine: 'flat', reason: 'this index only compares every vector' } as const;
    if (isZero(vector)) return { ...how, hits: [], allowed: 0, looked: 0, rescored: 0 };
    const query = unitOf(vector);
    const groups = new Set([...vectors.values()].map(({ group }) => group));
    const allowed = new Set([...groups].filter((group) => filter(group)));
    const hits = [...vectors]
      .filter(([, { group }]) => allowed.has(group))
      // Rounding can carry the product of two unit vectors a little beyond 1.
      .map(([id, { unit }]) => ({ id, similarity: Math.max(-1, Math.min(1, dot(query, unit))) }))
      .toSorted((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1));
    return { ...how, hits: hits.slice(0, limit), allowed: hits.length, looked: hits.length, rescored: hits.length };
  }

  return {
    kind: 'exact',
    dimensions,
    get size() {
      return vectors.size;
    },
    add: (items) => {
      for (const { id, vector } of items) check(vector, dimensions, `vector of '${id}'`, true);
      for (const { id, vector, group = '' } of items) vectors.set(id, { unit: unitOf(vector), group });
    },
    remove: (ids) => {
      for (const id of ids) vectors.delete(id);
    },
    search: (vector, options) => [...explain(vector, options).hits],
    explain,
    vectorOf: (id) => vectors.get(id)?.unit.slice(),
    save: (write) => write({ rows: packRows(vectors, dimensions) }),
    close: () => vectors.clear(),
  };
}

/** A new exact index in plain memory, or the one that was saved. @throws {IndexError} `SAVED_INDEX_MISFIT` */
export async function openExactVectors(dimensions: number, saved?: SavedVectorIndex): Promise<VectorIndex> {
  return exactVectors(dimensions, await savedVectors(dimensions, saved));
}

function packRows(vectors: ReadonlyMap<string, Kept>, dimensions: number): Uint8Array[] {
  const numbers = new Float32Array(vectors.size * dimensions);
  let row = 0;
  for (const { unit } of vectors.values()) {
    numbers.set(unit, row * dimensions);
    row += 1;
  }
  return packColumns({ ids: [...vectors.keys()], groups: Array.from(vectors.values(), ({ group }) => group), numbers });
}

async function savedVectors(dimensions: number, saved: SavedVectorIndex | undefined): Promise<Map<string, Kept>> {
  const vectors = new Map<string, Kept>();
  if (saved === undefined) return vectors;
  const rows = saved['rows'];
  try {
    if (rows === undefined) throw new RangeError("there is no part 'rows'");
    const columns = readColumns(await rows.bytes());
    const ids = columns.texts('ids');
    const groups = columns.texts('groups', ids.length);
    const numbers = columns.numbers('numbers', 'f32', ids.length * dimensions);
    for (const [row, id] of ids.entries()) {
      const unit = numbers.subarray(row * dimensions, (row + 1) * dimensions);
      vectors.set(id!, { unit, group: groups[row]! });
    }
    return vectors;
  } catch (cause) {
    throw new IndexError({
      code: 'SAVED_INDEX_MISFIT',
      message: `What was saved is no exact index of ${dimensions} dimensions: ${String(cause)}`,
      cause,
    });
  }
}

function check(vector: Float32Array, dimensions: number, what: string, needsDirection: boolean): void {
  const isValid = vector.length === dimensions && vector.every(Number.isFinite);
  if (isValid && !(needsDirection && isZero(vector))) return;
  throw new IndexError({
    code: 'VECTOR_INVALID',
    message: `The ${what} must be ${dimensions} finite numbers${needsDirection ? ', not all of them zero' : ''}.`,
  });
}

function refuseLimit(limit: number): void {
  if (limit >= 1 && (Number.isInteger(limit) || limit === Infinity)) return;
  throw new IndexError({
    code: 'LIMIT_INVALID',
    message: `A search was asked for ${limit} hits: the limit must be a whole number ≥ 1.`,
  });
}

/** Whether a vector has no direction, as that of a text without any known word. */
export function isZero(vector: Float32Array): boolean {
  return vector.every((value) => value === 0);
}

/** Cosine similarity of two vectors of unit length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!;
  return sum;
}

/** The vector scaled to length 1; a zero vector stays one. */
export function unitOf(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector.slice() : vector.map((value) => value / length);
}
