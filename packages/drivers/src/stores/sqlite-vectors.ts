import { crc32 } from 'node:zlib';

import { StoreError } from '@skillrl/core';

import type { SqliteDatabase } from './sqlite-database.ts';
import { nextSeq } from './sqlite-seq.ts';

interface EmbedderRow {
  readonly key: number;
  readonly dimensions: number;
}

/** A row of `vector`: its numbers, and the crc32 of them. */
export interface VectorRow {
  readonly numbers: Uint8Array;
  readonly crc: number;
}

/** Puts the vectors of those texts that this embedder has seen into `found`. */
export function findCachedVectors(
  database: SqliteDatabase,
  embedderId: string,
  textHashes: readonly string[],
  found: Map<string, Float32Array>,
): void {
  const embedder = embedderRow(database, embedderId);
  if (embedder === undefined) return;
  const sql =
    'SELECT text_hash AS hash, numbers, crc FROM json_each(?) CROSS JOIN vector ON embedder = ? AND text_hash = value';
  const rows = database.all<VectorRow & { readonly hash: string }>(sql, [JSON.stringify(textHashes), embedder.key]);
  for (const row of rows) {
    const vector = readNumbers(row, embedder.dimensions);
    if (vector !== undefined) found.set(row.hash, vector);
  }
}

/** @throws {StoreError} `VECTOR_LENGTH` when the vectors are not all as long as the embedder's others; `VECTOR_NOT_FINITE`; `VECTOR_ZERO`. */
export function cacheVectors(
  database: SqliteDatabase,
  embedderId: string,
  vectors: ReadonlyMap<string, Float32Array>,
): void {
  let embedder = embedderRow(database, embedderId);
  for (const [hash, vector] of vectors) {
    embedder ??= database.get<EmbedderRow>(
      'INSERT INTO embedder (id, dimensions) VALUES (?, ?) RETURNING key, dimensions',
      [embedderId, vector.length],
    )!;
    if (vector.length !== embedder.dimensions) throw wrongLength(embedderId, hash, vector.length, embedder.dimensions);
    refuseWithoutDirection(vector, hash, embedderId);
    const numbers = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    database.run(
      `INSERT INTO vector (seq, embedder, text_hash, numbers, crc) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (embedder, text_hash) DO UPDATE SET seq = excluded.seq, numbers = excluded.numbers, crc = excluded.crc`,
      [nextSeq(database), embedder.key, hash, numbers, crc32(numbers)],
    );
  }
}

/** Once in the cache it would be taken for a vector for ever. */
function refuseWithoutDirection(vector: Float32Array, hash: string, embedderId: string): void {
  const isFinite = vector.every(Number.isFinite);
  if (isFinite && vector.some((value) => value !== 0)) return;
  throw new StoreError({
    code: isFinite ? 'VECTOR_ZERO' : 'VECTOR_NOT_FINITE',
    message: `The vector of text ${hash} by embedder '${embedderId}' ${isFinite ? 'has no direction: all its numbers are 0' : 'holds a number that is not finite'}; none was kept.`,
    hint: isFinite ? 'Keep only vectors that can be compared.' : 'The embedder that made it is faulty.',
  });
}

function embedderRow(database: SqliteDatabase, id: string): EmbedderRow | undefined {
  return database.get<EmbedderRow>('SELECT key, dimensions FROM embedder WHERE id = ?', [id]);
}

/**
 * Little-endian floats, four bytes each; `undefined` when they are not what was written: a vector is derived, so a damaged one is absent, and
 * the text is embedded anew. Bytes that start where no float may are copied.
 */
export function readNumbers({ numbers, crc }: VectorRow, dimensions: number): Float32Array | undefined {
  if (numbers.byteLength !== dimensions * 4 || crc32(numbers) !== crc) return undefined;
  return numbers.byteOffset % 4 === 0
    ? new Float32Array(numbers.buffer as ArrayBuffer, numbers.byteOffset, dimensions)
    : new Float32Array(numbers.slice().buffer);
}

function wrongLength(embedderId: string, hash: string, length: number, dimensions: number): StoreError {
  return new StoreError({
    code: 'VECTOR_LENGTH',
    message: `The vector of text ${hash} has ${length} numbers, but those of embedder '${embedderId}' have ${dimensions}.`,
    hint: 'An embedder that gives vectors of another length needs a name of its own.',
  });
}
