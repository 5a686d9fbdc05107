import { open } from 'node:fs/promises';

import { boundaryError } from '@skillrl/core';

/** A file's text. @throws {FileError} */
export async function readText(path: string): Promise<string> {
  const lines: string[] = [];
  for await (const line of readLines(path)) lines.push(line);
  return lines.join('\n');
}

/**
 * A file's lines as they are read, without the mark of byte order that some editors put first.
 *
 * @throws {FileError} when it is not there, is a folder, or may not be read.
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  try {
    await using file = await open(path);
    let isFirst = true;
    for await (const line of file.readLines()) {
      yield isFirst ? line.replace(/^\uFEFF/, '') : line;
      isFirst = false;
    }
  } catch (error) {
    throw boundaryError('file', `read ${path}`, error);
  }
}
