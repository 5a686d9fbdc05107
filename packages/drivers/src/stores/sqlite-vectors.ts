import { StoreError } from '@skillrl/core';

import type { SqliteDatabase } from './sqlite-database.ts';
import { nextSeq } from './sqlite-seq.ts';

interface VectorRow {
  readonly hash: string;
  readonly numbers: Uint8Array;
}

interface EmbedderRow {
  readonly key: number;
  readonly dimensions: number;
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
    'SELECT text_hash AS hash, numbers FROM json_each(?) CROSS JOIN vector ON embedder = ? AND text_hash = value';
  const rows = database.all<VectorRow>(sql, [JSON.stringify(textHashes), embedder.key]);
  for (const { hash, numbers } of rows) found.set(hash, readNumbers(numbers, embedder, embedderId, hash));
}

/** @throws {StoreError} `VECTOR_LENGTH` when the vectors are not all as long as the embedder's others, `VECTOR_INVALID`. */
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
      `INSERT INTO vector (seq, embedder, text_hash, numbers) VALUES (?, ?, ?, ?)
       ON CONFLICT (embedder, text_hash) DO UPDATE SET seq = excluded.seq, numbers = excluded.numbers`,
      [nextSeq(database), embedder.key, hash, numbers],
    );
  }
}

/** Once in the cache it would be taken for a vector for ever. */
function refuseWithoutDirection(vector: Float32Array, hash: string, embedderId: string): void {
  const isFinite = vector.every(Number.isFinite);
  if (isFinite && vector.some((value) => value !== 0)) return;
  throw new StoreError({
    code: 'VECTOR_INVALID',
    message: `The vector of text ${hash} by embedder '${embedderId}' ${isFinite ? 'has no direction: all its numbers are 0' : 'holds a number that is not finite'}.`,
    hint: 'Keep only vectors that can be compared.',
  });
}

function embedderRow(database: SqliteDatabase, id: string): EmbedderRow | undefined {
  return database.get<EmbedderRow>('SELECT key, dimensions FROM embedder WHERE id = ?', [id]);
}

/** Little-endian floats, four bytes each. Bytes that start where no float may are copied. */
function readNumbers(bytes: Uint8Array, { dimensions }: EmbedderRow, embedderId: string, hash: string): Float32Array {
  if (bytes.byteLength !== dimensions * 4) throw wrongLength(embedderId, hash, bytes.byteLength / 4, dimensions);
  return bytes.byteOffset % 4 === 0
    ? new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, dimensions)
    : new Float32Array(bytes.slice().buffer);
}

function wrongLength(embedderId: string, hash: string, length: number, dimensions: number): StoreError {
  return new StoreError({
    code: 'VECTOR_LENGTH',
    message: `The vector of text ${hash} has ${length} numbers, but those of embedder '${embedderId}' have ${dimensions}.`,
    hint: 'An embedder that gives vectors of another length needs a name of its own.',
  });
}
