import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { FileError, SkillError } from '@skillrl/core';

import { type FileLock, fileLock } from '../stores/file-lock.ts';

/** Runs publish side by side, and one publication takes a second or two. */
const patienceMs = 60_000;
const pauseMs = 50;

/**
 * Does work that changes a folder while no other process, and nobody else in this one, does.
 *
 * @throws {StoreError} `LOCKED` after a minute; {FileError} `FOLDER_FAILED` when the folder cannot be made or written.
 */
export async function inTurn<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  await makeWritable(folder);
  const lock = await take(join(folder, '.lock'), `the versions in ${folder}`);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** What the system says of a place that may not be written; of a read-only disk Node's `mkdir` says `ENOENT`. */
const refusals = ['EROFS', 'EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EEXIST'];

async function makeWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && refusals.includes(String(cause.code)))) throw cause;
    throw new FileError({
      code: 'FOLDER_FAILED',
      message: `The folder ${folder} cannot be written: ${cause.message}.`,
      hint: 'Make its place writable, or name another one with --folder or the variable SKILLRL_FOLDER.',
      cause,
    });
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
