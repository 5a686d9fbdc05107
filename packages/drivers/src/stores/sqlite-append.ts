import {
  contentHash,
  entryUses,
  episodeEventSchema,
  nameOf,
  outcomeOf,
  parse,
  startOf,
  StoreError,
  verdictOf,
  type EpisodeEvent,
  type EpisodeStartEvent,
  type OutcomeEvent,
} from '@skillrl/core';

import type { SqliteDatabase } from './sqlite-database.ts';
import { keepEnded, keepOutcome, keepStart } from './sqlite-episode-list.ts';
import { lastSeqSql } from './sqlite-schema.ts';
import { recount, type Counted } from './sqlite-statistics.ts';

export interface WrittenEvent {
  readonly event: EpisodeEvent;
  readonly hash: string;
  /** Absent for an event that comes erased. */
  readonly json: string | undefined;
}

/** The event as it is stored. @throws {InputError} `SCHEMA_MISMATCH` for one that could not be read back. */
export function writtenEvent(event: EpisodeEvent): WrittenEvent {
  // The schema's order of fields makes equal events equal texts, and so equal hashes.
  const checked = parse(episodeEventSchema, event, nameOf('event', event));
  if (checked.type === 'erased') return { event: checked, hash: checked.hash, json: undefined };
  const json = JSON.stringify(checked);
  return { event: checked, hash: contentHash(json), json };
}

/** An episode that a write adds to. */
interface Touched {
  readonly row: EpisodeRow;
  /** What was added to it. */
  readonly added: EpisodeEvent[];
}

interface EpisodeRow extends Counted {
  readonly key: number;
  readonly started_at: number | null;
  readonly status: string;
  readonly erased: number;
}

const insertEvent = `INSERT INTO event (seq, id, episode, type, at, hash, json)
  SELECT ${lastSeqSql} + 1, ?, ?, ?, ?, ?, ? FROM state WHERE one = 1 ON CONFLICT (episode, id) DO NOTHING`;

/** The same in one statement for an event that nothing is derived from: most are such, and a statement costs as much as a page. */
const insertPlainEvent = `INSERT INTO event (seq, id, episode, type, at, hash, json)
  SELECT ${lastSeqSql} + 1, ?, key, iif(erased, 'erased', ?), ?, ?, iif(erased, NULL, ?) FROM state, episode WHERE episode.id = ?
  ON CONFLICT (episode, id) DO NOTHING`;

const episodeColumns = 'key, started_at, purpose, policy, policy_version, status, won, score, erased';

/** Appends events within a write, those that are not there yet, and keeps what is derived from them up to date. */
export function appendEvents(database: SqliteDatabase, events: readonly WrittenEvent[]): void {
  const episodes = new Map<string, Touched>();
  for (const { event, hash, json } of events) {
    const { id, episodeId, at, type } = event;
    const isKept =
      isPlain(event) && database.run(insertPlainEvent, [id, type, at, hash, json!, episodeId]).changes === 1;
    if (isKept) continue;
    // An episode that is new, an event that is there already, or one that something is derived from.
    let episode = episodes.get(episodeId);
    if (episode === undefined) {
      episode = { row: episodeRow(database, episodeId), added: [] };
      episodes.set(episodeId, episode);
    }
    const { key, erased } = episode.row;
    const isErased = erased === 1 || json === undefined;
    const { changes } = database.run(insertEvent, [
      id,
      key,
      isErased ? 'erased' : type,
      at,
      hash,
      isErased ? null : json,
    ]);
    if (changes === 1 && !isErased) episode.added.push(event);
  }
  for (const episode of episodes.values()) keepDerived(database, episode);
}

function isPlain(event: EpisodeEvent): boolean {
  const { type } = event;
  return type === 'action' || type === 'observation' || (type === 'model-call' && event.call.recall === undefined);
}

function episodeRow(database: SqliteDatabase, id: string): EpisodeRow {
  const known = database.get<EpisodeRow>(`SELECT ${episodeColumns} FROM episode WHERE id = ?`, [id]);
  return known ?? database.get(`INSERT INTO episode (id) VALUES (?) RETURNING ${episodeColumns}`, [id])!;
}

/** Brings up to date what the added events decide: what the episode is listed by, which entries it used, how those are counted. */
function keepDerived(database: SqliteDatabase, { row, added }: Touched): void {
  const starts = added.filter((event) => event.type === 'episode-start');
  const outcomes = added.filter((event) => event.type === 'outcome');
  const came = entryUses(added);
  const { key } = row;
  let counted: Counted = row;

  if (starts.length > 0) {
    const start = startOf(
      row.started_at === null ? starts : storedEvents<EpisodeStartEvent>(database, key, 'episode-start'),
    )!;
    keepStart(database, key, start);
    counted = { ...counted, purpose: start.purpose, policy: start.policy.name, policy_version: start.policy.version };
  }
  if (outcomes.length > 0) {
    const outcome = outcomeOf(
      row.status === 'unknown' ? outcomes : storedEvents<OutcomeEvent>(database, key, 'outcome'),
    )!;
    const verdict = verdictOf(outcome);
    counted = {
      ...counted,
      won: verdict === undefined ? null : verdict.isWon ? 1 : 0,
      score: verdict === undefined ? null : Math.round(verdict.score * 1e6),
    };
    keepOutcome(database, key, outcome, counted);
  }
  if (added.some((event) => event.type === 'episode-end')) keepEnded(database, key);

  recount(database, key, { came, before: row, after: counted });
}

/** Events of one type that the episode has: looked for among all of its events, which happens when a start or an outcome comes twice. */
function storedEvents<Event extends EpisodeEvent>(
  database: SqliteDatabase,
  episode: number,
  type: Event['type'] & ('episode-start' | 'outcome'),
): Event[] {
  const sql = 'SELECT id, at, hash, json FROM event WHERE episode = ? AND type = ?';
  return database.all<EventRow>(sql, [episode, type]).map((row) => readEvent('', row) as Event);
}

export interface EventRow {
  readonly id: string;
  readonly at: number;
  readonly hash: string;
  readonly json: string | null;
}

export function readEvent(episodeId: string, { id, at, hash, json }: EventRow): EpisodeEvent {
  if (json === null) return { type: 'erased', id, episodeId, at, hash };
  try {
    return parse(episodeEventSchema, JSON.parse(json), `event '${id}'`);
  } catch (cause) {
    throw new StoreError({
      code: 'EVENT_UNREADABLE',
      message: `The stored event '${id}' cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'The file is damaged: skillrl bank verify tells how far, and what to do.',
      cause,
    });
  }
}
