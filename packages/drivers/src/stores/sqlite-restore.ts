import { existsSync, linkSync, readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { InputError, StoreError } from '@skillrl/core';

import { acknowledgedPath, forgetAcknowledged } from './acknowledged.ts';
import { loadSqlite } from './load-sqlite.ts';
import { copyBank, removeBankFiles, syncToDisk, type CopyOptions } from './sqlite-copy.ts';
import { isBusy, storeError } from './sqlite-error.ts';
import type { BankReport } from './sqlite-verify.ts';

export interface RestoreBankOptions extends CopyOptions {
  /** Folders of what is derived from the bank, such as saved indexes: removed, since they are of another history. */
  readonly derived?: readonly string[];
}

export interface RestoredBank {
  /** What the bank now holds. */
  readonly report: BankReport;
  /** Where the bank that was there before is kept; absent when there was none. */
  readonly before?: string;
}

/**
 * Puts a backup in the place of a bank, all at once: whenever the process dies, the bank is the one or the other. The backup stays where it is;
 * the bank that was there is kept beside its place, with its log of recent writes when that could not be emptied into it.
 *
 * @param path - the bank's file; it may be missing or damaged.
 * @throws {StoreError} when the backup is missing or damaged; `STORE_IN_USE` while another process has the bank open. Nothing is changed then.
 */
export async function restoreBank(
  backup: string,
  path: string,
  options: RestoreBankOptions = {},
): Promise<RestoredBank> {
  const { derived = [], signal, progress } = options;
  if (resolve(backup) === resolve(path)) {
    throw new InputError({ code: 'BACKUP_IS_BANK', message: `${backup} is the bank itself.`, hint: 'Name a backup.' });
  }
  const copy = await copyBank(backup, path, { signal, progress });
  try {
    signal?.throwIfAborted();
    const alone = holdAlone(path);
    try {
      const before = keepAside(path, alone !== undefined);
      // The number of the last write is of the bank that goes; without it nothing is claimed of the one that comes.
      forgetAcknowledged(path);
      for (const folder of derived) rmSync(folder, { recursive: true, force: true });
      await syncToDisk(dirname(resolve(path)));
      renameSync(copy.path, path);
      await syncToDisk(dirname(resolve(path)));
      const { sha256: _, ...report } = copy.report;
      return { report: { ...report, path }, ...(before === undefined ? {} : { before }) };
    } finally {
      alone?.close();
    }
  } catch (error) {
    removeBankFiles(copy.path);
    throw storeError('restore the bank', path, error);
  }
}

/**
 * Makes sure that nobody else has the bank open, and empties its log of recent writes into it where it can be read.
 *
 * @returns a connection that keeps others out, or none for a bank that is missing or too damaged to be locked.
 */
function holdAlone(path: string): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined;
  const { DatabaseSync } = loadSqlite();
  const bank = new DatabaseSync(path, { timeout: 0 });
  try {
    // Every open bank holds a shared lock, also where it does nothing.
    bank.exec('PRAGMA locking_mode = EXCLUSIVE');
    bank.prepare('SELECT count(*) FROM sqlite_schema').get();
    bank.exec('PRAGMA journal_mode = DELETE');
    return bank;
  } catch (error) {
    bank.close();
    if (isBusy(error)) throw inUse(path, 'it holds a lock on the file', error);
    const { code } = storeError('lock the bank', path, error) as { code?: string };
    if (code !== 'STORE_DAMAGED') throw error;
    const holder = processWith(path);
    if (holder !== undefined) throw inUse(path, `process ${holder} has the file open`, error);
    return undefined;
  }
}

function inUse(path: string, sign: string, cause: unknown): StoreError {
  return new StoreError({
    code: 'STORE_IN_USE',
    message: `Another process has the bank ${path} open: ${sign}.`,
    hint: 'End it, then restore again; nothing was changed.',
    retryable: true,
    cause,
  });
}

/** The process that has the file open, where the system tells; for a file whose locks cannot be asked for. */
function processWith(path: string): string | undefined {
  const ours = String(process.pid);
  const full = resolve(path);
  for (const pid of entriesOf('/proc').filter((name) => /^\d+$/.test(name) && name !== ours)) {
    for (const file of entriesOf(`/proc/${pid}/fd`)) {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${file}`).startsWith(full)) return pid;
      } catch {}
    }
  }
  return undefined;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Gives the bank a second name, so that its own name is never without a bank; a log that could not be emptied into it goes with it. */
function keepAside(path: string, isEmptied: boolean): string | undefined {
  if (!existsSync(path)) {
    // A log without its bank would be taken for that of the new one.
    removeBankFiles(path);
    return undefined;
  }
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  let before = `${path}.before-restore-${time}`;
  for (let number = 2; existsSync(before); number += 1) before = `${path}.before-restore-${time}-${number}`;
  linkSync(path, before);
  const logs = isEmptied ? [] : ['-wal', '-journal'];
  for (const end of logs) if (existsSync(`${path}${end}`)) linkSync(`${path}${end}`, `${before}${end}`);
  if (existsSync(acknowledgedPath(path))) linkSync(acknowledgedPath(path), acknowledgedPath(before));
  for (const end of ['-wal', '-shm', '-journal']) rmSync(`${path}${end}`, { force: true });
  return before;
}
