import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { noProgress, StoreError, type Progress } from '@skillrl/core';

import { lostWrites, readAcknowledged } from './acknowledged.ts';
import { loadSqlite } from './load-sqlite.ts';
import { checkBodies, checkEntries } from './sqlite-check-entries.ts';
import { checkEpisodes } from './sqlite-check-episodes.ts';
import { checkExports } from './sqlite-check-exports.ts';
import { checkNumbers, checkPages, checkReferences, checkRevisions, checkTables } from './sqlite-check-file.ts';
import { checkStatistics } from './sqlite-check-statistics.ts';
import { checkVectors } from './sqlite-check-vectors.ts';
import { restoreBackup, type BankCheck, type BankDamage } from './sqlite-check.ts';
import { storeError } from './sqlite-error.ts';
import { refuseForeign } from './sqlite-open.ts';
import { lastSeqSql } from './sqlite-schema.ts';

export interface VerifyBankOptions {
  /** Only what is read in moments: pages, revisions, lost writes. Default `false`. */
  readonly isQuick?: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** What a bank's file holds, and what is wrong with it. Counts are 0 where they could not be read. */
export interface BankReport {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of a backup's file; absent of a quick look, and of a bank that is written to: its file changes with every opening. */
  readonly sha256?: string;
  readonly seq: number;
  readonly revision: number;
  /** Entries of the latest revision, in all namespaces. */
  readonly entries: number;
  readonly episodes: number;
  /** The first findings, `mostFindings` at most. */
  readonly damage: readonly BankDamage[];
  /** How many findings there were. */
  readonly findings: number;
}

export const mostFindings = 200;

const deepChecks: Readonly<Record<string, BankCheck>> = {
  references: checkReferences,
  numbers: checkNumbers,
  entries: checkEntries,
  texts: checkBodies,
  episodes: checkEpisodes,
  statistics: checkStatistics,
  exports: checkExports,
  vectors: checkVectors,
};

/**
 * Reads a bank's file from end to end, without changing it, and tells what is damaged. Others may write to it meanwhile: it looks at one
 * state of it.
 *
 * What it cannot see: a changed byte in the reason or time of a commit, in the hash or time of an erased event, and in what SQLite leaves
 * unused.
 *
 * @throws {StoreError} when there is no such file, it may not be read, or it is not a bank of this version.
 */
export async function verifyBank(path: string, options: VerifyBankOptions = {}): Promise<BankReport> {
  const { isQuick = false, signal } = options;
  const damage: BankDamage[] = [];
  let findings = 0;
  const report: Reporting = (found) => {
    findings += 1;
    if (damage.length < mostFindings) damage.push(found);
  };
  const bytes = sizeOf(path);
  let counts = { seq: 0, revision: 0, entries: 0, episodes: 0 };
  let isBackup = false;
  let bank: DatabaseSync | undefined;
  try {
    const last = readAcknowledged(path);
    bank = openToRead(path);
    isBackup = bank.prepare('PRAGMA journal_mode').get()?.['journal_mode'] === 'delete';
    const checks = {
      pages: checkPages(isQuick),
      tables: checkTables,
      revisions: checkRevisions,
      ...(isQuick ? {} : deepChecks),
    };
    await runChecks(bank, checks, report, options);
    counts = countsOf(bank, report);
    for (const found of lostWrites(path, last, counts.seq)) report(found);
  } catch (error) {
    const known = storeError('verify the bank', path, error);
    if (!(known instanceof StoreError) || known.code !== 'STORE_DAMAGED') throw known;
    report({ table: 'file', id: '', what: known.message, remedy: restoreBackup });
  } finally {
    bank?.close();
  }
  const sha256 = isBackup && !isQuick ? await fileHash(path, signal) : undefined;
  return { path, bytes, ...(sha256 === undefined ? {} : { sha256 }), ...counts, damage, findings };
}

/**
 * Opens a bank's file to read, at one state of it.
 *
 * @throws {StoreError} for a file of another program or version.
 */
export function openToRead(path: string): DatabaseSync {
  const { DatabaseSync } = loadSqlite();
  const open = (place: string | URL): DatabaseSync => {
    const bank = new DatabaseSync(place, { readOnly: true, timeout: 5000 });
    try {
      refuseForeign(bank, path);
      // The first read begins the state that all later ones see.
      bank.exec('BEGIN');
      bank.prepare('SELECT count(*) FROM sqlite_schema').get();
      return bank;
    } catch (error) {
      bank.close();
      throw error;
    }
  };
  try {
    return open(path);
  } catch (error) {
    const { code } = storeError('', path, error) as { code?: string };
    // In a folder that may not be written SQLite reads only what nobody else can change.
    if ((code !== 'STORE_CANNOT_OPEN' && code !== 'STORE_READ_ONLY') || existsSync(`${path}-wal`)) throw error;
    const place = pathToFileURL(path);
    place.search = '?immutable=1';
    return open(place);
  }
}

/** SHA-256 of a file's bytes, in hexadecimal digits. */
export async function fileHash(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal }))
    hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function sizeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return stats.size;
  throw new StoreError({
    code: 'STORE_MISSING',
    message: `There is no bank at ${path}${stats === undefined ? '' : ': it is not a file'}.`,
    hint: 'Name the file of a bank or of a backup.',
  });
}

/** Rows between two looks at the signal and the rest of the program. */
const rowsAtOnce = 2000;

type Reporting = (damage: BankDamage) => void;

/** Runs the checks one after another; what one cannot read to the end keeps no other from looking. */
async function runChecks(
  bank: DatabaseSync,
  checks: Readonly<Record<string, BankCheck>>,
  report: Reporting,
  { signal, progress = noProgress }: VerifyBankOptions,
): Promise<void> {
  const stage = 'verify';
  const start = performance.now();
  let done = 0;
  progress({ type: 'stage-start', stage, unit: 'rows' });
  for (const [name, check] of Object.entries(checks)) {
    signal?.throwIfAborted();
    try {
      for (const _ of check(bank, report)) {
        done += 1;
        if (done % rowsAtOnce !== 0) continue;
        progress({ type: 'stage-advance', stage, done, note: name });
        await nextTurn();
        signal?.throwIfAborted();
      }
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const what = `Its ${name} cannot be read to the end: ${error instanceof Error ? error.message : String(error)}.`;
      report({ table: 'file', id: '', what, remedy: restoreBackup });
    }
  }
  progress({ type: 'stage-end', stage, done, durationMs: performance.now() - start });
}

type Counts = Pick<BankReport, 'seq' | 'revision' | 'entries' | 'episodes'>;

function countsOf(bank: DatabaseSync, report: Reporting): Counts {
  const count = (sql: string): number => {
    try {
      return Number(Object.values(bank.prepare(sql).get() ?? {})[0] ?? 0);
    } catch (error) {
      const what = `It cannot be counted: ${error instanceof Error ? error.message : String(error)}.`;
      report({ table: 'file', id: '', what, remedy: restoreBackup });
      return 0;
    }
  };
  return {
    seq: count(`SELECT ${lastSeqSql} FROM state`),
    revision: count('SELECT revision FROM state'),
    entries: count(`SELECT count(*) FROM entry WHERE until = ${Number.MAX_SAFE_INTEGER} AND body IS NOT NULL`),
    episodes: count('SELECT count(*) FROM episode WHERE started_at IS NOT NULL AND erased = 0'),
  };
}
