import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { SkillError } from '@skillrl/core';

import { fileLock, type FileLock } from './file-lock.ts';
import { BusyError, isBusy } from './sqlite-error.ts';
import { writeLockHolder } from './sqlite-lock-holder.ts';
import { rollBack } from './sqlite-open.ts';
import { Turnstile } from './sqlite-turnstile.ts';

/**
 * One transaction in steps, after having stood in line for the write lock; between steps the event loop runs. A lock on an empty file beside
 * the bank says meanwhile that it goes on: others wait for its end, however long that takes, and not only for their own time.
 */
export async function longWrite<Result>(
  connection: DatabaseSync,
  path: string,
  steps: () => Generator<void, Result>,
  { busyTimeoutMs, signal }: { readonly busyTimeoutMs: number; readonly signal?: AbortSignal },
): Promise<Result> {
  await begin(connection, path, busyTimeoutMs, signal);
  const mark = await takeMark(path);
  try {
    const work = steps();
    for (;;) {
      signal?.throwIfAborted();
      const step = work.next();
      if (step.done === true) {
        connection.exec('COMMIT');
        return step.value;
      }
      await setImmediate();
    }
  } catch (error) {
    rollBack(connection);
    throw error;
  } finally {
    mark?.release();
  }
}

/** Whether some process is within such a transaction now. */
export function isLongWriteUnderWay(path: string): boolean {
  if (!existsSync(markPath(path))) return false;
  try {
    fileLock(markPath(path), 'a long write').release();
    return false;
  } catch (error) {
    return isLocked(error);
  }
}

/** Whoever asks whether it is taken holds it for a moment. Without it others only wait for less long. */
async function takeMark(path: string): Promise<FileLock | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    try {
      return fileLock(markPath(path), 'a long write');
    } catch (error) {
      if (!isLocked(error)) return undefined;
    }
    await delay(1 + Math.random() * 4);
  }
  return undefined;
}

function markPath(path: string): string {
  return `${path}-long`;
}

function isLocked(error: unknown): boolean {
  return error instanceof SkillError && error.code === 'LOCKED';
}

async function begin(
  connection: DatabaseSync,
  path: string,
  busyTimeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const turnstile = new Turnstile(`${path}-turn`);
  const deadline = performance.now() + busyTimeoutMs;
  try {
    for (;;) {
      signal?.throwIfAborted();
      try {
        if (turnstile.tryEnter()) {
          connection.exec('BEGIN IMMEDIATE');
          return;
        }
      } catch (error) {
        if (!isBusy(error)) throw error;
      }
      if (performance.now() > deadline) throw new BusyError(`${writeLockHolder(path)} holds its write lock`);
      await delay(1 + Math.random() * 4);
    }
  } finally {
    turnstile.leave();
    turnstile.close();
  }
}
