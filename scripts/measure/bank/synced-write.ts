import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Appends 4 KiB to a file and waits until they are on the disk: the least that a durable write can be. */
export interface SyncedWrite {
  (): void;
  close(): void;
}

export function syncedWrite(folder: string): SyncedWrite {
  const file = openSync(join(folder, 'floor'), 'a');
  const page = Buffer.alloc(4096, 1);
  const write = (): void => {
    writeSync(file, page);
    fdatasyncSync(file);
  };
  return Object.assign(write, { close: () => closeSync(file) });
}
