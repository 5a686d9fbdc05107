import { StoreError, type Episode, type EpisodeFilter } from '@skillrl/core';
import type { SQLInputValue } from 'node:sqlite';

import type { SqliteDatabase } from './sqlite-database.ts';

/** Writes the columns that an episode is listed by; `undefined` for one without a start, which is not listed. */
export function keepListed(database: SqliteDatabase, key: number, episode: Episode | undefined): void {
  if (episode === undefined) return;
  const { startedAt, purpose, task, outcome, end, tags } = episode;
  database.run(
    `UPDATE episode SET started_at = ?, purpose = ?, environment = ?, family = ?, task_id = ?, status = ?, ended = ? WHERE key = ?`,
    [
      startedAt,
      purpose,
      task.environment,
      task.family ?? null,
      task.id,
      outcome?.status ?? 'unknown',
      end === undefined ? 0 : 1,
      key,
    ],
  );
  database.run('DELETE FROM episode_tag WHERE episode = ?', [key]);
  for (const [name, value] of Object.entries(tags)) {
    database.run('INSERT INTO episode_tag (episode, name, value) VALUES (?, ?, ?)', [key, name, value]);
  }
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
