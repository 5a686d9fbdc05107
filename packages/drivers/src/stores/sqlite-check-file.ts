import type { DatabaseSync } from 'node:sqlite';

import { loadSqlite } from './load-sqlite.ts';
import { restoreBackup, rowsOf, type BankCheck } from './sqlite-check.ts';
import { lastSeqSql, schema } from './sqlite-schema.ts';

/** So many lines of SQLite's own check are reported. */
const mostLines = 100;

/** SQLite's own check of pages and of rows against indexes. @param isQuick - leaves the indexes out. */
export function checkPages(isQuick: boolean): BankCheck {
  return function* (bank, report) {
    const sql = `PRAGMA ${isQuick ? 'quick_check' : 'integrity_check'}(${mostLines})`;
    for (const line of rowsOf<Record<string, string>>(bank, sql)) {
      for (const text of Object.values(line).flatMap((value) => value.split('\n'))) {
        if (text === 'ok' || text.startsWith('***')) continue;
        report({ table: 'file', id: '', what: `SQLite finds: ${text}.`, remedy: restoreBackup });
      }
      yield;
    }
  };
}

/** The tables as this version makes them, to the letter: a changed name in them would be another table or column. */
export const checkTables: BankCheck = function* (bank, report) {
  const { DatabaseSync } = loadSqlite();
  const made = new DatabaseSync(':memory:');
  try {
    made.exec(schema);
    const sql = "SELECT type || ' ' || name AS id, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'";
    const tables = (from: DatabaseSync): Map<string, string> =>
      new Map([...rowsOf<{ id: string; sql: string }>(from, sql)].map(({ id, sql: text }) => [id, text]));
    const [is, shall] = [tables(bank), tables(made)];
    for (const id of new Set([...is.keys(), ...shall.keys()])) {
      if (is.get(id) === shall.get(id)) continue;
      const what = is.has(id) ? 'It is not defined as this version defines it.' : 'It is missing.';
      report({ table: 'sqlite_schema', id, what, remedy: restoreBackup });
      yield;
    }
  } finally {
    made.close();
  }
};

/** Rows that point to rows which are not there. */
export const checkReferences: BankCheck = function* (bank, report) {
  const sql = 'PRAGMA foreign_key_check';
  for (const { table, rowid, parent } of rowsOf<{ table: string; rowid: number | null; parent: string }>(bank, sql)) {
    const id = rowid === null ? '' : String(rowid);
    report({ table, id, what: `It points to a row of '${parent}' that is not there.`, remedy: restoreBackup });
    yield;
  }
};

/** Revisions without a gap, the last of them the bank's. */
export const checkRevisions: BankCheck = function* (bank, report) {
  const states = [...rowsOf<{ seq: number; revision: number }>(bank, 'SELECT seq, revision FROM state')];
  if (states.length !== 1) {
    report({ table: 'state', id: '', what: `It has ${states.length} rows instead of one.`, remedy: restoreBackup });
  }
  let expected = 0;
  for (const { revision } of rowsOf<{ revision: number }>(bank, 'SELECT revision FROM revision ORDER BY revision')) {
    expected += 1;
    if (revision !== expected) {
      const what = `Revision ${expected} is missing: what it changed cannot be told.`;
      report({ table: 'revision', id: String(expected), what, remedy: restoreBackup });
      expected = revision;
    }
    yield;
  }
  const latest = states[0]?.revision;
  if (latest !== undefined && latest !== expected) {
    const what = `The bank says that it is at revision ${latest}, but the last one that is there is ${expected}.`;
    report({ table: 'state', id: '', what, remedy: restoreBackup });
  }
};

/** Every write has a number of its own, none above the last that was given out. */
export const checkNumbers: BankCheck = function* (bank, report) {
  const last = (bank.prepare(`SELECT ${lastSeqSql} AS seq FROM state`).get()?.['seq'] as number | undefined) ?? null;
  const tables = ['event', 'entry', 'vector', 'export'];
  const sql = tables.map((table) => `SELECT seq, '${table}' AS name FROM ${table}`).join(' UNION ALL ');
  let before = { seq: 0, name: '' };
  for (const row of rowsOf<{ seq: number; name: string }>(bank, `${sql} ORDER BY seq`)) {
    const id = String(row.seq);
    if (row.seq === before.seq) {
      const what = `Number ${id} is also in '${before.name}': who follows the bank by number misses one of them.`;
      report({ table: row.name, id, what, remedy: restoreBackup });
    }
    if (row.seq < 1 || (last !== null && row.seq > last)) {
      const what = `Number ${id} was never given out: the last is ${last}.`;
      report({ table: row.name, id, what, remedy: restoreBackup });
    }
    before = row;
    yield;
  }
};
