import type { SqliteDatabase } from './sqlite-database.ts';

/** The last number that was given, over the row of `state`. The log, which only grows, holds its own last number. */
export const lastSeqSql = 'max(state.seq, coalesce((SELECT max(event.seq) FROM event), 0))';

/**
 * The next number of the one sequence over all writes, for anything but an event. Call it within a write.
 *
 * An event takes the number after the last one as well, and writes nothing down but itself.
 */
export function nextSeq(database: SqliteDatabase): number {
  return database.get<{ seq: number }>(`UPDATE state SET seq = ${lastSeqSql} + 1 RETURNING seq`)!.seq;
}
