import { bankEntrySchema, parse, StoreError, type BankEntry, type EntryStatus } from '@skillrl/core';

/** A row of `entry` with its body; `json` is null for a removal. */
export interface EntryRow {
  readonly seq: number;
  readonly id: string;
  readonly revision: number;
  readonly status: EntryStatus;
  readonly json: string | null;
}

/** The entry of a row: its body, with the status that the row gives it. */
export function readEntry({ id, revision, status, json }: EntryRow): BankEntry {
  try {
    return parse(bankEntrySchema, { ...(JSON.parse(json ?? 'null') as object), status }, `entry '${id}'`);
  } catch (cause) {
    throw new StoreError({
      code: 'ENTRY_UNREADABLE',
      message: `The entry '${id}' of revision ${revision} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'It was written by another version of the program, or the file is damaged.',
      cause,
    });
  }
}

/** What is kept of an entry apart from its status, always in the schema's order of fields: equal bodies give equal texts. */
export function bodyOf(entry: BankEntry): string {
  const checked = parse(bankEntrySchema, entry, `entry '${entry.id}'`);
  return JSON.stringify({ ...checked, status: undefined });
}
