import { IndexError } from '@skillrl/core';

/**
 * A copy of the vector with length 1; `undefined` for a zero vector, which has no direction.
 *
 * @throws {IndexError} `VECTOR_LENGTH` or `VECTOR_NOT_FINITE`.
 */
export function unitVector(vector: Float32Array, dimensions: number, what: string): Float32Array | undefined {
  if (vector.length !== dimensions) {
    throw new IndexError({
      code: 'VECTOR_LENGTH',
      message: `The ${what} has ${vector.length} numbers, but the index was made for ${dimensions}.`,
      hint: 'Vectors of one index come from one embedder; rebuild the index when the embedder changes.',
    });
  }
  let squares = 0;
  for (let place = 0; place < dimensions; place += 1) squares += vector[place]! * vector[place]!;
  if (!Number.isFinite(squares)) {
    throw new IndexError({
      code: 'VECTOR_NOT_FINITE',
      message: `The ${what} holds a number that is not finite.`,
      hint: 'The embedder that made it is faulty: no direction can be computed from it.',
    });
  }
  if (squares === 0) return undefined;
  const scale = 1 / Math.sqrt(squares);
  const unit = new Float32Array(dimensions);
  for (let place = 0; place < dimensions; place += 1) unit[place] = vector[place]! * scale;
  return unit;
}

/** @throws {IndexError} as `unitVector`, and `VECTOR_ZERO` for a vector without a direction. */
export function unitVectorOf(id: string, vector: Float32Array, dimensions: number): Float32Array {
  const unit = unitVector(vector, dimensions, `vector of '${id}'`);
  if (unit !== undefined) return unit;
  throw new IndexError({
    code: 'VECTOR_ZERO',
    message: `The vector of '${id}' is zero, so nothing can be near it.`,
    hint: 'The embedder found no words in the text: leave it to lexical search.',
  });
}
