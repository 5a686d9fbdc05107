import { contentHash, episodeEventSchema, foldEpisode, parse, type EpisodeEvent } from '@skillrl/core';

import { restoreBackup, rowsOf, type BankCheck } from './sqlite-check.ts';

interface EventRow {
  readonly id: string;
  readonly episodeId: string;
  readonly key: number;
  readonly erased: number;
  readonly type: string;
  readonly at: number;
  readonly hash: string;
  readonly json: string | null;
}

interface ListedRow {
  readonly id: string;
  readonly started_at: number | null;
  readonly purpose: string | null;
  readonly environment: string | null;
  readonly family: string | null;
  readonly task_id: string | null;
  readonly status: string;
  readonly ended: number;
}

interface TagRow {
  readonly name: string;
  readonly value: string;
}

/** Every event as it was written, and every episode listed as its events tell. */
export const checkEpisodes: BankCheck = function* (bank, report) {
  const sql = `SELECT event.id, episode.id AS episodeId, episode.key, episode.erased, type, at, hash, json
    FROM event JOIN episode ON episode.key = event.episode ORDER BY event.episode, event.seq`;
  const listed = bank.prepare(
    'SELECT id, started_at, purpose, environment, family, task_id, status, ended FROM episode WHERE key = ?',
  );
  const tagged = bank.prepare('SELECT name, value FROM episode_tag WHERE episode = ?');
  const checkListed = (key: number, heads: readonly EpisodeEvent[]): void => {
    const row = listed.get(key) as unknown as ListedRow;
    for (const field of wrongFields(row, tagged.all(key) as unknown as TagRow[], heads)) {
      const what = `It is listed with another ${field} than its events tell: lists may leave it out.`;
      report({ table: 'episode', id: row.id, what, remedy: restoreBackup });
    }
  };

  let key: number | undefined;
  let heads: EpisodeEvent[] = [];
  for (const row of rowsOf<EventRow>(bank, sql)) {
    if (row.key !== key) {
      if (key !== undefined) checkListed(key, heads);
      [key, heads] = [row.key, []];
    }
    const what = wrongEvent(row, heads);
    if (what !== undefined) report({ table: 'event', id: row.id, what, remedy: restoreBackup });
    yield;
  }
  if (key !== undefined) checkListed(key, heads);
};

/** Records of what left the bank. */
export const checkExports: BankCheck = function* (bank, report) {
  const sql = `SELECT id, json, (SELECT count(*) FROM export_holding WHERE export = seq) AS held FROM export`;
  for (const { id, json, held } of rowsOf<{ id: string; json: string; held: number }>(bank, sql)) {
    const what = wrongExport(id, json, held);
    if (what !== undefined) report({ table: 'export', id, what, remedy: restoreBackup });
    yield;
  }
};

/** What is wrong with an event; one that an episode is listed by is added to the heads. */
function wrongEvent(row: EventRow, heads: EpisodeEvent[]): string | undefined {
  const { id, episodeId, erased, type, at, hash, json } = row;
  if (json === null && type !== 'erased') return 'Its payload is missing, though it was not erased.';
  if (!/^[0-9a-f]{64}$/.test(hash)) return 'Its hash is none.';
  if (json === null) return undefined;
  if (erased === 1 || type === 'erased') return 'It was erased, yet its payload is there.';
  if (contentHash(json) !== hash) return 'It is not the text that was written: its hash does not fit.';
  let event: EpisodeEvent;
  try {
    event = parse(episodeEventSchema, JSON.parse(json), `event '${id}'`);
  } catch (error) {
    return `It cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (['episode-start', 'episode-end', 'outcome'].includes(type)) heads.push(event);
  if (event.id === id && event.episodeId === episodeId && event.type === type && event.at === at) return undefined;
  return `Its row (${type} of episode '${episodeId}' at ${at}) does not fit its text (${event.type} of '${event.episodeId}' at ${event.at}).`;
}

function wrongFields(row: ListedRow, tagRows: readonly TagRow[], heads: readonly EpisodeEvent[]): string[] {
  const episode = foldEpisode(heads);
  if (episode === undefined) return [];
  const { startedAt, purpose, task, outcome, end, tags } = episode;
  const pairs = {
    start: [row.started_at, startedAt],
    purpose: [row.purpose, purpose],
    environment: [row.environment, task.environment],
    family: [row.family, task.family ?? null],
    task: [row.task_id, task.id],
    outcome: [row.status, outcome?.status ?? 'unknown'],
    end: [row.ended, end === undefined ? 0 : 1],
  } as const;
  const wrong = Object.entries(pairs).flatMap(([field, [is, shall]]) => (is === shall ? [] : [field]));
  const known = new Map(tagRows.map(({ name, value }) => [name, value]));
  const isTagged =
    known.size === Object.keys(tags).length && Object.entries(tags).every(([name, value]) => known.get(name) === value);
  return isTagged ? wrong : [...wrong, 'set of tags'];
}

function wrongExport(id: string, json: string, held: number): string | undefined {
  try {
    const record = JSON.parse(json) as { id: string; episodeIds: string[]; entryIds: string[] };
    if (record.id !== id) return `Its text is that of '${record.id}'.`;
    if (new Set(record.episodeIds).size + new Set(record.entryIds).size === held) return undefined;
    return 'It does not list all that it holds: a deletion could not name it.';
  } catch (error) {
    return `It cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
