import { IndexError, type VectorHit, type VectorIndex } from '@skillrl/core';

/** An exact index in plain memory: for banks of some thousand entries, and where no driver was given one. */
export function exactVectors(dimensions: number): VectorIndex {
  const vectors = new Map<string, Float32Array>();
  return {
    kind: 'exact',
    dimensions,
    get size() {
      return vectors.size;
    },
    add: (items) => {
      for (const { id, vector } of items) check(vector, dimensions, `vector of '${id}'`, true);
      for (const { id, vector } of items) vectors.set(id, unit(vector));
    },
    remove: (ids) => {
      for (const id of ids) vectors.delete(id);
    },
    search: (vector, { limit, filter = () => true }) => {
      check(vector, dimensions, 'query', false);
      refuseLimit(limit);
      if (isZero(vector)) return [];
      const query = unit(vector);
      const hits: VectorHit[] = [];
      for (const [id, candidate] of vectors) {
        // Rounding can carry the product of two unit vectors a little beyond 1.
        if (filter(id)) hits.push({ id, similarity: Math.max(-1, Math.min(1, dot(query, candidate))) });
      }
      return hits.toSorted((a, b) => b.similarity - a.similarity || (a.id < b.id ? -1 : 1)).slice(0, limit);
    },
    close: () => vectors.clear(),
  };
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

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector.slice() : vector.map((value) => value / length);
}
