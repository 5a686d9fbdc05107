import { seededRandom } from '../../../packages/testing/src/seeded-random.ts';
import { cached, rowOf, writeFully, type VectorSet } from './vector-set.ts';

export interface ClusteredVectorsOptions {
  readonly dimensions: number;
  readonly count: number;
  readonly queries: number;
}

const clusters = 2000;
const latent = 48;
/** Spread within a cluster beside the spread of the centres, which is 1. */
const within = 0.6;
/** Deviation of the noise in each dimension beside a projected point's, which is about 1. */
const noise = 0.15;

/**
 * A mixture of 2,000 Gaussian clusters in 48 dimensions, projected at random, with isotropic noise, of unit length. The same for the same
 * options, and a smaller set is the beginning of a larger one. Among 10,000 a cluster has five points, so that ten neighbours come from
 * several clusters: it is the harder set.
 */
export async function clusteredVectors(options: ClusteredVectorsOptions): Promise<VectorSet> {
  const { dimensions, count, queries } = options;
  const path = await cached(`clusters-1-${dimensions}-${count}-${queries}.f32`, (file) => {
    const next = makeVectors(dimensions, 1);
    const part = new Float32Array(1000 * dimensions);
    for (let first = 0; first < count; first += 1000) {
      const rows = Math.min(1000, count - first);
      for (let row = 0; row < rows; row += 1) next(rowOf(part, row, dimensions));
      writeFully(file, part.subarray(0, rows * dimensions));
    }
    // Other draws from the same clusters, whatever the count.
    const nextQuery = makeVectors(dimensions, 2);
    const row = new Float32Array(dimensions);
    for (let query = 0; query < queries; query += 1) {
      nextQuery(row);
      writeFully(file, row);
    }
  });
  return { name: `clusters, ${dimensions}-d`, path, ...options };
}

/** Writes one vector after another; clusters and projection are the same for every `draw`. */
function makeVectors(dimensions: number, draw: number): (into: Float32Array) => void {
  const fixed = normals(seededRandom(7));
  const centres = Float64Array.from({ length: clusters * latent }, fixed);
  const projection = Float64Array.from({ length: latent * dimensions }, () => fixed() / Math.sqrt(latent));
  // Noise is read from a long table at a random place: a million vectors of 384 draws of their own would take minutes.
  const table = Float64Array.from({ length: 2 ** 20 }, () => noise * fixed());
  const random = seededRandom(1000 + draw);
  const normal = normals(random);
  const sums = new Float64Array(dimensions);
  return (into) => {
    const centre = Math.floor(random() * clusters) * latent;
    const place = Math.floor(random() * (table.length - dimensions));
    for (let at = 0; at < dimensions; at += 1) sums[at] = table[place + at]!;
    for (let from = 0; from < latent; from += 1) {
      const value = centres[centre + from]! + within * normal();
      const row = from * dimensions;
      for (let at = 0; at < dimensions; at += 1) sums[at] = sums[at]! + value * projection[row + at]!;
    }
    let squares = 0;
    for (let at = 0; at < dimensions; at += 1) squares += sums[at]! ** 2;
    const scale = 1 / Math.sqrt(squares);
    for (let at = 0; at < dimensions; at += 1) into[at] = sums[at]! * scale;
  };
}

/** Normally distributed numbers, after Box and Muller. */
function normals(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
