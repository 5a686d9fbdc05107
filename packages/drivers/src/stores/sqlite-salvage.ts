import type { DatabaseSync } from 'node:sqlite';
import type { BankEntry } from '@skillrl/core';

import { readEntry, type EntryRow } from './sqlite-entry-row.ts';
import { openToRead } from './sqlite-verify.ts';

/** What a damaged bank still gives. */
export interface SalvagedEntries {
  /** Entries of the latest revision that are as they were written, in the order of their ids. */
  readonly entries: readonly BankEntry[];
  /** How many entries or parts of the file could not be read, with one reason each; an id where it is known. */
  readonly lost: readonly string[];
}

/**
 * Reads a namespace's entries from a damaged bank one by one, so that one that cannot be read costs no other. Nothing is changed.
 *
 * @throws {StoreError} when the file's first page is damaged: nothing can be read then but from a backup.
 */
export function salvageEntries(path: string, namespace: string): SalvagedEntries {
  const bank = openToRead(path);
  try {
    const entries: BankEntry[] = [];
    const lost: string[] = [];
    const row = bank.prepare(
      `SELECT seq, namespace, entry.id, revision, status, until, body, json, crc FROM entry LEFT JOIN entry_body ON key = body WHERE seq = ?`,
    );
    const last = lastNumber(bank, lost);
    for (let seq = 1; seq <= last; seq += 1) {
      try {
        const found = row.get(seq) as unknown as SalvageRow | undefined;
        if (found?.namespace !== namespace || found.until !== Number.MAX_SAFE_INTEGER || found.body === null) continue;
        entries.push(readEntry(found));
      } catch (error) {
        lost.push(`number ${seq}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return { entries: entries.toSorted((a, b) => (a.id < b.id ? -1 : 1)), lost };
  } finally {
    bank.close();
  }
}

interface SalvageRow extends EntryRow {
  readonly namespace: string;
  readonly until: number;
  readonly body: number | null;
}

/** The last number that an entry may have. */
function lastNumber(bank: DatabaseSync, lost: string[]): number {
  let last = 0;
  for (const sql of ['SELECT max(seq) AS seq FROM entry', 'SELECT seq FROM state']) {
    try {
      last = Math.max(last, Number(bank.prepare(sql).get()?.['seq'] ?? 0));
    } catch (error) {
      lost.push(`the last number (${sql}): ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return last;
}
