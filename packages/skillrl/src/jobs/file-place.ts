import { realpathSync, statSync } from 'node:fs';

import { InputError } from '@skillrl/core';

/**
 * Where a file that will be put in one piece under a path must go: links are followed, so that a link stays one.
 *
 * @throws {InputError} `NO_PLAIN_FILE` for a device, a pipe or a folder, which a file would take the place of.
 */
export function filePlace(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return path;
  if (found.isFile()) return realpathSync(path);
  throw new InputError({
    code: 'NO_PLAIN_FILE',
    message: `${path} is no plain file, and would be replaced by one.`,
    hint: 'Give the path of a file, which appears when it is whole.',
  });
}
