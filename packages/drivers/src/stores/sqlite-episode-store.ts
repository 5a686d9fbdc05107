import {
  contentHash,
  episodeEventSchema,
  foldEpisode,
  parse,
  StoreError,
  type Episode,
  type EpisodeEvent,
  type EpisodeFilter,
  type EpisodeStore,
} from '@skillrl/core';

import type { SqliteDatabase } from './sqlite-database.ts';
import { exportsHolding, registerExport } from './sqlite-exports.ts';
import { keepListed, listEpisodes } from './sqlite-episode-list.ts';

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
      if (checked.length > 0) await database.write('append events', () => append(database, checked));
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
    erase: async (episodeId) => {
      const erased = database.write('erase an episode', () => ({
        events: erase(database, episodeId),
        exports: exportsHolding(database, { episodeId }),
      }));
      // The log of recent writes holds the payload until it is emptied, perhaps that of an earlier erasure.
      const emptied = database.emptyWriteAheadLog('empty the log of recent writes, which holds what was erased,');
      const [report] = await Promise.all([erased, emptied]);
      return report;
    },
    registerExport: (record, holdings) => registerExport(database, record, holdings),
    exportsHolding: (what) => database.read('find exports', () => exportsHolding(database, what)),
    close: () => database.close(),
  };
}

interface WrittenEvent {
  readonly event: EpisodeEvent;
  readonly hash: string;
  /** Absent for an event that comes erased. */
  readonly json: string | undefined;
}

function writtenEvent(event: EpisodeEvent): WrittenEvent {
  // The schema's order of fields makes equal events equal texts, and so equal hashes.
  const checked = parse(episodeEventSchema, event, `event '${event.id}'`);
  if (checked.type === 'erased') return { event: checked, hash: checked.hash, json: undefined };
  const json = JSON.stringify(checked);
  return { event: checked, hash: contentHash(json), json };
}

function append(database: SqliteDatabase, events: readonly WrittenEvent[]): void {
  const episodes = new Map<string, { readonly key: number; readonly erased: number }>();
  const headsChanged = new Set<number>();
  for (const { event, hash, json } of events) {
    const { id, episodeId, at, type } = event;
    if (database.get('SELECT 1 FROM event WHERE id = ?', [id]) !== undefined) continue;
    const episode = episodes.get(episodeId) ?? episodeRow(database, episodeId);
    episodes.set(episodeId, episode);
    const isErased = episode.erased === 1 || json === undefined;
    database.run('INSERT INTO event (seq, id, episode, type, at, hash, json) VALUES (?, ?, ?, ?, ?, ?, ?)', [
      database.nextSeq(),
      id,
      episode.key,
      isErased ? 'erased' : type,
      at,
      hash,
      isErased ? null : json,
    ]);
    if (!isErased && isHead(type)) headsChanged.add(episode.key);
  }
  for (const key of headsChanged) keepListed(database, key, headOf(database, key));
}

function episodeRow(database: SqliteDatabase, id: string): { readonly key: number; readonly erased: number } {
  const known = database.get<{ key: number; erased: number }>('SELECT key, erased FROM episode WHERE id = ?', [id]);
  if (known !== undefined) return known;
  return database.get('INSERT INTO episode (id) VALUES (?) RETURNING key, erased', [id])!;
}

function isHead(type: EpisodeEvent['type']): boolean {
  return type === 'episode-start' || type === 'episode-end' || type === 'outcome';
}

/** What an episode is listed by, folded from the events that decide it. */
function headOf(database: SqliteDatabase, key: number): Episode | undefined {
  const rows = database.all<EventRow>(
    `SELECT id, at, hash, json FROM event WHERE episode = ? AND type IN ('episode-start', 'episode-end', 'outcome')`,
    [key],
  );
  return foldEpisode(rows.map((row) => readEvent('', row)));
}

function erase(database: SqliteDatabase, episodeId: string): number {
  const episode = database.get<{ key: number }>('SELECT key FROM episode WHERE id = ?', [episodeId]);
  if (episode === undefined) return 0;
  database.run('DELETE FROM episode_tag WHERE episode = ?', [episode.key]);
  database.run(
    `UPDATE episode SET purpose = NULL, environment = NULL, family = NULL, task_id = NULL, status = 'unknown', ended = 0, erased = 1,
     started_at = coalesce(started_at, (SELECT min(at) FROM event WHERE episode = key)) WHERE key = ?`,
    [episode.key],
  );
  return database.run(`UPDATE event SET json = NULL, type = 'erased' WHERE episode = ? AND json IS NOT NULL`, [
    episode.key,
  ]).changes;
}

interface EventRow {
  readonly id: string;
  readonly at: number;
  readonly hash: string;
  readonly json: string | null;
}

function readEvent(episodeId: string, { id, at, hash, json }: EventRow): EpisodeEvent {
  if (json === null) return { type: 'erased', id, episodeId, at, hash };
  try {
    return parse(episodeEventSchema, JSON.parse(json), `event '${id}'`);
  } catch (cause) {
    throw new StoreError({
      code: 'EVENT_UNREADABLE',
      message: `The stored event '${id}' cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'It was written by another version of the program, or the file is damaged.',
      cause,
    });
  }
}
