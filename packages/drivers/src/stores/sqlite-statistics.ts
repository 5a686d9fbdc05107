import { firstUses, type EntryStatistic, type EntryUse, type Purpose } from '@skillrl/core';

import type { SqliteDatabase } from './sqlite-database.ts';

/** The columns of `episode` that its uses are counted by. */
export interface Counted {
  readonly purpose: Purpose | null;
  readonly policy: string | null;
  readonly policy_version: string | null;
  readonly won: number | null;
  /** In millionths. */
  readonly score: number | null;
}

/**
 * Brings the statistics up to date with an episode that changes.
 *
 * @param came - uses that were added to it.
 * @param before - how it was counted until now.
 * @param after - how it is counted from now on.
 */
export function recount(
  database: SqliteDatabase,
  episode: number,
  { came, before, after }: { readonly came: readonly EntryUse[]; readonly before: Counted; readonly after: Counted },
): void {
  const isSameRow =
    before.purpose === after.purpose &&
    before.policy === after.policy &&
    before.policy_version === after.policy_version;
  if (isSameRow && came.length === 0) {
    // The most frequent change, an outcome: the same rows, other counts.
    if (before.won === after.won && before.score === after.score) return;
    const [was, is] = [counts(before), counts(after)];
    grow(database, episode, after, [0, is[1] - was[1], is[2] - was[2], is[3] - was[3]]);
    return;
  }
  const [, ...was] = counts(before);
  grow(database, episode, before, [-1, -was[0], -was[1], -was[2]]);
  keepUses(database, episode, came);
  grow(database, episode, after, counts(after));
  dropEmptyRows(database, episode);
}

/** Takes an episode out of the statistics, and its uses with it. */
export function uncount(database: SqliteDatabase, episode: number, counted: Counted): void {
  const [, ...was] = counts(counted);
  grow(database, episode, counted, [-1, -was[0], -was[1], -was[2]]);
  dropEmptyRows(database, episode);
  database.run('DELETE FROM entry_use WHERE episode = ?', [episode]);
}

/** How much each count of a row grows. */
type Growth = readonly [episodes: number, won: number, lost: number, score: number];

function counts({ won, score }: Counted): Growth {
  return [1, won === 1 ? 1 : 0, won === 0 ? 1 : 0, score ?? 0];
}

/** Adds to the row of each entry that the episode used. One that has not started counts nowhere. */
function grow(database: SqliteDatabase, episode: number, counted: Counted, growth: Growth): void {
  const { purpose, policy, policy_version: version } = counted;
  if (purpose === null) return;
  database.run(
    `INSERT INTO entry_statistic (namespace, entry, version, policy, policy_version, purpose, propensity, shown, episodes, won, lost, score)
     SELECT namespace, entry, version, ?, ?, ?, propensity, shown, ?, ?, ?, ? FROM entry_use WHERE episode = ?
     ON CONFLICT DO UPDATE SET episodes = episodes + excluded.episodes, won = won + excluded.won, lost = lost + excluded.lost,
     score = score + excluded.score`,
    [policy, version, purpose, ...growth, episode],
  );
}

function dropEmptyRows(database: SqliteDatabase, episode: number): void {
  database.run(
    `DELETE FROM entry_statistic WHERE episodes = 0 AND (namespace, entry) IN (SELECT namespace, entry FROM entry_use WHERE episode = ?)`,
    [episode],
  );
}

/** Adds the uses that came, where they are the first of their entries. */
function keepUses(database: SqliteDatabase, episode: number, came: readonly EntryUse[]): void {
  const stored = usesOf(database, episode);
  const kept = new Set(stored);
  for (const use of firstUses([...stored, ...came])) {
    if (kept.has(use)) continue;
    database.run(
      'INSERT OR REPLACE INTO entry_use (episode, namespace, entry, version, shown, propensity, call) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [episode, use.namespace, use.entryId, use.entryVersion, use.shown ? 1 : 0, use.propensity, use.callIndex],
    );
  }
}

function usesOf(database: SqliteDatabase, episode: number): EntryUse[] {
  return database.all<UseRow>('SELECT * FROM entry_use WHERE episode = ?', [episode]).map((row) => ({
    namespace: row.namespace,
    entryId: row.entry,
    entryVersion: row.version,
    shown: row.shown === 1,
    propensity: row.propensity,
    callIndex: row.call,
  }));
}

interface UseRow {
  readonly namespace: string;
  readonly entry: string;
  readonly version: number;
  readonly shown: number;
  readonly propensity: number;
  readonly call: number;
}

/** Rows of the entries, in the order of entry, version, policy, purpose, propensity, withheld before shown. */
export function readStatistics(
  database: SqliteDatabase,
  namespace: string,
  entryIds: readonly string[],
): EntryStatistic[] {
  const sql = `SELECT * FROM entry_statistic WHERE namespace = ? AND entry = ?
    ORDER BY version, policy, policy_version, purpose, propensity, shown`;
  const ids = [...new Set(entryIds)].toSorted();
  return ids.flatMap((id) =>
    database.all<StatisticRow>(sql, [namespace, id]).map((row) => ({
      entryId: id,
      entryVersion: row.version,
      shown: row.shown === 1,
      propensity: row.propensity,
      policy: { name: row.policy, version: row.policy_version },
      purpose: row.purpose,
      episodes: row.episodes,
      won: row.won,
      lost: row.lost,
      score: row.score / 1e6,
    })),
  );
}

interface StatisticRow {
  readonly version: number;
  readonly shown: number;
  readonly propensity: number;
  readonly policy: string;
  readonly policy_version: string;
  readonly purpose: Purpose;
  readonly episodes: number;
  readonly won: number;
  readonly lost: number;
  readonly score: number;
}
