import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { isBusy } from './sqlite-error.ts';
import { rollBack } from './sqlite-open.ts';

/** A look at the file's length costs microseconds: one in so many commits is enough. */
const commitsALook = 8;
const roomBytes = 2 ** 20;

/**
 * Makes the write-ahead log longer ahead of the writes.
 *
 * A commit that lengthens the file waits for the file system's own journal too: twice as long as one that writes over what is there. SQLite
 * lengthens it with every commit until the first checkpoint, after every opening. So a process that writes on and on now and then writes a lot
 * and takes it back: the log is then so much longer, and nothing of it counts.
 */
export class LogRoom {
  readonly #connection: DatabaseSync;
  readonly #log: string;
  #commits = 0;
  #length = 0;

  constructor(connection: DatabaseSync, path: string) {
    this.#connection = connection;
    this.#log = `${path}-wal`;
  }

  /** Call it after each commit, outside of a transaction. */
  afterCommit(): void {
    this.#commits += 1;
    if (this.#commits % commitsALook !== 0) return;
    const length = this.#lengthNow();
    if (length > this.#length) this.#lengthen();
    else this.#length = length;
  }

  #lengthen(): void {
    try {
      // With a cache this small the pages go to the log before the end of the transaction.
      this.#connection.exec('PRAGMA cache_size = 8; BEGIN IMMEDIATE');
      this.#connection.exec(`INSERT INTO room (bytes) VALUES (zeroblob(${roomBytes}))`);
    } catch (error) {
      // Another process writes, or the disk is full, and the next write will say so: what was acknowledged stands.
      if (!isBusy(error)) this.#commits = Number.NEGATIVE_INFINITY;
    }
    rollBack(this.#connection);
    this.#connection.exec('PRAGMA cache_size = -2000');
    this.#length = this.#lengthNow();
  }

  #lengthNow(): number {
    return statSync(this.#log, { throwIfNoEntry: false })?.size ?? 0;
  }
}
