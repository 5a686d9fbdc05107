import type { Embedder } from '../../../packages/core/src/index.ts';
import { seededRandom } from '../../../packages/testing/src/index.ts';

/** An embedder whose vectors are carried into a space of more dimensions; similarities stay what they were. */
export function carriedEmbedder(embedder: Embedder, dimensions: number): Embedder {
  if (dimensions === embedder.dimensions) return embedder;
  const axes = orthonormal(embedder.dimensions, dimensions);
  const carried = (vector: Float32Array): Float32Array => {
    const larger = new Float32Array(dimensions);
    for (const [axis, weight] of vector.entries()) {
      const direction = axes[axis]!;
      for (let at = 0; at < dimensions; at += 1) larger[at]! += weight * direction[at]!;
    }
    return larger;
  };
  return {
    id: `${embedder.id} in ${dimensions}`,
    dimensions,
    embed: async (texts, options) => (await embedder.embed(texts, options)).map(carried),
  };
}

/** So many random directions at right angles, each of length 1. */
function orthonormal(count: number, dimensions: number): Float32Array[] {
  const random = seededRandom(11);
  const axes: Float32Array[] = [];
  while (axes.length < count) {
    const axis = Float32Array.from({ length: dimensions }, () => random() + random() + random() - 1.5);
    for (const other of axes) add(axis, other, -dot(axis, other));
    const length = Math.sqrt(dot(axis, axis));
    axes.push(axis.map((value) => value / length));
  }
  return axes;
}

function add(to: Float32Array, other: Float32Array, weight: number): void {
  for (let at = 0; at < to.length; at += 1) to[at]! += weight * other[at]!;
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}
