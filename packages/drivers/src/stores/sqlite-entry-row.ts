import { crc32 } from 'node:zlib';

import { bankEntrySchema, nameOf, parse, StoreError, type BankEntry, type EntryStatus } from '@skillrl/core';

/** A row of `entry` with its body; `json` and its `crc` are null for a removal. */
export interface EntryRow {
  readonly seq: number;
  readonly id: string;
  readonly revision: number;
  readonly status: EntryStatus;
  readonly json: string | null;
  readonly crc: number | null;
}

/**
 * The entry of a row: its body, with the status that the row gives it.
 *
 * @throws {StoreError} `ENTRY_UNREADABLE` when it is not what was written: no damage reaches a prompt.
 */
export function readEntry({ id, revision, status, json, crc }: EntryRow): BankEntry {
  try {
    if (json === null || crc32(json) !== crc) throw new Error('its text is not the one that was written.');
    const entry = parse(bankEntrySchema, { ...(JSON.parse(json) as object), status }, `entry '${id}'`);
    if (entry.id !== id) throw new Error(`its text is that of '${entry.id}'.`);
    return entry;
  } catch (cause) {
    throw new StoreError({
      code: 'ENTRY_UNREADABLE',
      message: `The entry '${id}' of revision ${revision} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'The file is damaged: skillrl bank verify tells how far, and what to do.',
      cause,
    });
  }
}

/** What is kept of an entry apart from its status, always in the schema's order of fields: equal bodies give equal texts. */
export function bodyOf(entry: BankEntry): string {
  const checked = parse(bankEntrySchema, entry, nameOf('entry', entry));
  return JSON.stringify({ ...checked, status: undefined });
}
