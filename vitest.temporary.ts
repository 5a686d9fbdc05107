import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One folder for the temporary files of a whole run: vitest ends its workers without the exit hooks that would remove them. */
export function setup(): () => void {
  const [before, folder] = [process.env['TMPDIR'], mkdtempSync(join(tmpdir(), 'skillrl-tests-'))];
  process.env['TMPDIR'] = folder;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(folder, { recursive: true, force: true });
  };
}
