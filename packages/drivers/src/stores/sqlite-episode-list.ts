import { StoreError, type EpisodeFilter, type EpisodeStartEvent, type Outcome } from '@skillrl/core';
import type { SQLInputValue } from 'node:sqlite';

import type { SqliteDatabase } from './sqlite-database.ts';
import type { Counted } from './sqlite-statistics.ts';

/** Writes what the start says of how an episode is listed and counted. */
export function keepStart(database: SqliteDatabase, key: number, start: EpisodeStartEvent): void {
  const { at, purpose, policy, task, tags } = start;
  database.run(
    `UPDATE episode SET started_at = ?, purpose = ?, policy = ?, policy_version = ?, environment = ?, family = ?, task_id = ? WHERE key = ?`,
    [at, purpose, policy.name, policy.version, task.environment, task.family ?? null, task.id, key],
  );
  database.run('DELETE FROM episode_tag WHERE episode = ?', [key]);
  for (const [name, value] of Object.entries(tags ?? {})) {
    database.run('INSERT INTO episode_tag (episode, name, value) VALUES (?, ?, ?)', [key, name, value]);
  }
}

export function keepOutcome(database: SqliteDatabase, key: number, { status }: Outcome, counted: Counted): void {
  const { won, score } = counted;
  database.run('UPDATE episode SET status = ?, won = ?, score = ? WHERE key = ?', [status, won, score, key]);
}

export function keepEnded(database: SqliteDatabase, key: number): void {
  database.run('UPDATE episode SET ended = 1 WHERE key = ?', [key]);
}

/**
 * Ids of the episodes that the filter keeps, by the time they started, then by id.
 *
 * @throws {StoreError} `EPISODE_UNKNOWN` when `after` names none.
 */
export function listEpisodes(database: SqliteDatabase, filter: EpisodeFilter & { readonly limit: number }): string[] {
  const conditions = ['erased = 0', 'started_at IS NOT NULL'];
  const values: SQLInputValue[] = [];
  const keep = (condition: string, ...bound: readonly SQLInputValue[]): void => {
    conditions.push(condition);
    values.push(...bound);
  };

  if (filter.purpose !== undefined) keep('purpose = ?', filter.purpose);
  if (filter.environment !== undefined) keep('environment = ?', filter.environment);
  if (filter.family !== undefined) keep('family = ?', filter.family);
  if (filter.taskId !== undefined) keep('task_id = ?', filter.taskId);
  if (filter.status !== undefined) keep('status = ?', filter.status);
  if (filter.ended !== undefined) keep('ended = ?', filter.ended ? 1 : 0);
  for (const [name, value] of Object.entries(filter.tags ?? {})) {
    keep('EXISTS (SELECT 1 FROM episode_tag WHERE episode = key AND name = ? AND value = ?)', name, value);
  }
  if (filter.after !== undefined) keep('(started_at, id) > (?, ?)', startOf(database, filter.after), filter.after);

  const sql = `SELECT id FROM episode WHERE ${conditions.join(' AND ')} ORDER BY started_at, id LIMIT ?`;
  return database.all<{ id: string }>(sql, [...values, filter.limit]).map(({ id }) => id);
}

function startOf(database: SqliteDatabase, id: string): number {
  const row = database.get<{ started_at: number | null }>('SELECT started_at FROM episode WHERE id = ?', [id]);
  if (row === undefined || row.started_at === null) {
    throw new StoreError({
      code: 'EPISODE_UNKNOWN',
      message: `There is no episode '${id}' to continue after.`,
      hint: 'Give the id of an episode that was listed before.',
    });
  }
  return row.started_at;
}
