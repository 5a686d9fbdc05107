import { readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isAbort, noProgress, StoreError, type Progress } from '@skillrl/core';

import { loadSqlite } from './load-sqlite.ts';
import { storeError } from './sqlite-error.ts';
import { openToRead, verifyBank, type BankReport } from './sqlite-verify.ts';

export interface CopyOptions {
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** A whole, verified and synced copy of a bank under a name that nobody looks for; to be moved to its place. */
export interface BankCopy {
  readonly path: string;
  readonly report: BankReport;
}

/**
 * Copies a bank's state of one moment into one file in the folder of `beside`, while others go on writing to the bank.
 *
 * What an earlier process left unfinished there is removed. When it fails or is stopped, nothing is left.
 *
 * @throws {StoreError} `BANK_DAMAGED` when what was copied is not whole; others when the bank cannot be read or the copy not written.
 */
export async function copyBank(path: string, beside: string, options: CopyOptions = {}): Promise<BankCopy> {
  const { signal, progress } = options;
  const copy = unfinishedPath(beside, process.pid);
  try {
    removeUnfinished(beside);
    await copyPages(path, copy, signal, progress);
    leaveWriteAheadLog(copy);
    await syncToDisk(copy);
    const report = await verifyBank(copy, { signal, progress });
    if (report.findings > 0) throw damaged(path, report);
    return { path: copy, report };
  } catch (error) {
    removeBankFiles(copy);
    throw isAbort(error) ? error : storeError(`copy the bank to ${beside}`, path, error);
  }
}

/** Syncs a file, or the names in a folder. */
export async function syncToDisk(path: string): Promise<void> {
  await using file = await open(path);
  await file.sync();
}

/** A file of SQLite and what belongs to it. */
export function removeBankFiles(path: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${end}`, { force: true });
}

/** Pages a step: 2 MB, some milliseconds. */
const pagesAtOnce = 256;

async function copyPages(
  path: string,
  copy: string,
  signal: AbortSignal | undefined,
  progress: Progress = noProgress,
): Promise<void> {
  const { backup } = loadSqlite();
  const stage = 'copy pages';
  const start = performance.now();
  // The connection looks at one state: otherwise every write of another process would make SQLite begin anew.
  const bank = openToRead(path);
  try {
    signal?.throwIfAborted();
    progress({ type: 'stage-start', stage });
    const done = await backup(bank, copy, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) => {
        signal?.throwIfAborted();
        progress({ type: 'stage-advance', stage, done: totalPages - remainingPages, total: totalPages });
      },
    });
    progress({ type: 'stage-end', stage, done, durationMs: performance.now() - start });
  } finally {
    bank.close();
  }
}

/** Makes it a single file that can be read wherever it lies. */
function leaveWriteAheadLog(path: string): void {
  const { DatabaseSync } = loadSqlite();
  const copy = new DatabaseSync(path);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

function damaged(path: string, { damage, findings }: BankReport): StoreError {
  const [first] = damage;
  const more = findings > 1 ? `, and ${findings - 1} more` : '';
  return new StoreError({
    code: 'BANK_DAMAGED',
    message: `${path} is damaged: ${first?.table} ${first?.id}: ${first?.what}${more}`,
    hint: `skillrl bank verify ${path} lists what is damaged, and what to do.`,
  });
}

function unfinishedPath(beside: string, pid: number): string {
  return `${beside}.unfinished-${pid}`;
}

function removeUnfinished(beside: string): void {
  const folder = dirname(resolve(beside));
  const start = unfinishedPath(basename(beside), 0).slice(0, -1);
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(start) ? Number.parseInt(name.slice(start.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || (pid !== process.pid && isRunning(pid))) continue;
    rmSync(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user may not be asked, but is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
