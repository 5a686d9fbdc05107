import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { atBoundary } from '@skillrl/core';

import { filePlace } from '../jobs/file-place.ts';

/** A file that appears under its name only when all of it is written. */
export interface WholeFile {
  write(text: string): Promise<void>;
  /** Makes it durable and gives it its name. */
  finish(): Promise<void>;
  /** Takes away what was written. After `finish` it does nothing. */
  discard(): Promise<void>;
}

const bufferSize = 256 * 1024;

/** Begins a file under a temporary name beside its own, so that no reader and no interruption ever meets half of it. @throws {FileError}; {InputError} `NO_PLAIN_FILE` */
export async function wholeFile(path: string): Promise<WholeFile> {
  const place = filePlace(path);
  const temporary = join(dirname(place), `.${basename(place)}.${process.pid}.part`);
  const what = `write ${path}`;
  const handle = await atBoundary('file', what, () => open(temporary, 'w'));
  let waiting: string[] = [];
  let length = 0;
  let isDone = false;
  const flush = async (): Promise<void> => {
    const text = waiting.join('');
    waiting = [];
    length = 0;
    await atBoundary('file', what, () => handle.appendFile(text));
  };
  return {
    write: async (text) => {
      waiting.push(text);
      length += text.length;
      if (length >= bufferSize) await flush();
    },
    finish: async () => {
      await flush();
      await atBoundary('file', what, async () => {
        await handle.sync();
        await handle.close();
        await rename(temporary, place);
        isDone = true;
        await using folder = await open(dirname(place), 'r');
        await folder.sync();
      });
    },
    discard: async () => {
      if (isDone) return;
      isDone = true;
      await handle.close().catch(() => {});
      await rm(temporary, { force: true });
    },
  };
}
