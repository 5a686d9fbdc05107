import { crc32 } from 'node:zlib';
import { entryStatusSchema, parse, StoreError, type BankCommit, type BankEntry, type EntryStatus } from '@skillrl/core';

import type { SqliteDatabase } from './sqlite-database.ts';
import { bodyOf } from './sqlite-entry-row.ts';
import { nextSeq } from './sqlite-seq.ts';

export const revisionSql = 'SELECT revision FROM state';

export function latestRevision(database: SqliteDatabase): number {
  return database.get<{ revision: number }>(revisionSql)!.revision;
}

/**
 * Applies a commit within a transaction: puts, then statuses, then removals.
 *
 * @returns the revision made, or the current one when the commit changes nothing.
 * @throws {StoreError} `REVISION_CONFLICT`, `ENTRY_UNKNOWN`, `ENTRY_NAMESPACE`.
 */
export function commitEntries(database: SqliteDatabase, commit: BankCommit, now: number): number {
  const latest = latestRevision(database);
  refuseConflict(database, commit, latest);
  const drafts = new Drafts(database, commit.namespace);
  for (const entry of commit.put ?? []) drafts.put(entry);
  for (const { id, status } of commit.statuses ?? []) drafts.setStatus(id, status);
  for (const id of commit.remove ?? []) drafts.remove(id);

  const changes = drafts.changes();
  if (changes.length === 0) return latest;
  const revision = latest + 1;
  database.run('INSERT INTO revision (revision, at, reason) VALUES (?, ?, ?)', [revision, now, commit.reason]);
  for (const change of changes) writeChange(database, revision, commit.namespace, change);
  database.run('UPDATE state SET revision = ?', [revision]);
  return revision;
}

function refuseConflict(database: SqliteDatabase, { namespace, expectedRevision }: BankCommit, latest: number): void {
  if (expectedRevision === undefined || expectedRevision === latest) return;
  const changed = 'SELECT 1 FROM entry WHERE namespace = ? AND revision > ? LIMIT 1';
  if (expectedRevision < latest && database.get(changed, [namespace, expectedRevision]) === undefined) return;
  throw new StoreError({
    code: 'REVISION_CONFLICT',
    message: `The bank is at revision ${latest}, not ${expectedRevision}: someone else committed in between.`,
    hint: 'Read the bank again and repeat the commit on what it holds now.',
    retryable: true,
  });
}

/** An entry's row as it is, or as it shall be. */
interface Row {
  readonly kind: string;
  readonly cluster: string;
  readonly status: EntryStatus;
  /** Key of a stored body. Absent for a new one. */
  readonly body?: number;
  readonly json: string;
}

interface Change {
  readonly id: string;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/** The entries that a commit touches: as they are, and as they shall be. */
class Drafts {
  readonly #database: SqliteDatabase;
  readonly #namespace: string;
  readonly #before = new Map<string, Row | undefined>();
  readonly #after = new Map<string, Row | undefined>();

  constructor(database: SqliteDatabase, namespace: string) {
    this.#database = database;
    this.#namespace = namespace;
  }

  put(entry: BankEntry): void {
    const json = bodyOf(entry);
    const { id, namespace, kind, cluster, status } = entry;
    if (namespace !== this.#namespace) {
      throw new StoreError({
        code: 'ENTRY_NAMESPACE',
        message: `The entry '${id}' is of namespace '${namespace}', but the commit is of '${this.#namespace}'.`,
        hint: 'Commit the entries of each namespace apart.',
      });
    }
    const current = this.#draft(id);
    const body = current?.json === json ? current.body : undefined;
    this.#after.set(id, { kind, cluster, status, body, json });
  }

  setStatus(id: string, status: EntryStatus): void {
    const current = this.#draft(id);
    if (current === undefined) {
      throw new StoreError({
        code: 'ENTRY_UNKNOWN',
        message: `The bank has no entry '${id}' whose status could become '${status}'.`,
      });
    }
    this.#after.set(id, { ...current, status: parse(entryStatusSchema, status, `status of '${id}'`) });
  }

  remove(id: string): void {
    if (this.#draft(id) !== undefined) this.#after.set(id, undefined);
  }

  changes(): Change[] {
    const all = [...this.#after].map(([id, after]) => ({ id, before: this.#before.get(id), after }));
    return all.filter(({ before, after }) => before?.status !== after?.status || before?.json !== after?.json);
  }

  #draft(id: string): Row | undefined {
    if (!this.#after.has(id)) {
      const row = this.#database.get<Row>(
        `SELECT kind, cluster, status, body, json FROM entry JOIN entry_body ON key = body
         WHERE namespace = ? AND id = ? AND until = ${Number.MAX_SAFE_INTEGER}`,
        [this.#namespace, id],
      );
      this.#before.set(id, row);
      this.#after.set(id, row);
    }
    return this.#after.get(id);
  }
}

function writeChange(
  database: SqliteDatabase,
  revision: number,
  namespace: string,
  { id, before, after }: Change,
): void {
  const last = `until = ${Number.MAX_SAFE_INTEGER}`;
  database.run(`UPDATE entry SET until = ? WHERE namespace = ? AND id = ? AND ${last}`, [revision, namespace, id]);
  const { kind, status, cluster } = after ?? before!;
  const body = after === undefined ? null : (after.body ?? writeBody(database, after.json));
  database.run(
    'INSERT INTO entry (seq, id, revision, namespace, kind, status, cluster, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    [nextSeq(database), id, revision, namespace, kind, status, cluster, body],
  );
}

/** Keeps an entry's text. @returns its key. */
export function writeBody(database: SqliteDatabase, json: string): number {
  return database.get<{ key: number }>('INSERT INTO entry_body (json, crc) VALUES (?, ?) RETURNING key', [
    json,
    crc32(json),
  ])!.key;
}
