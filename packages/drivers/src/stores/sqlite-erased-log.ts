import { setTimeout as delay } from 'node:timers/promises';

import type { WriteQueue } from './sqlite-write-queue.ts';

/** The connection, as far as it is needed here. */
interface Database {
  readonly path: string;
  get<Row>(sql: string): Row | undefined;
  run(sql: string, values?: readonly number[]): unknown;
}

/** How often the log is tried again while a reader holds on to it. */
const againMs = 1000;

/**
 * Empties the write-ahead log of what was erased: its old pages stay in that file until every reader has let go of them.
 *
 * That something is left to empty stands in the database, so that it is done by a later process when this one is killed.
 */
export class ErasedLog {
  readonly #database: Database;
  readonly #queue: WriteQueue;
  #timer: NodeJS.Timeout | undefined;
  #attempting: Promise<boolean> | undefined;
  #isClosed = false;

  constructor(database: Database, queue: WriteQueue) {
    this.#database = database;
    this.#queue = queue;
    if (this.#isPending()) this.#tryLater(0);
  }

  /** Call it within the write that erases. */
  noteErasure(): void {
    this.#database.run('UPDATE state SET erasures = erasures + 1');
  }

  /**
   * Tries for a while to empty the log, and from time to time after that.
   *
   * @returns what still holds it, as a sentence; `undefined` when it is empty.
   */
  async empty(patienceMs: number): Promise<string | undefined> {
    const deadline = performance.now() + patienceMs;
    let reason = 'another process reads an older state';
    try {
      while (!this.#isClosed && this.#isPending()) {
        if (await this.#attempt()) return undefined;
        if (performance.now() > deadline) break;
        await delay(5 + Math.random() * 20);
      }
      if (!this.#isClosed && !this.#isPending()) return undefined;
    } catch (error) {
      // The erasure itself stands, whatever happened here.
      reason = error instanceof Error ? error.message : String(error);
    }
    this.#tryLater(againMs);
    return `The log of recent writes (${this.#database.path}-wal) still holds it and is emptied later: ${reason}.`;
  }

  /** Tries a last time where something is left, after all writes: what is left then is done when the bank is next opened. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#attempting?.catch(() => false);
    if (this.#isPending()) await this.#attempt().catch(() => false);
  }

  #isPending(): boolean {
    return this.#database.get('SELECT 1 FROM state WHERE erasures > emptied') !== undefined;
  }

  async #attempt(): Promise<boolean> {
    this.#attempting = this.#try();
    return this.#attempting;
  }

  /** Whether nothing erased is in the log any more. It never waits: writes go on. */
  async #try(): Promise<boolean> {
    const what = 'empty the log of recent writes';
    const seen = await this.#queue.alone(what, () => {
      const { erasures } = this.#database.get<{ erasures: number }>('SELECT erasures FROM state')!;
      const { busy } = this.#database.get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)')!;
      return busy === 0 ? erasures : undefined;
    });
    if (seen === undefined) return false;
    await this.#queue.write(what, () => {
      this.#database.run('UPDATE state SET emptied = max(emptied, ?)', [seen]);
    });
    return true;
  }

  #tryLater(afterMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#again(), afterMs);
    // It keeps no process alive.
    this.#timer.unref();
  }

  async #again(): Promise<void> {
    // What fails now, such as a full disk, may not fail the next time.
    if (!(await this.#attempt().catch(() => false))) this.#tryLater(againMs);
  }
}
