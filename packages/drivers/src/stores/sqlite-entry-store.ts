import { StoreError, type BankEntry, type BankView, type EntryFilter, type EntryStore } from '@skillrl/core';
import type { SQLInputValue } from 'node:sqlite';

import { commitEntries, latestRevision, revisionSql } from './sqlite-commit.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { readEntry, type EntryRow } from './sqlite-entry-row.ts';
import { stageEntries } from './sqlite-staging.ts';
import { cacheVectors, findCachedVectors } from './sqlite-vectors.ts';

/** Rows fetched at a time, so that a list of a million entries is never in memory at once. */
const pageSize = 256;
/** Some milliseconds of reading. */
const vectorsAtOnce = 512;

/** The bank in SQLite: every revision of every entry, and vectors by embedder and text. */
export function sqliteEntryStore(database: SqliteDatabase): EntryStore {
  return {
    revision: async () => (await database.readRow<{ revision: number }>('read the revision', revisionSql))!.revision,
    markOf: (revision) =>
      database.read('read the mark of a revision', () => {
        if (revision === 0) return '';
        return database.get<{ mark: string }>('SELECT mark FROM revision WHERE revision = ?', [revision])?.mark;
      }),
    commit: (commit) => database.write('commit entries', () => commitEntries(database, commit, Date.now())),
    stage: (namespace) => stageEntries(database, namespace),
    view: async (namespace, revision) => {
      const latest = await database.read('open a view', () => latestRevision(database));
      return viewAt(database, namespace, checkedRevision(revision ?? latest, latest));
    },
    async *changesAfter(namespace, revision) {
      const until = await database.read('read changes', () => latestRevision(database));
      // All of the revision itself lies before the first page.
      let last = { revision, seq: Number.MAX_SAFE_INTEGER };
      for (;;) {
        const rows = await database.read('read changes', () => changesPage(database, namespace, last, until));
        for (const row of rows) {
          yield { revision: row.revision, id: row.id, entry: row.json === null ? undefined : readEntry(row) };
        }
        if (rows.length < pageSize) return;
        last = rows.at(-1)!;
      }
    },
    cachedVectors: async (embedderId, textHashes) => {
      const found = new Map<string, Float32Array>();
      // In parts, so that other work of the process gets its turn between them.
      for (let start = 0; start < textHashes.length; start += vectorsAtOnce) {
        const part = textHashes.slice(start, start + vectorsAtOnce);
        await database.read('read vectors', () => findCachedVectors(database, embedderId, part, found));
      }
      return found;
    },
    cacheVectors: async (embedderId, vectors) => {
      if (vectors.size > 0) await database.write('keep vectors', () => cacheVectors(database, embedderId, vectors));
    },
    servingEmbedder: async (namespace) =>
      (await database.readRow<{ embedder: string }>('read which embedder serves', servingSql, [namespace]))?.embedder,
    setServingEmbedder: (namespace, embedderId, expected) =>
      database.write('change which embedder serves', () => {
        if (database.get<{ embedder: string }>(servingSql, [namespace])?.embedder !== expected) return false;
        database.run('INSERT OR REPLACE INTO serving_embedder (namespace, embedder) VALUES (?, ?)', [
          namespace,
          embedderId,
        ]);
        return true;
      }),
    close: () => database.close(),
  };
}

const servingSql = 'SELECT embedder FROM serving_embedder WHERE namespace = ?';

/** The changes after the last one, up to a revision: the rest of its revision, then those of later ones. Each is found without a search. */
function changesPage(
  database: SqliteDatabase,
  namespace: string,
  last: { readonly revision: number; readonly seq: number },
  until: number,
): EntryRow[] {
  const select = `SELECT seq, entry.id, revision, status, json, crc FROM entry LEFT JOIN entry_body ON key = body WHERE namespace = ?`;
  const sameRevision = `${select} AND revision = ? AND seq > ? ORDER BY seq LIMIT ?`;
  const rows = database.all<EntryRow>(sameRevision, [namespace, last.revision, last.seq, pageSize]);
  if (rows.length === pageSize) return rows;
  const later = `${select} AND revision > ? AND revision <= ? ORDER BY revision, seq LIMIT ?`;
  return [...rows, ...database.all<EntryRow>(later, [namespace, last.revision, until, pageSize - rows.length])];
}

function checkedRevision(revision: number, latest: number): number {
  if (Number.isInteger(revision) && revision >= 0 && revision <= latest) return revision;
  throw new StoreError({
    code: 'REVISION_UNKNOWN',
    message: `The bank has no revision ${revision}; the latest is ${latest}.`,
  });
}

function viewAt(database: SqliteDatabase, namespace: string, revision: number): BankView {
  const entryAt = (id: string): BankEntry | undefined => {
    const row = database.get<EntryRow>(
      `SELECT seq, entry.id, revision, status, json, crc FROM entry JOIN entry_body ON key = body
       WHERE namespace = ? AND entry.id = ? AND revision <= ? AND until > ?`,
      [namespace, id, revision, revision],
    );
    return row === undefined ? undefined : readEntry(row);
  };
  return {
    namespace,
    revision,
    get: (id) => database.read('read an entry', () => entryAt(id)),
    getMany: (ids) =>
      database.read('read entries', () => {
        const found = new Map<string, BankEntry>();
        for (const id of ids) {
          const entry = entryAt(id);
          if (entry !== undefined) found.set(id, entry);
        }
        return found;
      }),
    async *list(filter = {}) {
      const { where, values } = conditions(namespace, filter, revision);
      let after = '';
      for (;;) {
        const rows = await database.read('list entries', () =>
          database.all<EntryRow>(
            `SELECT seq, entry.id, revision, status, json, crc FROM entry JOIN entry_body ON key = body
             WHERE ${where} AND entry.id > ? ORDER BY entry.id LIMIT ?`,
            [...values, after, pageSize],
          ),
        );
        for (const row of rows) yield readEntry(row);
        if (rows.length < pageSize) return;
        after = rows.at(-1)!.id;
      }
    },
    count: (filter = {}) => {
      const { where, values } = conditions(namespace, filter, revision);
      return database.read('count entries', () => {
        const sql = `SELECT count(*) AS count FROM entry WHERE body IS NOT NULL AND ${where}`;
        return database.get<{ count: number }>(sql, values)!.count;
      });
    },
    clusters: (filter = {}) => {
      const { where, values } = conditions(namespace, filter, revision);
      return database.read('list clusters', () => {
        const sql = `SELECT DISTINCT cluster FROM entry WHERE body IS NOT NULL AND ${where} ORDER BY cluster`;
        return database.all<{ cluster: string }>(sql, values).map((row) => row.cluster);
      });
    },
  };
}

function conditions(
  namespace: string,
  { statuses, kinds, cluster, idPrefix }: EntryFilter,
  revision: number,
): { readonly where: string; readonly values: readonly SQLInputValue[] } {
  const where = ['namespace = ?', 'revision <= ?', 'until > ?'];
  const values: SQLInputValue[] = [namespace, revision, revision];
  for (const [column, allowed] of [['status', statuses] as const, ['kind', kinds] as const]) {
    if (allowed === undefined) continue;
    where.push(`${column} IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(allowed));
  }
  if (cluster !== undefined) {
    where.push('cluster = ?');
    values.push(cluster);
  }
  if (idPrefix !== undefined) {
    // The byte 0xFF comes after every text in UTF-8: a range that the index by id finds.
    where.push(`entry.id >= ? AND entry.id < ? || CAST(x'FF' AS TEXT)`);
    values.push(idPrefix, idPrefix);
  }
  return { where: where.join(' AND '), values };
}
