import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import { boundaryError } from '@skillrl/core';

/**
 * Puts a text in the place of a file's, durably and in one step: whoever reads, and a process that dies on the way, finds the old text or the
 * new one.
 *
 * @throws {FileError} when it cannot be written; what was there before is kept.
 */
export function replaceFile(path: string, text: string): void {
  const part = `${path}.part`;
  try {
    writeDurably(part, 'w', text);
    renameSync(part, path);
    syncFolder(path);
  } catch (error) {
    rmSync(part, { force: true, recursive: true });
    throw boundaryError('file', `write ${path}`, error);
  }
}

/** Adds a text to the end of a file, durably. @throws {FileError} */
export function appendToFile(path: string, text: string): void {
  try {
    writeDurably(path, 'a', text);
    syncFolder(path);
  } catch (error) {
    throw boundaryError('file', `write ${path}`, error);
  }
}

function writeDurably(path: string, flag: 'w' | 'a', text: string): void {
  const file = openSync(path, flag);
  try {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
