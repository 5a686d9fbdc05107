import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/**
 * Twelve hexadecimal digits that differ between versions of a model's file: the beginning of the SHA-256 of its size and content. Of a
 * file over 64 MiB only the first and the last 32 MiB are read.
 */
export function fingerprint(path: string): string {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const hash = createHash('sha256').update(String(size));
    if (size <= 2 * partBytes) hash.update(read(file, 0, size));
    else hash.update(read(file, 0, partBytes)).update(read(file, size - partBytes, partBytes));
    return hash.digest('hex').slice(0, 12);
  } finally {
    closeSync(file);
  }
}

const partBytes = 32 << 20;

function read(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}
