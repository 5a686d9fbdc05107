import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '@skillrl/core';

import { loadSqlite } from './load-sqlite.ts';
import { BusyError, isBusy, storeError } from './sqlite-error.ts';
import { applicationId, schema, schemaVersion } from './sqlite-schema.ts';

export interface SqliteOptions {
  /** The database's file; it and its folder are made when they are not there. */
  readonly path: string;
  /** How long a write waits while another process writes. Default 10,000. */
  readonly busyTimeoutMs?: number;
}

/** How long SQLite itself waits for a lock, with this thread standing still. */
const standStillMs = 20;

/**
 * One connection: reads at once, writes one after another through a queue.
 *
 * Several processes may open one file. Readers never wait for a writer; a second writer waits its turn without blocking its process.
 */
export class SqliteDatabase {
  readonly path: string;
  readonly #busyTimeoutMs: number;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #lastWrite: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @throws {StoreError} when the file cannot be opened, is damaged, or was made by another or a newer program. */
  constructor({ path, busyTimeoutMs = 10_000 }: SqliteOptions) {
    this.path = path;
    this.#busyTimeoutMs = busyTimeoutMs;
    const { DatabaseSync } = loadSqlite();
    let connection: DatabaseSync | undefined;
    try {
      mkdirSync(dirname(path), { recursive: true });
      connection = new DatabaseSync(path);
      prepareConnection(connection, path);
      this.#connection = connection;
    } catch (error) {
      connection?.close();
      throw storeError('open the store', path, error);
    }
  }

  /** Runs reads on one state of the database, whatever other processes commit meanwhile. */
  async read<Result>(what: string, work: () => Result): Promise<Result> {
    this.#refuseClosed(what);
    return this.#patiently(what, () => inTransaction(this.#connection, 'BEGIN', work));
  }

  /**
   * Runs writes as one durable transaction: when the promise resolves, they survive a crash of process and machine; when it rejects,
   * none was made. Writes run in the order of the calls.
   */
  async write<Result>(what: string, work: () => Result): Promise<Result> {
    this.#refuseClosed(what);
    return this.#inTurn(what, () => inTransaction(this.#connection, 'BEGIN IMMEDIATE', work));
  }

  /**
   * The same in steps, between which the process does other things: for long work on a connection of its own, because whatever else uses
   * this one meanwhile sees what is not committed. Other writers wait until the last step.
   */
  async writeInSteps<Result>(
    what: string,
    steps: () => Generator<void, Result>,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Result> {
    this.#refuseClosed(what);
    await this.#inTurn(what, () => this.#connection.exec('BEGIN IMMEDIATE'));
    try {
      const work = steps();
      for (;;) {
        signal?.throwIfAborted();
        const step = work.next();
        if (step.done === true) {
          this.#connection.exec('COMMIT');
          return step.value;
        }
        await setImmediate();
      }
    } catch (error) {
      try {
        this.#connection.exec('ROLLBACK');
      } catch {}
      throw storeError(what, this.path, error);
    }
  }

  run(sql: string, values: readonly SQLInputValue[] = []): { readonly changes: number } {
    return { changes: Number(this.#prepare(sql).run(...values).changes) };
  }

  /** The first row; `Row` must name the columns that the query selects. */
  get<Row>(sql: string, values: readonly SQLInputValue[] = []): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined;
  }

  /** All rows; `Row` must name the columns that the query selects. */
  all<Row>(sql: string, values: readonly SQLInputValue[] = []): Row[] {
    return this.#prepare(sql).all(...values) as Row[];
  }

  /** The next number of the one sequence over all writes. Call it within `write`. */
  nextSeq(): number {
    return this.get<{ seq: number }>('UPDATE state SET seq = seq + 1 RETURNING seq')!.seq;
  }

  /**
   * Moves the write-ahead log into the file and empties it, after the writes that were asked for.
   *
   * @throws {StoreError} `STORE_BUSY` when another process reads an older state all the time.
   */
  async emptyWriteAheadLog(what: string): Promise<void> {
    this.#refuseClosed(what);
    return this.#inTurn(what, () => {
      const sql = 'PRAGMA wal_checkpoint(TRUNCATE)';
      if (this.#connection.prepare(sql).get()?.['busy'] !== 0) throw new BusyError('the log of recent writes is read');
    });
  }

  /** Waits for the writes that were asked for, then closes the file. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#lastWrite;
    this.#connection.close();
  }

  #inTurn<Result>(what: string, work: () => Result): Promise<Result> {
    const result = this.#lastWrite.then(() => this.#patiently(what, work));
    this.#lastWrite = result.catch(() => {});
    return result;
  }

  /** Does the work again and again while another process holds the lock that it needs. */
  async #patiently<Result>(what: string, work: () => Result): Promise<Result> {
    const deadline = performance.now() + this.#busyTimeoutMs;
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw storeError(what, this.path, error);
      }
      // At random, so that two processes that wait do not knock in step.
      await delay(1 + Math.random() * 10);
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #refuseClosed(what: string): void {
    if (!this.#isClosed) return;
    throw new StoreError({
      code: 'STORE_CLOSED',
      message: `Could not ${what} in ${this.path}: the store was closed.`,
      hint: 'Close it when nothing uses it any more.',
    });
  }
}

function inTransaction<Result>(
  connection: DatabaseSync,
  begin: 'BEGIN' | 'BEGIN IMMEDIATE',
  work: () => Result,
): Result {
  connection.exec(begin);
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // SQLite has rolled back by itself after some errors, such as a full disk.
    try {
      connection.exec('ROLLBACK');
    } catch {}
    throw error;
  }
}

function prepareConnection(connection: DatabaseSync, path: string): void {
  // Opening may wait: nothing else of the program runs yet.
  connection.exec('PRAGMA busy_timeout = 5000');
  refuseForeign(connection, path);
  // Pages of 8 KiB hold rows with a vector of 1.5 KB with little waste; it takes effect on a new file only.
  connection.exec('PRAGMA page_size = 8192');
  const { journal_mode: mode } = connection.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string };
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
  connection.exec(`PRAGMA busy_timeout = ${standStillMs}`);
}

function createTables(connection: DatabaseSync): void {
  if (pragma(connection, 'user_version') > 0) return;
  inTransaction(connection, 'BEGIN IMMEDIATE', () => {
    // Another process may have made them while this one waited.
    if (pragma(connection, 'user_version') === 0) connection.exec(schema);
  });
}

function refuseForeign(connection: DatabaseSync, path: string): void {
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
}

function pragma(connection: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return (connection.prepare(`PRAGMA ${name}`).get() as Record<string, number>)[name] ?? 0;
}
