import { boundaryError, isAbort, ModelServerError, SkillError } from '@skillrl/core';

import { fetchFailure } from '../http/fetch-failure.ts';

/** Codes of Node for a disk, a quota or a process's share that is used up. */
const fullCodes = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** The error to throw when a model server, or the folder it serves from, could not do `what`; ours and aborts are returned as they are. */
export function serverFault(what: string, error: unknown): unknown {
  if (error instanceof SkillError || isAbort(error)) return error;
  const failure = fetchFailure(error);
  const reason = failure?.reason ?? (error instanceof Error ? error.message : String(error));
  if (isFull(error, reason)) {
    return new ModelServerError({
      code: 'DISK_FULL',
      message: `Could not ${what}: the disk is full (${reason}).`,
      hint: 'Make room, or remove an old version; then publish again. What was live is live.',
      cause: error,
    });
  }
  if (failure !== undefined) {
    return new ModelServerError({
      code: 'SERVER_UNREACHABLE',
      message: `Could not ${what}: the model server does not answer (${failure.reason}).`,
      hint: 'Start it, or correct its address; then do it again.',
      retryable: true,
      cause: error,
    });
  }
  return boundaryError('server', what, error);
}

/** Does work at a model server, its failures as `serverFault` tells them. */
export async function atServer<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw serverFault(what, error);
  }
}

function isFull(error: unknown, reason: string): boolean {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return (typeof code === 'string' && fullCodes.includes(code)) || /no space left on device/i.test(reason);
}
