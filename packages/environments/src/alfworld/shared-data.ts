import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Why a test that needs the shared data is skipped; goes into the name of its suite. */
export const needsData = 'needs the data of SKILLRL_DATA or ../shared/data';

/**
 * A path in the data that tests and measurements read: `$SKILLRL_DATA`, else `../shared/data` beside the repository.
 *
 * @returns undefined when it is not there.
 * @throws {Error} when it is not there and `SKILLRL_REQUIRE` names `data`.
 */
export function sharedData(...path: readonly string[]): string | undefined {
  const root = process.env['SKILLRL_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data');
  const found = join(root, ...path);
  if (existsSync(found)) return found;
  if ((process.env['SKILLRL_REQUIRE'] ?? '').split(',').includes('data'))
    throw new Error(`SKILLRL_REQUIRE asks for data, but ${found} is not there.`);
  return undefined;
}
