import { boundaryError, StoreError, type ErrorDetails } from '@skillrl/core';

/** Primary result codes of SQLite. Source: https://sqlite.org/rescode.html */
const busy = 5;
const explained: Readonly<Record<number, Omit<ErrorDetails, 'message' | 'cause'> & { readonly why: string }>> = {
  5: {
    code: 'STORE_BUSY',
    why: 'another process was using it all the time',
    hint: 'Try again, or end the other process: one bank has one writer at a time.',
    retryable: true,
  },
  8: {
    code: 'STORE_READ_ONLY',
    why: 'the file or its folder is read-only',
    hint: 'Give this user the right to write.',
  },
  10: { code: 'STORE_DISK', why: 'the disk failed to read or write', hint: 'Check the disk and what is left on it.' },
  11: { code: 'STORE_DAMAGED', why: 'the file is damaged', hint: 'Restore a backup; keep the damaged file.' },
  13: {
    code: 'STORE_FULL',
    why: 'the disk is full',
    hint: 'Free some space and go on: what was acknowledged is safe, this write was not made.',
    retryable: true,
  },
  14: {
    code: 'STORE_CANNOT_OPEN',
    why: 'the file cannot be opened',
    hint: 'Check that the folder exists and may be written.',
  },
  26: { code: 'STORE_DAMAGED', why: 'the file is not a database', hint: 'Restore a backup, or choose another path.' },
};

/** Another connection holds a lock, as SQLite tells where it does not throw. */
export class BusyError extends Error {
  readonly errcode = busy;
}

/** Whether another connection holds the lock that was asked for. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === busy;
}

/** Our error for what SQLite threw while we tried `what` on the store at `path`; errors of ours pass unchanged. */
export function storeError(what: string, path: string, error: unknown): unknown {
  const code = resultCode(error);
  const known = code === undefined ? undefined : explained[code];
  if (known === undefined) return boundaryError('store', `${what} in ${path}`, error);
  const { why, ...details } = known;
  const detail = error instanceof Error ? ` (${error.message})` : '';
  return new StoreError({ ...details, message: `Could not ${what} in ${path}: ${why}${detail}.`, cause: error });
}

/** What the system says of the folder, as SQLite would say it of the file. */
const systemErrors: Readonly<Record<string, number>> = { ENOSPC: 13, EROFS: 8, EACCES: 14, ENOTDIR: 14, EEXIST: 14 };

/** The low byte of the extended result code. */
function resultCode(error: unknown): number | undefined {
  if (error instanceof Error && 'syscall' in error && 'code' in error) return systemErrors[String(error.code)];
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}
