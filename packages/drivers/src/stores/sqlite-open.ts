import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '@skillrl/core';

import { readAcknowledged, refuseLostWrites } from './acknowledged.ts';
import { loadSqlite } from './load-sqlite.ts';
import { isBusy, storeError } from './sqlite-error.ts';
import { applicationId, lastSeqSql, schema, schemaVersion } from './sqlite-schema.ts';

/**
 * Opens the database's file, and makes it, its folder and its tables where they are not there.
 *
 * @throws {StoreError} when the file cannot be opened, is damaged, lacks acknowledged writes, or was made by another program or another version of this one.
 */
export function openConnection(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  let connection: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const last = readAcknowledged(path);
    connection = new DatabaseSync(path);
    prepareConnection(connection, path);
    refuseLostWrites(path, last, lastSeqOf(connection));
    return connection;
  } catch (error) {
    connection?.close();
    throw storeError('open the store', path, error);
  }
}

/** How long opening waits for other processes. It may wait: nothing else of the program runs yet. */
const openTimeoutMs = 5000;

function prepareConnection(connection: DatabaseSync, path: string): void {
  connection.exec(`PRAGMA busy_timeout = ${openTimeoutMs}`);
  refuseForeign(connection, path);
  // The smallest that a disk writes at once: an append writes whole pages. It takes effect on a new file only.
  connection.exec('PRAGMA page_size = 4096');
  const mode = switchToWal(connection);
  if (mode !== 'wal') {
    throw new StoreError({
      code: 'STORE_WITHOUT_WAL',
      message: `The file system of ${path} does not allow SQLite's write-ahead log (the journal mode stayed '${mode}').`,
      hint: 'Keep the bank on a local disk; a network drive cannot hold it safely.',
    });
  }
  // On every open: a reopened database does not remember it. One fsync a commit; an acknowledged write survives a power cut.
  connection.exec('PRAGMA synchronous = FULL');
  // What is erased is overwritten in the file, not only unlinked.
  connection.exec('PRAGMA secure_delete = ON');
  createTables(connection);
  // From here on a lock that another process holds is waited for without this thread standing still.
  connection.exec('PRAGMA busy_timeout = 0');
}

/** @returns the journal mode that the file has then. */
function switchToWal(connection: DatabaseSync): string {
  const deadline = performance.now() + openTimeoutMs;
  for (;;) {
    try {
      return (connection.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string }).journal_mode;
    } catch (error) {
      // Two that switch a new file at once would wait for each other: SQLite refuses one of them without waiting for its timeout.
      if (!isBusy(error) || performance.now() > deadline) throw error;
    }
    sleep(1 + Math.random() * 10);
  }
}

/** Lets the thread stand still. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function createTables(connection: DatabaseSync): void {
  if (pragma(connection, 'user_version') > 0) return;
  connection.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have made them while this one waited.
    if (pragma(connection, 'user_version') === 0) connection.exec(schema);
    connection.exec('COMMIT');
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** Ends the transaction, unless SQLite has ended it by itself, as it does after some errors, such as a full disk. */
export function rollBack(connection: DatabaseSync): void {
  try {
    connection.exec('ROLLBACK');
  } catch {}
}

/** @throws {StoreError} for a file of another program, or of another version of this one; an empty file passes. */
export function refuseForeign(connection: DatabaseSync, path: string): void {
  const tables = connection.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number };
  const version = pragma(connection, 'user_version');
  if (tables.count > 0 && pragma(connection, 'application_id') !== applicationId) {
    throw new StoreError({
      code: 'STORE_FOREIGN',
      message: `${path} is a database of another program.`,
      hint: 'Choose another path for the store.',
    });
  }
  if (version > schemaVersion) {
    throw new StoreError({
      code: 'STORE_TOO_NEW',
      message: `${path} was written by a newer version of this program (tables ${version}, known here ${schemaVersion}).`,
      hint: 'Update the program.',
    });
  }
  if (tables.count > 0 && version === 0) {
    throw new StoreError({
      code: 'STORE_DAMAGED',
      message: `The first page of ${path} is damaged: it names no version of its tables.`,
      hint: 'Restore a backup; keep the damaged file.',
    });
  }
  if (version > 0 && version < schemaVersion) {
    throw new StoreError({
      code: 'STORE_TOO_OLD',
      message: `${path} was written by an older version of this program (tables ${version}, known here ${schemaVersion}).`,
      hint: 'Export the bank with the version that wrote it ("skillrl bank export"), and import it into a new file.',
    });
  }
}

/** The number of the last write that the file holds. */
export function lastSeqOf(connection: DatabaseSync): number {
  return Number(connection.prepare(`SELECT ${lastSeqSql} AS seq FROM state`).get()?.['seq'] ?? 0);
}

function pragma(connection: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return (connection.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name] ?? 0;
}
