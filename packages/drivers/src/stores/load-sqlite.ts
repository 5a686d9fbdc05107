import { UnsupportedError } from '@skillrl/core';

export type Sqlite = typeof import('node:sqlite');

/**
 * Node's own SQLite.
 *
 * @param builtin - how a built-in module is looked up; another one in tests.
 * @throws {UnsupportedError} `SQLITE_UNAVAILABLE` before Node 22.13, where the module does not exist or sits behind a flag.
 */
export function loadSqlite(builtin = (name: string): unknown => process.getBuiltinModule?.(name)): Sqlite {
  const sqlite = builtin('node:sqlite') as Sqlite | undefined;
  if (sqlite !== undefined) return sqlite;
  throw new UnsupportedError('store', {
    code: 'SQLITE_UNAVAILABLE',
    message: `The SQLite store needs Node 22.13 or newer; this is Node ${process.versions.node}.`,
    hint: 'Install Node 24 (https://nodejs.org) and run the program with it.',
  });
}
