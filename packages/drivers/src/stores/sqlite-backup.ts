import { existsSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '@skillrl/core';

import { copyBank, removeBankFiles, syncToDisk, type CopyOptions } from './sqlite-copy.ts';
import type { BankReport } from './sqlite-verify.ts';

export interface BackupBankOptions extends CopyOptions {
  /** Takes the place of a file that is there. Default `false`. */
  readonly force?: boolean;
}

/**
 * Copies a bank into one file while others go on writing to it: the state of one moment, verified, synced, and only then under its name.
 * Until then, and when it fails or is stopped, that name is as it was.
 *
 * The bank's log of recent writes grows by what is written meanwhile.
 *
 * @returns what the backup holds, with its checksum.
 * @throws {InputError} `BACKUP_EXISTS`. @throws {StoreError} when the bank is missing or damaged, or the backup cannot be written.
 */
export async function backupBank(path: string, to: string, options: BackupBankOptions = {}): Promise<BankReport> {
  const { force = false, signal, progress } = options;
  refuseTarget(path, to, force);
  const copy = await copyBank(path, to, { signal, progress });
  try {
    signal?.throwIfAborted();
    refuseTarget(path, to, force);
    renameSync(copy.path, to);
    await syncToDisk(dirname(resolve(to)));
  } catch (error) {
    removeBankFiles(copy.path);
    throw error;
  }
  return { ...copy.report, path: to };
}

function refuseTarget(path: string, to: string, force: boolean): void {
  if (resolve(path) === resolve(to)) {
    throw new InputError({ code: 'BACKUP_EXISTS', message: `${to} is the bank itself.`, hint: 'Name another file.' });
  }
  if (force || !existsSync(to)) return;
  throw new InputError({
    code: 'BACKUP_EXISTS',
    message: `There is a file at ${to} already.`,
    hint: 'Name another one, or let it be replaced with --force.',
  });
}
