import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Vectors of unit length in one file of float32 rows; the queries come after them and are none of them. */
export interface VectorSet {
  /** What the vectors are, such as `clusters, 384-d`. */
  readonly name: string;
  readonly path: string;
  readonly dimensions: number;
  readonly count: number;
  readonly queries: number;
}

/** Where what is expensive to make is kept between runs; each file's name holds all that it depends on. */
export function cacheFolder(): string {
  const folder = join(tmpdir(), 'skillrl-measure-bank');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The file `name` of the cache, written by `write` when it is not there; a run that ends half way leaves none. */
export async function cached(name: string, write: (file: number) => void | Promise<void>): Promise<string> {
  const path = join(cacheFolder(), name);
  if (existsSync(path)) return path;
  const building = `${path}.${process.pid}`;
  const file = openSync(building, 'w');
  try {
    await write(file);
  } finally {
    closeSync(file);
  }
  renameSync(building, path);
  return path;
}

/** Rows from `first` on, as many as `into` holds. */
export function readRows({ path, dimensions }: VectorSet, first: number, into: Float32Array): void {
  const file = openSync(path, 'r');
  try {
    readFully(file, into, first * dimensions * 4);
  } finally {
    closeSync(file);
  }
}

/** The vectors in parts of at most `size` rows; the array is the same each time. */
export function* parts(
  set: VectorSet,
  size: number,
): Generator<{ readonly first: number; readonly rows: Float32Array }> {
  const all = new Float32Array(Math.min(size, set.count) * set.dimensions);
  for (let first = 0; first < set.count; first += size) {
    const rows = all.subarray(0, Math.min(size, set.count - first) * set.dimensions);
    readRows(set, first, rows);
    yield { first, rows };
  }
}

/** The first `most` queries, each an array of its own. */
export function queriesOf(set: VectorSet, most = set.queries): Float32Array[] {
  const rows = new Float32Array(Math.min(most, set.queries) * set.dimensions);
  readRows(set, set.count, rows);
  return Array.from({ length: rows.length / set.dimensions }, (_, at) => rowOf(rows, at, set.dimensions).slice());
}

export function rowOf(rows: Float32Array, at: number, dimensions: number): Float32Array {
  return rows.subarray(at * dimensions, (at + 1) * dimensions);
}

export function writeFully(file: number, numbers: NodeJS.ArrayBufferView): void {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done);
}

function readFully(file: number, numbers: Float32Array, position: number): void {
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  for (let done = 0; done < bytes.length;) {
    const read = readSync(file, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new Error('The file of vectors is shorter than it should be: remove it and run again.');
    done += read;
  }
}
