import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { SkillError } from '@skillrl/core';

import { type FileLock, fileLock } from '../stores/file-lock.ts';

/** Runs publish side by side, and one publication takes a second or two. */
const patienceMs = 60_000;
const pauseMs = 50;

/** Does work that changes a folder while no other process, and nobody else in this one, does. @throws {StoreError} `LOCKED` after a minute. */
export async function inTurn<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const lock = await take(join(folder, '.lock'), `the versions in ${folder}`);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function take(path: string, what: string): Promise<FileLock> {
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    try {
      return fileLock(path, what);
    } catch (error) {
      const isHeld = error instanceof SkillError && error.code === 'LOCKED';
      if (!isHeld || waitedMs >= patienceMs) throw error;
    }
    await sleep(pauseMs);
  }
}
