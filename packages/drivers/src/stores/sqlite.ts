import type { EntryStore, EpisodeStore } from '@skillrl/core';

import { SqliteDatabase, type SqliteOptions } from './sqlite-database.ts';
import { sqliteEntryStore } from './sqlite-entry-store.ts';
import { sqliteEpisodeStore } from './sqlite-episode-store.ts';

/** Two stores over one file. Closing any of the three closes all. */
export interface SqliteStores {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
  close(): Promise<void>;
}

/**
 * Episodes and entries in one SQLite file, through Node's own `node:sqlite`. An acknowledged write survives a crash.
 *
 * @throws {UnsupportedError} `SQLITE_UNAVAILABLE` before Node 22.13.
 * @throws {StoreError} when the file cannot be opened, is damaged, or was made by another or a newer program.
 */
export function sqlite(options: SqliteOptions): SqliteStores {
  const database = new SqliteDatabase(options);
  return {
    episodes: sqliteEpisodeStore(database),
    entries: sqliteEntryStore(database),
    close: () => database.close(),
  };
}
