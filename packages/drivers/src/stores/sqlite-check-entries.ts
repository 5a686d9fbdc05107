import { type BankEntry } from '@skillrl/core';

import { restoreBackup, rowsOf, type BankCheck } from './sqlite-check.ts';
import { readEntry, type EntryRow } from './sqlite-entry-row.ts';

interface FullRow extends EntryRow {
  readonly namespace: string;
  readonly until: number;
  readonly kind: string;
  readonly cluster: string;
  readonly body: number | null;
}

/** Every revision of every entry: readable, as it was written, and valid from one revision to the next without overlap or gap. */
export const checkEntries: BankCheck = function* (bank, report) {
  // In the order of an index, so that nothing is sorted, and neighbours are of one entry.
  const sql = `SELECT seq, namespace, entry.id, revision, until, kind, status, cluster, body, json, crc
    FROM entry LEFT JOIN entry_body ON key = body ORDER BY namespace, entry.id, revision`;
  let before: FullRow | undefined;
  for (const row of rowsOf<FullRow>(bank, sql)) {
    for (const what of [...wrongSpan(before, row), ...wrongText(row)]) {
      report({ table: 'entry', id: nameOf(row), what, remedy: restoreBackup });
    }
    before = row;
    yield;
  }
  for (const what of wrongSpan(before, undefined)) {
    report({ table: 'entry', id: nameOf(before!), what, remedy: restoreBackup });
  }
};

/** Texts that no entry has, and no import that is under way or was killed. */
export const checkBodies: BankCheck = function* (bank, report) {
  const sql = `SELECT key FROM entry_body WHERE key NOT IN (SELECT body FROM entry WHERE body IS NOT NULL)
    AND key NOT IN (SELECT body FROM staged_entry)`;
  for (const { key } of rowsOf<{ key: number }>(bank, sql)) {
    const what = 'No entry has this text: the entry that it belonged to is lost, or has the text of another.';
    report({ table: 'entry_body', id: String(key), what, remedy: restoreBackup });
    yield;
  }
};

const forever = Number.MAX_SAFE_INTEGER;

/** What is wrong between a row and the one after it. */
function* wrongSpan(row: FullRow | undefined, next: FullRow | undefined): Iterable<string> {
  if (row === undefined) return;
  const isLast = next === undefined || next.namespace !== row.namespace || next.id !== row.id;
  const end = isLast ? forever : next.revision;
  if (row.until === end) return;
  const says = row.until === forever ? 'for ever' : `until revision ${row.until}`;
  yield `Its row of revision ${row.revision} says that it holds ${says}, but ${isLast ? 'no later row ends it' : `the next row is of revision ${end}`}: views between them would see two of it, or none.`;
}

function* wrongText(row: FullRow): Iterable<string> {
  if (row.body === null) return;
  let entry: BankEntry;
  try {
    entry = readEntry(row);
  } catch (error) {
    yield error instanceof Error ? error.message : String(error);
    return;
  }
  for (const field of ['namespace', 'kind', 'cluster'] as const) {
    if (entry[field] !== row[field]) {
      yield `Its row of revision ${row.revision} says ${field} '${row[field]}', its text '${entry[field]}': lists would show it in the wrong place.`;
    }
  }
}

function nameOf({ namespace, id }: FullRow): string {
  return `${namespace}/${id}`;
}
