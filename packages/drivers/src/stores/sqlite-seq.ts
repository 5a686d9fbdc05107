import type { SqliteDatabase } from './sqlite-database.ts';
import { lastSeqSql } from './sqlite-schema.ts';

/**
 * The next number of the one sequence over all writes, for anything but an event. Call it within a write.
 *
 * An event takes the number after the last one as well, and writes nothing down but itself.
 */
export function nextSeq(database: SqliteDatabase): number {
  return database.get<{ seq: number }>(`UPDATE state SET seq = ${lastSeqSql} + 1 RETURNING seq`)!.seq;
}
