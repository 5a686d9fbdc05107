import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Writes 4 KiB and waits until they are on the disk: the least that a durable write can be. */
export interface SyncedWrite {
  (): void;
  close(): void;
}

const pages = 256;

/**
 * @param place - `overwrite`: a page of a file that has its length already, as SQLite's log does when it is used again; `append`: at the end of
 * a file, whose new length the file system must keep as well.
 */
export function syncedWrite(folder: string, place: 'overwrite' | 'append'): SyncedWrite {
  const file = openSync(join(folder, `floor-${place}`), 'w');
  const page = Buffer.alloc(4096, 1);
  if (place === 'overwrite')
    for (let at = 0; at < pages; at += 1) writeSync(file, page, 0, page.length, at * page.length);
  fdatasyncSync(file);
  let next = 0;
  const write = (): void => {
    writeSync(file, page, 0, page.length, (place === 'overwrite' ? next % pages : next) * page.length);
    next += 1;
    fdatasyncSync(file);
  };
  return Object.assign(write, { close: () => closeSync(file) });
}
