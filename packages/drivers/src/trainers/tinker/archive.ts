import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { TrainerError } from '@skillrl/core';
import { extract } from 'tar';

/** Files by their path in the archive, and their SHA-256 in hex. */
export type ExpectedFiles = Readonly<Record<string, string>>;

/**
 * Unpacks an archive into a folder that does not exist yet: beside its place first, compared with what is expected, then renamed.
 *
 * @param fetchArchive - calls `take` with the bytes, again when they broke off.
 * @throws {TrainerError} `FOLDER_EXISTS`, `ARCHIVE_INVALID`, `DISK_FULL`; nothing is left behind.
 */
export async function unpackInto(
  folder: string,
  expected: ExpectedFiles,
  fetchArchive: (take: (body: ReadableStream<Uint8Array>) => Promise<void>) => Promise<void>,
): Promise<void> {
  refuseExisting(folder);
  const temporary = `${folder}.partial-${process.pid}-${Date.now()}`;
  try {
    await fetchArchive(async (body) => {
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary, { recursive: true });
      // What is no file and no folder, such as a link, is left out, and then missing.
      const filter = (_path: string, entry: object): boolean =>
        'type' in entry && ['File', 'OldFile', 'Directory'].includes(String(entry.type));
      await pipeline(Readable.fromWeb(body as never), extract({ cwd: temporary, filter, strict: true }));
    });
    for (const [name, sha256] of Object.entries(expected)) await check(join(temporary, name), name, sha256);
    await makeDurable(temporary);
    refuseExisting(folder);
    await rename(temporary, folder);
    await syncPath(dirname(folder));
  } catch (error) {
    throw explained(folder, error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

export function refuseExisting(folder: string): void {
  if (!existsSync(folder)) return;
  throw new TrainerError({ code: 'FOLDER_EXISTS', message: `${folder} exists.`, hint: 'Name a folder that does not.' });
}

async function check(path: string, name: string, sha256: string): Promise<void> {
  const found = existsSync(path) ? await sha256Of(path) : undefined;
  if (found === sha256) return;
  const what = found === undefined ? `has no ${name}` : `has another ${name} than the trainer wrote`;
  throw new TrainerError({ code: 'ARCHIVE_INVALID', message: `The archive ${what}.`, hint: 'Export once more.' });
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function makeDurable(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await syncPath(join(entry.parentPath, entry.name));
  await syncPath(folder);
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Windows makes no folder durable this way.
    if (process.platform !== 'win32') throw error;
  } finally {
    await handle.close();
  }
}

function explained(folder: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (['ENOSPC', 'EDQUOT'].includes(code)) {
    const message = `There is no room for ${folder}.`;
    return new TrainerError({ code: 'DISK_FULL', message, hint: 'Free some space.', retryable: true, cause: error });
  }
  if (!code.startsWith('TAR_') && !code.startsWith('Z_')) return error;
  return new TrainerError({
    code: 'ARCHIVE_INVALID',
    message: `The archive cannot be unpacked: ${(error as Error).message}`,
    hint: 'Export once more.',
    cause: error,
  });
}
