import {
  StoreError,
  type EntryStaging,
  type Progress,
  type SkippedEntry,
  type StagedCommit,
  type StagedCounts,
  type StagedEntry,
} from '@skillrl/core';

import { fileLock } from './file-lock.ts';
import { latestRevision, writeBody } from './sqlite-commit.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { bodyOf } from './sqlite-entry-row.ts';
import { lastSeqSql } from './sqlite-schema.ts';

/** Rows of one step of long work: some milliseconds. */
const stepSize = 500;

const last = `until = ${Number.MAX_SAFE_INTEGER}`;

/**
 * Stages entries in the bank's own file, on a connection of its own. The long part, bodies, is written in many short transactions; the commit
 * is one transaction over narrow rows, so that other writers wait for little. The operating system's lock on a file beside the bank says
 * whether what is staged belongs to a living process.
 */
export async function stageEntries({ options }: SqliteDatabase, namespace: string): Promise<EntryStaging> {
  const lock = fileLock(`${options.path}.import`, `an import into ${options.path}`);
  let database: SqliteDatabase | undefined;
  try {
    database = new SqliteDatabase(options);
    // What is staged need not survive a power cut; the commit does, and takes the log of recent writes with it.
    database.run('PRAGMA synchronous = NORMAL');
    // A body is deleted only when no row names it; to look for one, SQLite would read all rows.
    database.run('PRAGMA foreign_keys = OFF');
    await throwAway(database);
    await database.write('begin an import', () =>
      database?.run('INSERT INTO staging (one, namespace) VALUES (1, ?)', [namespace]),
    );
  } catch (error) {
    await database?.close();
    lock.release();
    throw error;
  }
  return staging(database, namespace, () => lock.release());
}

function staging(database: SqliteDatabase, namespace: string, release: () => void): EntryStaging {
  let closed: Promise<void> | undefined;
  return {
    add: async (entries) => {
      const rows = entries.map((staged) => rowOf(staged, namespace));
      return database.write('stage entries', () => entries.filter((_, index) => !stageRow(database, rows[index]!)));
    },
    commit: async (reason, { signal, progress } = {}) => {
      const seen = await database.read('read the revision', () => latestRevision(database));
      for (let after = ''; ;) {
        signal?.throwIfAborted();
        const end = stepEnd(database, after);
        if (end === undefined) break;
        await database.write('compare entries', () => compareStep(database, namespace, after, end));
        after = end;
      }
      database.run('PRAGMA synchronous = FULL');
      return database.writeInSteps('commit an import', () => commitSteps(database, namespace, seen, reason, progress), {
        signal,
      });
    },
    async *skipped() {
      for (let after = ''; ;) {
        const rows = await database.read('list what was skipped', () =>
          database.all<{ id: string; line: number; version: number; present: number }>(
            "SELECT id, line, version, present FROM staged_entry WHERE outcome = 'skipped' AND id > ? ORDER BY id LIMIT ?",
            [after, stepSize],
          ),
        );
        for (const { present, ...row } of rows) yield { ...row, presentVersion: present } satisfies SkippedEntry;
        if (rows.length < stepSize) return;
        after = rows.at(-1)!.id;
      }
    },
    close: () => (closed ??= closeStaging(database, release)),
  };
}

interface StagedRow {
  readonly id: string;
  readonly line: number;
  readonly version: number;
  readonly kind: string;
  readonly status: string;
  readonly cluster: string;
  readonly json: string;
}

function rowOf({ line, entry }: StagedEntry, namespace: string): StagedRow {
  if (entry.namespace !== namespace) {
    throw new StoreError({
      code: 'ENTRY_NAMESPACE',
      message: `The entry '${entry.id}' is of namespace '${entry.namespace}', but the import is into '${namespace}'.`,
      hint: 'Import the entries of each namespace apart.',
    });
  }
  const { id, version, kind, status, cluster } = entry;
  return { id, line, version, kind, status, cluster, json: bodyOf(entry) };
}

/** @returns whether it was staged: its id was not there yet. */
function stageRow(database: SqliteDatabase, { id, line, version, kind, status, cluster, json }: StagedRow): boolean {
  if (database.get('SELECT 1 FROM staged_entry WHERE id = ?', [id]) !== undefined) return false;
  const key = writeBody(database, json);
  database.run(
    'INSERT INTO staged_entry (id, line, version, kind, status, cluster, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
    [id, line, version, kind, status, cluster, key],
  );
  return true;
}

/** The id that ends the next step; `undefined` when there is nothing left. */
function stepEnd(database: SqliteDatabase, after: string): string | undefined {
  const sql = 'SELECT max(id) AS id FROM (SELECT id FROM staged_entry WHERE id > ? ORDER BY id LIMIT ?)';
  return database.get<{ id: string | null }>(sql, [after, stepSize])!.id ?? undefined;
}

const present = `entry JOIN entry_body AS old ON old.key = entry.body`;
const compared = `
UPDATE staged_entry SET present = old.json ->> 'version',
  outcome = CASE WHEN (old.json = new.json AND entry.status = staged_entry.status)
                   OR old.json ->> 'version' > staged_entry.version THEN 'skipped' ELSE 'replaced' END
FROM ${present}, entry_body AS new
WHERE new.key = staged_entry.body AND entry.id = staged_entry.id AND entry.namespace = ? AND ${last}`;

/** Says of each staged entry of a step what it is to the bank as it is. */
function compareStep(database: SqliteDatabase, namespace: string, after: string, end: string): void {
  database.run(`${compared} AND staged_entry.id > ? AND staged_entry.id <= ?`, [namespace, after, end]);
}

/** Says it again of those that were committed by others after a revision. */
function compareAgain(database: SqliteDatabase, namespace: string, revision: number): void {
  const changed = '(SELECT id FROM entry WHERE namespace = ? AND revision > ?)';
  const values = [namespace, revision];
  database.run(`UPDATE staged_entry SET outcome = 'added', present = NULL WHERE id IN ${changed}`, values);
  database.run(`${compared} AND staged_entry.id IN ${changed}`, [namespace, ...values]);
}

function* commitSteps(
  database: SqliteDatabase,
  namespace: string,
  seen: number,
  reason: (counts: StagedCounts) => string,
  progress: Progress | undefined,
): Generator<void, StagedCommit> {
  const latest = latestRevision(database);
  if (latest > seen) compareAgain(database, namespace, seen);
  const counts = countOutcomes(database);
  const total = counts.added + counts.replaced;
  if (total === 0) {
    database.run('UPDATE staging SET revision = ?', [latest]);
    return { revision: latest, ...counts };
  }
  const revision = latest + 1;
  const stage = 'commit';
  const startedAt = performance.now();
  progress?.({ type: 'stage-start', stage, total, unit: 'entries' });
  database.run('INSERT INTO revision (revision, at, reason) VALUES (?, ?, ?)', [revision, Date.now(), reason(counts)]);
  database.run(`UPDATE state SET seq = ${lastSeqSql}`);
  for (let after = '', done = 0; ;) {
    const end = stepEnd(database, after);
    if (end === undefined) break;
    done += commitStep(database, namespace, revision, after, end);
    progress?.({ type: 'stage-advance', stage, done, total });
    after = end;
    yield;
  }
  database.run('UPDATE state SET revision = ?', [revision]);
  database.run('UPDATE staging SET revision = ?', [revision]);
  progress?.({ type: 'stage-end', stage, done: total, durationMs: performance.now() - startedAt });
  return { revision, ...counts };
}

function countOutcomes(database: SqliteDatabase): StagedCounts {
  const rows = database.all<{ outcome: keyof StagedCounts; count: number }>(
    'SELECT outcome, count(*) AS count FROM staged_entry GROUP BY outcome',
  );
  const counts = { added: 0, replaced: 0, skipped: 0 };
  for (const { outcome, count } of rows) counts[outcome] = count;
  return counts;
}

/** Ends the rows that are replaced and writes the new ones, in the order of ids. */
function commitStep(database: SqliteDatabase, namespace: string, revision: number, after: string, end: string): number {
  database.run(
    `UPDATE entry SET until = ? WHERE namespace = ? AND ${last}
     AND id IN (SELECT id FROM staged_entry WHERE outcome = 'replaced' AND id > ? AND id <= ?)`,
    [revision, namespace, after, end],
  );
  const { changes } = database.run(
    `INSERT INTO entry (seq, id, revision, namespace, kind, status, cluster, body)
     SELECT state.seq + row_number() OVER (ORDER BY staged_entry.id), id, ?, ?, kind, status, cluster, body
     FROM staged_entry, state WHERE outcome <> 'skipped' AND id > ? AND id <= ? ORDER BY staged_entry.id`,
    [revision, namespace, after, end],
  );
  database.run('UPDATE state SET seq = seq + ?', [changes]);
  return changes;
}

async function closeStaging(database: SqliteDatabase, release: () => void): Promise<void> {
  try {
    await throwAway(database);
    // The log has grown by the commit; whoever reads an older state keeps it so a little longer.
    database.get('PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    await database.close();
    release();
  }
}

/** Throws away what is staged, with the bodies that no commit took. */
async function throwAway(database: SqliteDatabase): Promise<void> {
  const left = await database.read('look for an interrupted import', () =>
    database.get<{ revision: number | null }>('SELECT revision FROM staging'),
  );
  if (left === undefined) return;
  const unused = left.revision === null ? '' : "AND outcome = 'skipped'";
  for (;;) {
    const isDone = await database.write('throw away what was staged', () => {
      const end = stepEnd(database, '');
      if (end === undefined) {
        database.run('DELETE FROM staging');
        return true;
      }
      database.run(`DELETE FROM entry_body WHERE key IN (SELECT body FROM staged_entry WHERE id <= ? ${unused})`, [
        end,
      ]);
      database.run('DELETE FROM staged_entry WHERE id <= ?', [end]);
      return false;
    });
    if (isDone) return;
  }
}
