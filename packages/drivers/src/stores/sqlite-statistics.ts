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

/** The entries that an episode used, as they are stored. */
export function usesOf(database: SqliteDatabase, episode: number): EntryUse[] {
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

/** Adds the uses that came, where they are the first of their entries. @returns the episode's uses, all of them. */
export function keepUses(
  database: SqliteDatabase,
  episode: number,
  stored: readonly EntryUse[],
  came: readonly EntryUse[],
): readonly EntryUse[] {
  if (came.length === 0) return stored;
  const kept = new Set(stored);
  const uses = firstUses([...stored, ...came]);
  for (const use of uses) {
    if (kept.has(use)) continue;
    database.run(
      'INSERT OR REPLACE INTO entry_use (episode, namespace, entry, version, shown, propensity, call) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [episode, use.namespace, use.entryId, use.entryVersion, use.shown ? 1 : 0, use.propensity, use.callIndex],
    );
  }
  return uses;
}

type RowKey = readonly [
  namespace: string,
  entry: string,
  version: number,
  policy: string,
  policyVersion: string,
  purpose: string,
  propensity: number,
  shown: number,
];
/** How much each count of a row grows. */
type Growth = [episodes: number, won: number, lost: number, score: number];

/**
 * What a write changes in the statistics, summed up by row, so that each row is touched once however many episodes count in it.
 */
export class StatisticChanges {
  readonly #rows = new Map<string, { readonly key: RowKey; readonly growth: Growth }>();

  /** An episode counted like `before` with some uses, and counts like `after` with others; `undefined`: not at all. */
  recount(
    before: { readonly episode: Counted | undefined; readonly uses: readonly EntryUse[] },
    after: { readonly episode: Counted | undefined; readonly uses: readonly EntryUse[] },
  ): void {
    this.#add(before.episode, before.uses, -1);
    this.#add(after.episode, after.uses, 1);
  }

  write(database: SqliteDatabase): void {
    for (const { key, growth } of this.#rows.values()) {
      if (growth.every((number) => number === 0)) continue;
      database.run(
        `INSERT INTO entry_statistic (namespace, entry, version, policy, policy_version, purpose, propensity, shown, episodes, won, lost, score)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         episodes = episodes + excluded.episodes, won = won + excluded.won, lost = lost + excluded.lost, score = score + excluded.score`,
        [...key, ...growth],
      );
      if (growth[0] < 0) database.run(`DELETE FROM entry_statistic WHERE ${keyColumns} AND episodes = 0`, key);
    }
  }

  #add(episode: Counted | undefined, uses: readonly EntryUse[], sign: 1 | -1): void {
    if (episode === undefined || episode.purpose === null) return;
    const won = episode.won === 1 ? sign : 0;
    const lost = episode.won === 0 ? sign : 0;
    const score = sign * (episode.score ?? 0);
    for (const { namespace, entryId, entryVersion, propensity, shown } of uses) {
      const { policy, policy_version: version, purpose } = episode;
      const key: RowKey = [namespace, entryId, entryVersion, policy!, version!, purpose, propensity, shown ? 1 : 0];
      const name = key.join('\n');
      const row = this.#rows.get(name);
      if (row === undefined) this.#rows.set(name, { key, growth: [sign, won, lost, score] });
      else {
        row.growth[0] += sign;
        row.growth[1] += won;
        row.growth[2] += lost;
        row.growth[3] += score;
      }
    }
  }
}

const keyColumns =
  'namespace = ? AND entry = ? AND version = ? AND policy = ? AND policy_version = ? AND purpose = ? AND propensity = ? AND shown = ?';

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
