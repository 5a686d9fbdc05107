import type { SqliteDatabase } from './sqlite-database.ts';

/**
 * The next number of the one sequence over all writes, for anything but an event. Call it within a write.
 *
 * An event takes the number after `latestSeq` and writes nothing down: the log, which only grows, holds the last one itself.
 */
export function nextSeq(database: SqliteDatabase): number {
  const seq = latestSeq(database) + 1;
  database.run('UPDATE state SET seq = ?', [seq]);
  return seq;
}

/** The last number that was given. */
export function latestSeq(database: SqliteDatabase): number {
  const sql = 'SELECT max(seq, coalesce((SELECT max(seq) FROM event), 0)) AS seq FROM state';
  return database.get<{ seq: number }>(sql)!.seq;
}
