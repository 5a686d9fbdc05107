import { setImmediate } from 'node:timers';
import { setTimeout as delay } from 'node:timers/promises';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { silentLogger, type Logger } from '@skillrl/core';

import { acknowledged, type Acknowledged } from './acknowledged.ts';
import { BusyError, isBusy, storeError } from './sqlite-error.ts';
import { writeLockHolder } from './sqlite-lock-holder.ts';
import { isLongWriteUnderWay } from './sqlite-long-write.ts';
import { LogRoom } from './sqlite-log-room.ts';
import { rollBack } from './sqlite-open.ts';
import { lastSeqSql } from './sqlite-schema.ts';
import { Turnstile } from './sqlite-turnstile.ts';

export interface WriteQueueOptions {
  readonly path: string;
  readonly connection: DatabaseSync;
  readonly busyTimeoutMs: number;
  readonly logger?: Logger;
}

/** How long a process writes before it lets another one in, and how long a group grows. */
const turnMs = 20;
/** A process that has not written for so long begins a new turn. */
const pauseMs = 2;
/** How often a lone writer looks whether others have come. */
const groupsALook = 16;
/** A wait as long as this is told to the logger. */
const patienceMs = 1000;

interface Write {
  readonly what: string;
  readonly work: () => unknown;
  /** Runs by itself, outside of any transaction. */
  readonly isAlone: boolean;
  readonly askedAt: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes in the order in which they were asked for. Those that wait at the same time become one transaction, and so one fsync: the disk is
 * what takes time. A lone write waits for nothing.
 *
 * Between groups the lock is free. Processes that write to one bank take turns (`Turnstile`).
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #lastSeq: StatementSync;
  readonly #acknowledged: Acknowledged;
  readonly #turnstile: Turnstile;
  readonly #room: LogRoom;
  #waiting: Write[] = [];
  #running: Promise<void> | undefined;
  #groups = 0;
  #isCrowded = false;
  #turnBegan = 0;
  #lastWrote = 0;
  /** When a long write of another connection was last seen to go on: until then nobody's time was counted. */
  #longWriteSeen = Number.NEGATIVE_INFINITY;

  constructor(options: WriteQueueOptions) {
    const { connection, path } = options;
    this.#options = options;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#lastSeq = connection.prepare(`SELECT ${lastSeqSql} AS seq FROM state`);
    this.#acknowledged = acknowledged(path);
    this.#room = new LogRoom(connection, path);
    this.#turnstile = new Turnstile(`${path}-turn`);
  }

  /**
   * @param work - one write, within a transaction. Its statements are undone when it throws; other writes of the group stand.
   * @returns what `work` returned, once it is durable.
   */
  write<Result>(what: string, work: () => Result): Promise<Result> {
    return this.#ask(what, work, false);
  }

  /** Runs `work` outside of any transaction, after the writes before it. */
  alone<Result>(what: string, work: () => Result): Promise<Result> {
    return this.#ask(what, work, true);
  }

  /** Waits for everything that was asked for. */
  async drain(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Waits for everything that was asked for, then lets go of its files. */
  async close(): Promise<void> {
    await this.drain();
    this.#turnstile.close();
    this.#acknowledged.close();
  }

  #ask<Result>(what: string, work: () => Result, isAlone: boolean): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.push({ what, work, isAlone, askedAt: performance.now(), resolve, reject });
    this.#running ??= this.#run();
    return promise as Promise<Result>;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#others();
      if (this.#waiting[0]!.isAlone) this.#runAlone(this.#waiting.shift()!);
      else await this.#writeGroup();
    }
    // In the same breath as the last look: what is asked for from here on starts it again.
    this.#running = undefined;
  }

  /**
   * Lets others join the group: those asked for in the same breath, and where there are many, whatever the event loop has ready. Nothing is
   * waited for; but a round of the event loop costs a tenth of a write, so that a lone writer goes without, but for a look now and then.
   */
  async #others(): Promise<void> {
    this.#groups += 1;
    if (this.#isCrowded || this.#groups % groupsALook === 0)
      await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Writes what waits, as one group, when it is this process's turn. What has waited for too long is rejected with `STORE_BUSY`. */
  async #writeGroup(): Promise<void> {
    const began = performance.now();
    if (began - this.#lastWrote > pauseMs) this.#turnBegan = began;
    let isInLine = began - this.#turnBegan > turnMs;
    let isTold = false;
    for (;;) {
      try {
        if (!isInLine || this.#turnstile.tryEnter()) {
          this.#begin.run();
          if (isInLine) this.#turnBegan = performance.now();
          this.#turnstile.leave();
          // At once: nothing else may run on this connection within the transaction.
          this.#commitGroup();
          return;
        }
      } catch (error) {
        if (!isBusy(error)) {
          this.#turnstile.leave();
          this.#rejectAll(error);
          return;
        }
      }
      isInLine = true;
      const waitedMs = performance.now() - began;
      if (waitedMs > patienceMs && !isTold) {
        isTold = true;
        this.#tell(waitedMs);
      }
      if (!this.#rejectImpatient(Math.max(began, this.#longWriteSeen))) return;
      await pause(waitedMs);
    }
  }

  #commitGroup(): void {
    const { connection, path } = this.#options;
    const group: Write[] = [];
    const settle: (() => void)[] = [];
    let what = '';
    const began = performance.now();
    try {
      do {
        const write = this.#waiting.shift()!;
        group.push(write);
        what = write.what;
        const isAlone = group.length === 1 && !this.#hasMore();
        settle.push(isAlone ? resultOf(write) : savedResultOf(write, connection, path));
      } while (this.#hasMore() && performance.now() - began < turnMs);
      const seq = this.#lastSeq.get()!['seq'] as number;
      this.#commit.run();
      this.#acknowledged.keep(seq);
    } catch (error) {
      rollBack(connection);
      // Nothing of the group was made: not the write that failed, nor those that were undone with it.
      for (const write of group) write.reject(storeError(write.what || what, path, error));
      return;
    } finally {
      this.#lastWrote = performance.now();
    }
    this.#isCrowded = group.length > 1;
    for (const tell of settle) tell();
    this.#room.afterCommit();
  }

  #hasMore(): boolean {
    return this.#waiting.length > 0 && !this.#waiting[0]!.isAlone;
  }

  #runAlone({ what, work, resolve, reject }: Write): void {
    try {
      resolve(work());
    } catch (error) {
      reject(storeError(what, this.#options.path, error));
    }
  }

  #tell(waitedMs: number): void {
    const { path, logger = silentLogger, busyTimeoutMs } = this.#options;
    const holder = writeLockHolder(path);
    logger.warn(`A write to ${path} waits for ${holder}, which is writing to it.`, {
      holder,
      waitedMs: Math.round(waitedMs),
      givesUpAfterMs: busyTimeoutMs,
      writes: this.#waiting.length,
    });
  }

  /** Rejects the writes that have waited for long enough, unless it is for an import that goes on; false when none is left. */
  #rejectImpatient(began: number): boolean {
    const { path, logger = silentLogger, busyTimeoutMs } = this.#options;
    const now = performance.now();
    const isPatient = ({ askedAt }: Write): boolean => now - Math.max(askedAt, began) < busyTimeoutMs;
    if (!isPatient(this.#waiting[0]!)) {
      const holder = writeLockHolder(path);
      if (isLongWriteUnderWay(path)) {
        this.#longWriteSeen = now;
        logger.warn(
          `Writes to ${path} still wait for ${holder}, which is committing an import: they wait until it is done.`,
          {
            holder,
            writes: this.#waiting.length,
          },
        );
        return true;
      }
      while (this.#hasMore() && !isPatient(this.#waiting[0]!)) {
        const { what, reject } = this.#waiting.shift()!;
        reject(storeError(what, path, new BusyError(`${holder} holds its write lock`)));
      }
    }
    if (this.#hasMore()) return true;
    this.#turnstile.leave();
    return false;
  }

  #rejectAll(error: unknown): void {
    while (this.#hasMore()) {
      const { what, reject } = this.#waiting.shift()!;
      reject(storeError(what, this.#options.path, error));
    }
  }
}

function resultOf({ work, resolve }: Write): () => void {
  const result = work();
  return () => resolve(result);
}

/** The write's result, or its error, with its statements undone and those before it kept. */
function savedResultOf(write: Write, connection: DatabaseSync, path: string): () => void {
  connection.exec('SAVEPOINT one_write');
  try {
    const tell = resultOf(write);
    connection.exec('RELEASE one_write');
    return tell;
  } catch (error) {
    // This fails, and the group with it, where SQLite has undone the whole transaction.
    try {
      connection.exec('ROLLBACK TO one_write; RELEASE one_write');
    } catch {
      throw error;
    }
    return () => write.reject(storeError(write.what, path, error));
  }
}

/** Short at first, as most locks are; at random, so that two who wait do not knock in step. */
function pause(waitedMs: number): Promise<void> {
  return delay(Math.min(10, 1 + waitedMs / 20) * (0.5 + Math.random()));
}
