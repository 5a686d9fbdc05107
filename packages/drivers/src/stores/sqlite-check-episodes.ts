import {
  contentHash,
  entryUses,
  episodeEventSchema,
  firstUses,
  outcomeOf,
  parse,
  startOf,
  verdictOf,
  type EpisodeEvent,
} from '@skillrl/core';

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

/** What an episode is listed, counted and searched by, all of it derived from its events. */
interface Derived {
  readonly columns: Readonly<Record<string, unknown>>;
  readonly tags: readonly string[];
  readonly uses: readonly string[];
}

/** Every event as it was written, and every episode listed and counted as its events tell. */
export const checkEpisodes: BankCheck = function* (bank, report) {
  const sql = `SELECT event.id, episode.id AS episodeId, episode.key, episode.erased, type, at, hash, json
    FROM event JOIN episode ON episode.key = event.episode ORDER BY event.episode, event.id`;
  const columns = bank.prepare(
    `SELECT started_at, purpose, policy, policy_version, environment, family, task_id, status, won, score, ended
     FROM episode WHERE key = ?`,
  );
  const tags = bank.prepare('SELECT name, value FROM episode_tag WHERE episode = ?');
  const uses = bank.prepare(
    'SELECT namespace, entry, version, shown, propensity, call FROM entry_use WHERE episode = ?',
  );
  const texts = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(Object.values(row))).toSorted();
  const checkDerived = (key: number, id: string, events: readonly EpisodeEvent[]): void => {
    const is = { columns: { ...columns.get(key) }, tags: texts(tags.all(key)), uses: texts(uses.all(key)) };
    for (const field of differences(is, derivedOf(events))) {
      const what = `Its ${field} is not what its events tell: lists and statistics may be wrong about it.`;
      report({ table: 'episode', id, what, remedy: restoreBackup });
    }
  };

  let current: EventRow | undefined;
  let events: EpisodeEvent[] = [];
  for (const row of rowsOf<EventRow>(bank, sql)) {
    if (row.key !== current?.key) {
      if (current?.erased === 0) checkDerived(current.key, current.episodeId, events);
      events = [];
    }
    current = row;
    const what = wrongEvent(row, events);
    if (what !== undefined) report({ table: 'event', id: row.id, what, remedy: restoreBackup });
    yield;
  }
  if (current?.erased === 0) checkDerived(current.key, current.episodeId, events);
};

/** What is wrong with an event; one that something is derived from is added to the episode's. */
function wrongEvent(row: EventRow, events: EpisodeEvent[]): string | undefined {
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
  if (deriving.includes(event.type)) events.push(event);
  if (event.id === id && event.episodeId === episodeId && event.type === type && event.at === at) return undefined;
  return `Its row (${type} of episode '${episodeId}' at ${at}) does not fit its text (${event.type} of '${event.episodeId}' at ${event.at}).`;
}

const deriving: readonly EpisodeEvent['type'][] = ['episode-start', 'model-call', 'episode-end', 'outcome'];

function derivedOf(events: readonly EpisodeEvent[]): Derived {
  const start = startOf(events.filter((event) => event.type === 'episode-start'));
  const outcome = outcomeOf(events.filter((event) => event.type === 'outcome'));
  const verdict = outcome === undefined ? undefined : verdictOf(outcome);
  return {
    columns: {
      started_at: start?.at ?? null,
      purpose: start?.purpose ?? null,
      policy: start?.policy.name ?? null,
      policy_version: start?.policy.version ?? null,
      environment: start?.task.environment ?? null,
      family: start?.task.family ?? null,
      task_id: start?.task.id ?? null,
      status: outcome?.status ?? 'unknown',
      won: verdict === undefined ? null : verdict.isWon ? 1 : 0,
      score: verdict === undefined ? null : Math.round(verdict.score * 1e6),
      ended: events.some(({ type }) => type === 'episode-end') ? 1 : 0,
    },
    tags: Object.entries(start?.tags ?? {})
      .map((pair) => JSON.stringify(pair))
      .toSorted(),
    uses: firstUses(entryUses(events))
      .map((use) =>
        JSON.stringify([
          use.namespace,
          use.entryId,
          use.entryVersion,
          use.shown ? 1 : 0,
          use.propensity,
          use.callIndex,
        ]),
      )
      .toSorted(),
  };
}

function differences(is: Derived, shall: Derived): string[] {
  const columns = Object.keys(shall.columns).filter((name) => is.columns[name] !== shall.columns[name]);
  const same = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n');
  return [
    ...columns.map((name) => (name === 'status' ? 'outcome' : name)),
    ...(same(is.tags, shall.tags) ? [] : ['set of tags']),
    ...(same(is.uses, shall.uses) ? [] : ['set of entries used']),
  ];
}
