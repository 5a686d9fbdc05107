import type { DatabaseSync, SQLInputValue } from 'node:sqlite';

/** One thing in a bank's file that is not as it must be. */
export interface BankDamage {
  /** The table it was found in; `file` for the file as a whole. */
  readonly table: string;
  /** What the row is known by: an id, a seq, a key; empty for the table as a whole. */
  readonly id: string;
  /** What is wrong, and what it means. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
}

/**
 * Looks at one side of a bank and reports what is wrong. Yields after each row, so that whoever runs it may pause, count and stop.
 *
 * May throw what SQLite throws: the rest of what it looks at cannot be read then.
 */
export type BankCheck = (bank: DatabaseSync, report: (damage: BankDamage) => void) => Iterable<unknown>;

export const restoreBackup =
  'Restore a backup (skillrl bank restore FILE), or keep what can be read (skillrl bank salvage FILE) and import it into a new folder.';

/** Rows one by one; `Row` must name the columns that the query selects. */
export function rowsOf<Row>(
  bank: DatabaseSync,
  sql: string,
  values: readonly SQLInputValue[] = [],
): IterableIterator<Row> {
  return bank.prepare(sql).iterate(...values) as IterableIterator<Row>;
}
