import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { atBoundary } from '@skillrl/core';

/** A file that appears under its name only when all of it is written. */
export interface WholeFile {
  write(text: string): Promise<void>;
  /** Makes it durable and gives it its name. */
  finish(): Promise<void>;
  /** Takes away what was written. After `finish` it does nothing. */
  discard(): Promise<void>;
}

/** Begins a file under a temporary name beside its own, so that no reader and no interruption ever meets half of it. @throws {FileError} */
export async function wholeFile(path: string): Promise<WholeFile> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const what = `write ${path}`;
  const handle = await atBoundary('file', what, () => open(temporary, 'w'));
  const stream = createWriteStream('', { fd: handle, autoClose: false, highWaterMark: 256 * 1024 });
  let failure: unknown;
  stream.on('error', (error) => (failure = error));
  let isDone = false;
  return {
    write: (text) =>
      atBoundary('file', what, async () => {
        if (failure !== undefined) throw failure;
        if (!stream.write(text)) await once(stream, 'drain');
      }),
    finish: () =>
      atBoundary('file', what, async () => {
        stream.end();
        if (failure !== undefined) throw failure;
        await once(stream, 'finish');
        await handle.sync();
        await handle.close();
        await rename(temporary, path);
        isDone = true;
        await syncFolder(dirname(path));
      }),
    discard: async () => {
      if (isDone) return;
      isDone = true;
      stream.destroy();
      await handle.close().catch(() => {});
      await rm(temporary, { force: true });
    },
  };
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}
