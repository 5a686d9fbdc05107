import type { DatabaseSync } from 'node:sqlite';

import { loadSqlite } from './load-sqlite.ts';
import { isBusy } from './sqlite-error.ts';

/**
 * Where the processes that want to write to one bank stand in line.
 *
 * SQLite's own write lock goes to whoever asks at the right moment, and that is the one that has just let go of it: a writer in a tight loop
 * starves all others. So one who finds the lock taken goes into the turnstile, where there is room for one, waits for the lock there, and
 * leaves when it has it; and a writer whose turn has lasted long enough goes through the turnstile before it writes on. While another waits
 * inside, it cannot get in, and the lock stays free for the one who waits.
 *
 * The turnstile is a lock on an empty file beside the bank. The operating system holds it: it ends with the process, however that ends.
 */
export class Turnstile {
  readonly #path: string;
  #connection: DatabaseSync | undefined;
  #isInside = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Whether this process stands in it now: it did already, or nobody else does. */
  tryEnter(): boolean {
    if (this.#isInside) return true;
    this.#connection ??= new (loadSqlite().DatabaseSync)(this.#path, { timeout: 0 });
    try {
      this.#connection.exec('BEGIN EXCLUSIVE');
      this.#isInside = true;
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    return this.#isInside;
  }

  leave(): void {
    if (!this.#isInside) return;
    this.#isInside = false;
    this.#connection!.exec('ROLLBACK');
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#isInside = false;
  }
}
