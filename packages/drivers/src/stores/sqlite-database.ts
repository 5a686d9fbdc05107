import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError, type Logger } from '@skillrl/core';

import { ErasedLog } from './sqlite-erased-log.ts';
import { isBusy, storeError } from './sqlite-error.ts';
import { longWrite } from './sqlite-long-write.ts';
import { openConnection, rollBack } from './sqlite-open.ts';
import { WriteQueue } from './sqlite-write-queue.ts';

export interface SqliteOptions {
  /** The database's file; it and its folder are made when they are not there. */
  readonly path: string;
  /** How long a write waits while other processes write. Default 10,000. */
  readonly busyTimeoutMs?: number;
  /** Told when a write has waited for another process for a second, and for whom. Default: nobody. */
  readonly logger?: Logger;
}

/**
 * One connection: reads at once, writes one after another through a queue.
 *
 * Several processes may open one file. Readers never wait for a writer; writers take turns without blocking their processes.
 */
export class SqliteDatabase {
  readonly options: SqliteOptions;
  readonly path: string;
  readonly erasedLog: ErasedLog;
  readonly #busyTimeoutMs: number;
  readonly #connection: DatabaseSync;
  readonly #queue: WriteQueue;
  readonly #statements = new Map<string, StatementSync>();
  #isClosed = false;

  /** @throws {StoreError} when the file cannot be opened, is damaged, or was made by another program or another version of this one. */
  constructor(options: SqliteOptions) {
    const { path, busyTimeoutMs = 10_000, logger } = options;
    this.options = options;
    this.path = path;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#connection = openConnection(path);
    try {
      this.#queue = new WriteQueue({ path, connection: this.#connection, busyTimeoutMs, logger });
      this.erasedLog = new ErasedLog(this, this.#queue);
    } catch (error) {
      // A damaged name of a table or column shows only now.
      this.#connection.close();
      throw storeError('open the store', path, error);
    }
  }

  /** Runs reads on one state of the database, whatever other processes commit meanwhile. */
  async read<Result>(what: string, work: () => Result): Promise<Result> {
    return this.#patiently(what, () => this.#readOnce(work));
  }

  async #patiently<Result>(what: string, work: () => Result): Promise<Result> {
    this.#refuseClosed(what);
    const deadline = performance.now() + this.#busyTimeoutMs;
    for (;;) {
      try {
        return work();
      } catch (error) {
        // Readers wait for nobody but a process that mends the log after another one was killed.
        if (!isBusy(error) || performance.now() > deadline) throw storeError(what, this.path, error);
      }
      await delay(1 + Math.random() * 10);
    }
  }

  /** The first row of one query, read as `read` does. */
  async readRow<Row>(what: string, sql: string, values: readonly SQLInputValue[] = []): Promise<Row | undefined> {
    // A query by itself sees one state without a transaction, which would cost as much as the query.
    return this.#patiently(what, () => this.get<Row>(sql, values));
  }

  /**
   * Runs `work` as one durable write: when the promise resolves, it survives a crash of process and machine; when it rejects, nothing of it
   * was made. Writes run in the order of the calls, and those that wait together are made durable together.
   */
  async write<Result>(what: string, work: () => Result): Promise<Result> {
    this.#refuseClosed(what);
    return this.#queue.write(what, work);
  }

  /**
   * The same in steps, between which the process does other things: for long work on a connection of its own, because whatever else uses
   * this one meanwhile sees what is not committed. Other writers wait until the last step.
   */
  async writeInSteps<Result>(
    what: string,
    steps: () => Generator<void, Result>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Result> {
    this.#refuseClosed(what);
    try {
      return await longWrite(this.#connection, this.path, steps, { ...options, busyTimeoutMs: this.#busyTimeoutMs });
    } catch (error) {
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

  /** Waits for the writes that were asked for, then closes the file. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#queue.drain();
    await this.erasedLog.close();
    await this.#queue.close();
    this.#connection.close();
  }

  #readOnce<Result>(work: () => Result): Result {
    this.#prepare('BEGIN').run();
    try {
      const result = work();
      this.#prepare('COMMIT').run();
      return result;
    } catch (error) {
      rollBack(this.#connection);
      throw error;
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
