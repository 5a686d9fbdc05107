import {
  foldEpisode,
  type Episode,
  type EpisodeEvent,
  type EpisodeFilter,
  type EpisodeStore,
  type ErasureReport,
} from '@skillrl/core';

import { appendEvents, readEvent, writtenEvent, type EventRow } from './sqlite-append.ts';
import type { SqliteDatabase } from './sqlite-database.ts';
import { listEpisodes } from './sqlite-episode-list.ts';
import { exportsHolding, registerExport } from './sqlite-exports.ts';
import { readStatistics, uncount, type Counted } from './sqlite-statistics.ts';

/** How long an erasure waits for readers of an older state before it says that something is left to do. */
const patienceMs = 1000;

/** The log of events in SQLite. */
export function sqliteEpisodeStore(database: SqliteDatabase): EpisodeStore {
  const eventsOf = (episodeId: string): EpisodeEvent[] =>
    database
      .all<EventRow>(
        `SELECT event.id, event.at, event.hash, event.json FROM event JOIN episode ON episode.key = event.episode
         WHERE episode.id = ? ORDER BY event.seq`,
        [episodeId],
      )
      .map((row) => readEvent(episodeId, row));
  const folded = (episodeId: string): Episode | undefined => foldEpisode(eventsOf(episodeId));

  return {
    append: async (events) => {
      const checked = events.map((event) => writtenEvent(event));
      if (checked.length > 0) await database.write('append events', () => appendEvents(database, checked));
    },
    events: (episodeId) => database.read('read events', () => eventsOf(episodeId)),
    episode: (episodeId) => database.read('read an episode', () => folded(episodeId)),
    async *episodes(filter: EpisodeFilter = {}) {
      const pageSize = 64;
      let { limit: left = Infinity, after } = filter;
      while (left > 0) {
        const page = await database.read('list episodes', () => {
          const ids = listEpisodes(database, { ...filter, after, limit: Math.min(left, pageSize) });
          return { count: ids.length, after: ids.at(-1), episodes: ids.flatMap((id) => folded(id) ?? []) };
        });
        yield* page.episodes;
        if (page.count < pageSize) return;
        left -= page.count;
        after = page.after;
      }
    },
    erase: async (episodeId): Promise<ErasureReport> => {
      const report = await database.write('erase an episode', () => ({
        events: erase(database, episodeId),
        exports: exportsHolding(database, { episodeId }),
      }));
      // The log of recent writes holds the payload until it is emptied, perhaps that of an earlier erasure.
      const pending = await database.erasedLog.empty(patienceMs);
      return { ...report, ...(pending !== undefined && { pending }) };
    },
    statistics: (namespace, entryIds) =>
      database.read('read statistics', () => readStatistics(database, namespace, entryIds)),
    registerExport: (record, holdings) => registerExport(database, record, holdings),
    exportsHolding: (what) => database.read('find exports', () => exportsHolding(database, what)),
    close: () => database.close(),
  };
}

function erase(database: SqliteDatabase, episodeId: string): number {
  const sql = 'SELECT key, purpose, policy, policy_version, won, score FROM episode WHERE id = ?';
  const episode = database.get<Counted & { readonly key: number }>(sql, [episodeId]);
  if (episode === undefined) return 0;
  const { key } = episode;
  uncount(database, key, episode);
  database.run('DELETE FROM episode_tag WHERE episode = ?', [key]);
  database.run(
    `UPDATE episode SET purpose = NULL, policy = NULL, policy_version = NULL, environment = NULL, family = NULL, task_id = NULL,
     status = 'unknown', won = NULL, score = NULL, ended = 0, erased = 1,
     started_at = coalesce(started_at, (SELECT min(at) FROM event WHERE episode = key)) WHERE key = ?`,
    [key],
  );
  const erased = `UPDATE event SET json = NULL, type = 'erased' WHERE episode = ? AND json IS NOT NULL`;
  const { changes: events } = database.run(erased, [key]);
  if (events > 0) database.erasedLog.noteErasure();
  return events;
}
