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

/** Vectors of texts that this embedder has seen; the others are absent. */
export function cachedVectors(
  database: SqliteDatabase,
  embedderId: string,
  textHashes: readonly string[],
): Map<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  const embedder = embedderRow(database, embedderId);
  if (embedder === undefined) return found;
  for (const hash of textHashes) {
    const sql = 'SELECT numbers, crc FROM vector WHERE embedder = ? AND text_hash = ?';
    const row = database.get<VectorRow>(sql, [embedder.key, hash]);
    const vector = row === undefined ? undefined : readNumbers(row, embedder.dimensions);
    if (vector !== undefined) found.set(hash, vector);
  }
  return found;
}

/** @throws {StoreError} `VECTOR_LENGTH` when the vectors are not all as long as the embedder's others; `VECTOR_NOT_FINITE`. */
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
    if (!vector.every(Number.isFinite)) throw notFinite(embedderId, hash);
    const numbers = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
    database.run(
      `INSERT INTO vector (seq, embedder, text_hash, numbers, crc) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (embedder, text_hash) DO UPDATE SET seq = excluded.seq, numbers = excluded.numbers, crc = excluded.crc`,
      [nextSeq(database), embedder.key, hash, numbers, crc32(numbers)],
    );
  }
}

function embedderRow(database: SqliteDatabase, id: string): EmbedderRow | undefined {
  return database.get<EmbedderRow>('SELECT key, dimensions FROM embedder WHERE id = ?', [id]);
}

/**
 * Little-endian floats, four bytes each; `undefined` when they are not what was written: a vector is derived, so a damaged one is absent, and
 * the text is embedded anew. The bytes may start anywhere, so they are copied to where floats may.
 */
export function readNumbers({ numbers, crc }: VectorRow, dimensions: number): Float32Array | undefined {
  if (numbers.byteLength !== dimensions * 4 || crc32(numbers) !== crc) return undefined;
  return new Float32Array(numbers.slice().buffer);
}

function notFinite(embedderId: string, hash: string): StoreError {
  return new StoreError({
    code: 'VECTOR_NOT_FINITE',
    message: `The vector of text ${hash} by embedder '${embedderId}' holds a number that is not finite; none was kept.`,
    hint: 'The embedder that made it is faulty.',
  });
}

function wrongLength(embedderId: string, hash: string, length: number, dimensions: number): StoreError {
  return new StoreError({
    code: 'VECTOR_LENGTH',
    message: `The vector of text ${hash} has ${length} numbers, but those of embedder '${embedderId}' have ${dimensions}.`,
    hint: 'An embedder that gives vectors of another length needs a name of its own.',
  });
}
