import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { simd } from './simd.ts';
import { cached, parts, queriesOf, readRows, rowOf, writeFully, type VectorSet } from './vector-set.ts';

/** Vectors that a filtered search allows. */
export interface Subset {
  /** Names it in the cache: equal names allow equal rows. */
  readonly name: string;
  readonly allows: (row: number) => boolean;
}

export const everything: Subset = { name: 'all', allows: () => true };

const candidates = 40;
const block = 4096;

/**
 * The similarity of each query's `limit`-th nearest vector among those allowed (the last one's, where there are fewer), in double precision:
 * what a hit must reach to count as found. So a tie is no miss, whichever of two equal vectors an engine names.
 */
export async function trueNeighbours(set: VectorSet, limit: number, { name, allows }: Subset): Promise<Float64Array> {
  const path = await cached(`${basename(set.path, '.f32')}-${set.count}-nearest-${limit}-${name}.f64`, (file) =>
    writeFully(file, search(set, limit, allows)),
  );
  const bytes = readFileSync(path);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Float32 finds more than enough candidates, double precision decides among them. */
function search(set: VectorSet, limit: number, allows: (row: number) => boolean): Float64Array {
  const { dimensions, queries } = set;
  const rowBytes = Math.ceil(dimensions / 16) * 64;
  const [rowsAt, outAt] = [queries * rowBytes, (queries + block) * rowBytes];
  const { memory, dots } = simd(outAt + block * 4);
  const floats = new Float32Array(memory.buffer);
  const scores = floats.subarray(outAt / 4, outAt / 4 + block);
  const asked = queriesOf(set);
  for (const [query, vector] of asked.entries()) floats.set(vector, (query * rowBytes) / 4);
  const best = asked.map(() => new Best(candidates));
  for (const { first, rows } of parts(set, block)) {
    const allowed: number[] = [];
    for (let row = 0; row < rows.length / dimensions; row += 1) {
      if (!allows(first + row)) continue;
      floats.set(rowOf(rows, row, dimensions), (rowsAt + allowed.length * rowBytes) / 4);
      allowed.push(first + row);
    }
    if (allowed.length === 0) continue;
    for (let query = 0; query < queries; query += 1) {
      dots(query * rowBytes, rowsAt, allowed.length, rowBytes, outAt);
      const own = best[query]!;
      for (let at = 0; at < allowed.length; at += 1) if (scores[at]! > own.least) own.offer(allowed[at]!, scores[at]!);
    }
  }
  return Float64Array.from(best, ({ rows }, query) => {
    const exact = similarities(set, asked[query]!, rows).toSorted((a, b) => b - a);
    return exact[Math.min(limit, exact.length) - 1] ?? Infinity;
  });
}

/** The best few rows by score. */
class Best {
  least = -Infinity;
  rows: number[] = [];
  readonly #scores: number[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  offer(row: number, score: number): void {
    let at = this.rows.length;
    while (at > 0 && this.#scores[at - 1]! < score) at -= 1;
    this.rows.splice(at, 0, row);
    this.#scores.splice(at, 0, score);
    if (this.rows.length > this.#most) {
      this.rows.pop();
      this.#scores.pop();
    }
    if (this.rows.length === this.#most) this.least = this.#scores.at(-1)!;
  }
}

/** Cosines of a query with rows of the file, in double precision. */
export function similarities(set: VectorSet, query: Float32Array, rows: readonly number[]): number[] {
  const row = new Float32Array(set.dimensions);
  return rows.map((at) => {
    readRows(set, at, row);
    let sum = 0;
    for (let position = 0; position < row.length; position += 1) sum += row[position]! * query[position]!;
    return sum;
  });
}

/** Of what should have been found, the share that was. A hit counts once, and when it is as near as the last true neighbour. */
export function recallOf(
  set: VectorSet,
  queries: readonly Float32Array[],
  hits: readonly (readonly number[])[],
  truth: Float64Array,
  wanted: number,
): number {
  let found = 0;
  for (const [query, rows] of hits.entries()) {
    const near = similarities(set, queries[query]!, [...new Set(rows)]).filter(
      (value) => value >= truth[query]! - 1e-6,
    );
    found += Math.min(wanted, near.length);
  }
  return found / (wanted * hits.length);
}
