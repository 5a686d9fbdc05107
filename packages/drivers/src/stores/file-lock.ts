import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '@skillrl/core';

import { loadSqlite } from './load-sqlite.ts';
import { isBusy, storeError } from './sqlite-error.ts';

/** A lock that one process at a time can hold. */
export interface FileLock {
  /** A second time does nothing. */
  release(): void;
}

/**
 * Takes the lock that a file stands for, or refuses at once. The operating system holds it: it ends with the process, however that ends, so
 * that no lock is ever left behind.
 *
 * @param path - an empty SQLite database; made when it is not there.
 * @param what - what the lock is for, for the error: `the run in ./runs/1`.
 * @throws {StoreError} `LOCKED` when another process, or this one, holds it.
 */
export function fileLock(path: string, what: string): FileLock {
  const { DatabaseSync } = loadSqlite();
  try {
    mkdirSync(dirname(path), { recursive: true });
    const connection = new DatabaseSync(path, { timeout: 0 });
    try {
      connection.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      connection.close();
      throw error;
    }
    return { release: () => void (connection.isOpen && connection.close()) };
  } catch (error) {
    if (!isBusy(error)) throw storeError(`lock ${what}`, path, error);
    throw new StoreError({
      code: 'LOCKED',
      message: `Another process is at work on ${what}.`,
      hint: 'Wait until it is done, or end it; what it has finished is kept.',
      retryable: true,
      cause: error,
    });
  }
}

/** Whether another process, or this one, holds the lock that a file stands for. Looking takes no lock that another look would wait for. */
export function isLocked(path: string): boolean {
  if (!existsSync(path)) return false;
  const { DatabaseSync } = loadSqlite();
  const connection = new DatabaseSync(path, { timeout: 0, readOnly: true });
  try {
    connection.exec('SELECT 1 FROM sqlite_schema');
    return false;
  } catch (error) {
    if (!isBusy(error)) throw storeError('look at the lock', path, error);
    return true;
  } finally {
    connection.close();
  }
}
