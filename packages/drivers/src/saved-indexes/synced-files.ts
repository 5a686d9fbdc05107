import { mkdir, open, readdir, rename, unlink, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** Length and checksum of a file, as they were when it was written. */
export interface FileSeal {
  readonly bytes: number;
  readonly crc32: number;
}

/** What saving does to a folder, step by step; each step is durable when its promise resolves. Another one in tests of faults. */
export interface SyncedFiles {
  makeFolder(path: string): Promise<void>;
  /** Writes a new file, run after run. */
  write(path: string, runs: readonly Uint8Array[]): Promise<FileSeal>;
  /** Makes a file durable that somebody else wrote. */
  seal(path: string): Promise<FileSeal>;
  rename(from: string, to: string): Promise<void>;
  /** Makes new names and missing ones durable. */
  syncFolder(path: string): Promise<void>;
  list(path: string): Promise<string[]>;
  unlink(path: string): Promise<void>;
}

/** So much is read, written or summed up at a time: the loop of events is held up for about two milliseconds. */
const slice = 8 * 1024 * 1024;

export const syncedFiles: SyncedFiles = {
  makeFolder: async (path) => void (await mkdir(path, { recursive: true })),
  write: (path, runs) =>
    withFile(path, 'wx', async (file) => {
      let sum = 0;
      let bytes = 0;
      for (const run of runs) {
        for (let start = 0; start < run.byteLength; start += slice) {
          const part = run.subarray(start, start + slice);
          sum = crc32(part, sum);
          await writeAll(file, part);
          bytes += part.byteLength;
        }
      }
      await file.sync();
      return { bytes, crc32: sum };
    }),
  seal: (path) =>
    withFile(path, 'r+', async (file) => {
      await file.sync();
      return sumUp(file);
    }),
  rename,
  syncFolder: (path) => withFile(path, 'r', (folder) => folder.sync()).catch(unlessWindows),
  list: (path) => readdir(path),
  unlink,
};

/**
 * A whole file, at the start of an `ArrayBuffer` of its own.
 *
 * @returns the reason against it when it is not what was sealed.
 */
export async function readSealed(
  path: string,
  seal: FileSeal,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer> } | { readonly reason: string }> {
  return withFile(path, 'r', async (file) => {
    const { size } = await file.stat();
    if (size !== seal.bytes) return { reason: lengthReason(size, seal) };
    const bytes = new Uint8Array(size);
    const read = await sumUp(file, bytes);
    return againstSeal(read, seal) ?? { bytes };
  });
}

/** Why a file is not what was sealed; `undefined` when it is. Reads it in slices and keeps nothing. */
export async function checkSealed(path: string, seal: FileSeal): Promise<{ readonly reason: string } | undefined> {
  return withFile(path, 'r', async (file) => againstSeal(await sumUp(file), seal));
}

function againstSeal(found: FileSeal, seal: FileSeal): { readonly reason: string } | undefined {
  if (found.bytes !== seal.bytes) return { reason: lengthReason(found.bytes, seal) };
  return found.crc32 === seal.crc32 ? undefined : { reason: 'its checksum is another' };
}

function lengthReason(bytes: number, seal: FileSeal): string {
  return `it has ${bytes} bytes, not ${seal.bytes}`;
}

/** Reads to the end, into `target` where one is given. */
async function sumUp(file: FileHandle, target?: Uint8Array<ArrayBuffer>): Promise<FileSeal> {
  const window = target ?? new Uint8Array(slice);
  let sum = 0;
  let bytes = 0;
  for (;;) {
    const start = target === undefined ? 0 : bytes;
    const length = Math.min(slice, window.byteLength - start);
    const { bytesRead } = length === 0 ? { bytesRead: 0 } : await file.read(window, start, length, bytes);
    if (bytesRead === 0) return { bytes, crc32: sum };
    sum = crc32(window.subarray(start, start + bytesRead), sum);
    bytes += bytesRead;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    done += (await file.write(bytes, done, bytes.byteLength - done)).bytesWritten;
  }
}

async function withFile<Result>(
  path: string,
  flags: string,
  work: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file = await open(path, flags);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

/** Windows knows no such thing as a folder's sync. */
function unlessWindows(error: unknown): void {
  if (process.platform !== 'win32') throw error;
}
