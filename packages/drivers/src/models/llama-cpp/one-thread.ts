import { setTimeout as sleep } from 'node:timers/promises';

import { isBusy } from '../../stores/sqlite-error.ts';
import { loadSqlite } from '../../stores/load-sqlite.ts';

const pauseMs = 5;

/**
 * Does work while no other thread of this process does work of the same name. Threads share memory only if they are given some; SQLite's
 * databases in memory are one for the whole process, and what a thread held is free again when it ends.
 *
 * @param name - of the work: letters, digits, `-`.
 */
export async function oneThreadAtATime<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const { DatabaseSync } = loadSqlite();
  const turn = new DatabaseSync(`file:/skillrl-${name}?vfs=memdb`, { timeout: 0 });
  try {
    for (;;) {
      try {
        turn.exec('BEGIN EXCLUSIVE');
        break;
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
      await sleep(pauseMs);
    }
    return await work();
  } finally {
    turn.close();
  }
}
