import type { DatabaseSync } from 'node:sqlite';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';

import { BusyError, isBusy } from './sqlite-error.ts';
import { writeLockHolder } from './sqlite-lock-holder.ts';
import { rollBack } from './sqlite-open.ts';
import { Turnstile } from './sqlite-turnstile.ts';

/** One transaction in steps, after having stood in line for the write lock; between steps the event loop runs. */
export async function longWrite<Result>(
  connection: DatabaseSync,
  path: string,
  steps: () => Generator<void, Result>,
  { busyTimeoutMs, signal }: { readonly busyTimeoutMs: number; readonly signal?: AbortSignal },
): Promise<Result> {
  await begin(connection, path, busyTimeoutMs, signal);
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
  }
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
