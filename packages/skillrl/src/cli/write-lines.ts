import { once } from 'node:events';

import { wholeFile } from './whole-file.ts';

/** Writes lines to a file that appears when it is whole, or for `-` to standard output. @throws {FileError} */
export async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  if (file === '-') {
    for await (const line of lines) if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
    return;
  }
  const target = await wholeFile(file);
  try {
    for await (const line of lines) await target.write(`${line}\n`);
    await target.finish();
  } finally {
    await target.discard();
  }
}
