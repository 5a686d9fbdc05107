import {
  contentHash,
  entryUses,
  episodeEventSchema,
  foldEpisode,
  parse,
  StoreError,
  verdictOf,
  type EntryStatistic,
  type Episode,
  type EpisodeEvent,
  type EpisodeFilter,
  type EpisodeStore,
  type ErasedEvent,
  type ExportHolding,
  type ExportRecord,
} from '@skillrl/core';

/** The reference `EpisodeStore`: what every store must do, in a few lines and without a disk. */
export function memoryEpisodeStore(): EpisodeStore {
  const log: EpisodeEvent[] = [];
  const known = new Set<string>();
  const erased = new Set<string>();
  const exports = new Map<string, { readonly record: ExportRecord; readonly holdings: ReadonlySet<string> }>();

  const eventsOf = (episodeId: string): EpisodeEvent[] => log.filter((event) => event.episodeId === episodeId);

  const exportsHolding = (what: ExportHolding): ExportRecord[] =>
    [...exports.values()].filter(({ holdings }) => holdings.has(holdingKey(what))).map(({ record }) => record);

  return {
    append: async (events) => {
      // All are checked before any is kept.
      const checked = events.map((event) => copyOfValid(event));
      for (const event of checked) {
        const key = `${event.episodeId}\n${event.id}`;
        if (known.has(key)) continue;
        known.add(key);
        log.push(erased.has(event.episodeId) ? withoutPayload(event) : event);
      }
    },
    events: async (episodeId) => eventsOf(episodeId),
    episode: async (episodeId) => foldEpisode(eventsOf(episodeId)),
    async *episodes(filter = {}) {
      const ids = new Set(log.map((event) => event.episodeId));
      const episodes = [...ids].flatMap((id) => foldEpisode(eventsOf(id)) ?? []).toSorted(byStart);
      const after = filter.after === undefined ? undefined : cursor(filter.after, log);
      let left = filter.limit ?? Infinity;
      for (const episode of episodes) {
        if (after !== undefined && byStart(episode, after) <= 0) continue;
        if (!matches(episode, filter)) continue;
        if (left <= 0) return;
        left -= 1;
        yield episode;
      }
    },
    erase: async (episodeId) => {
      let count = 0;
      for (const [position, event] of log.entries()) {
        if (event.episodeId !== episodeId || event.type === 'erased') continue;
        log[position] = withoutPayload(event);
        count += 1;
      }
      if (count > 0) erased.add(episodeId);
      return { events: count, exports: exportsHolding({ episodeId }) };
    },
    statistics: async (namespace, entryIds) => countUses(log, namespace, new Set(entryIds)),
    registerExport: async (record, holdings) => {
      if (exports.has(record.id)) return;
      const held = new Set<string>();
      exports.set(record.id, { record: structuredClone(record), holdings: held });
      for await (const holding of holdings) held.add(holdingKey(holding));
    },
    exportsHolding: async (what) => exportsHolding(what),
    close: async () => {},
  };
}

function holdingKey(holding: ExportHolding): string {
  return JSON.stringify('episodeId' in holding ? [holding.episodeId] : [holding.namespace, holding.entryId]);
}

function copyOfValid(event: EpisodeEvent): EpisodeEvent {
  const checked = parse(episodeEventSchema, event, `event '${event.id}'`);
  return JSON.parse(JSON.stringify(checked)) as EpisodeEvent;
}

function withoutPayload(event: EpisodeEvent): ErasedEvent {
  if (event.type === 'erased') return event;
  const { id, episodeId, at } = event;
  return { type: 'erased', id, episodeId, at, hash: contentHash(JSON.stringify(event)) };
}

interface Started {
  readonly id: string;
  readonly startedAt: number;
}

function byStart(a: Started, b: Started): number {
  return a.startedAt - b.startedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Where a page begins. An erased episode still marks its place: its first event keeps its time. */
function cursor(id: string, log: readonly EpisodeEvent[]): Started {
  const events = log.filter((event) => event.episodeId === id);
  const start = foldEpisode(events)?.startedAt ?? events[0]?.at;
  if (start === undefined) {
    throw new StoreError({
      code: 'EPISODE_UNKNOWN',
      message: `There is no episode '${id}' to continue after.`,
      hint: 'Give the id of an episode that was listed before.',
    });
  }
  return { id, startedAt: start };
}

function matches(episode: Episode, filter: EpisodeFilter): boolean {
  const { purpose, environment, family, taskId, status, ended, tags } = filter;
  return (
    (purpose === undefined || episode.purpose === purpose) &&
    (environment === undefined || episode.task.environment === environment) &&
    (family === undefined || episode.task.family === family) &&
    (taskId === undefined || episode.task.id === taskId) &&
    (status === undefined || (episode.outcome?.status ?? 'unknown') === status) &&
    (ended === undefined || (episode.end !== undefined) === ended) &&
    Object.entries(tags ?? {}).every(([name, value]) => episode.tags[name] === value)
  );
}

/** Folds every episode and counts: what a store that counts as it appends must agree with. */
function countUses(log: readonly EpisodeEvent[], namespace: string, ids: ReadonlySet<string>): EntryStatistic[] {
  const rows = new Map<string, EntryStatistic>();
  for (const events of Map.groupBy(log, ({ episodeId }) => episodeId).values()) {
    const episode = foldEpisode(events);
    if (episode === undefined) continue;
    const { policy, purpose } = episode;
    const verdict = verdictOf(episode.outcome);
    for (const { callIndex: _, namespace: of, ...use } of entryUses(events)) {
      if (of !== namespace || !ids.has(use.entryId)) continue;
      const key = JSON.stringify([use, policy, purpose]);
      const row = rows.get(key) ?? { ...use, policy, purpose, episodes: 0, won: 0, lost: 0, score: 0 };
      rows.set(key, {
        ...row,
        episodes: row.episodes + 1,
        won: row.won + (verdict?.isWon === true ? 1 : 0),
        lost: row.lost + (verdict?.isWon === false ? 1 : 0),
        score: (Math.round(row.score * 1e6) + Math.round((verdict?.score ?? 0) * 1e6)) / 1e6,
      });
    }
  }
  return [...rows.values()].toSorted(byUse);
}

/** By entry, version, policy, purpose, propensity; withheld before shown. */
function byUse(a: EntryStatistic, b: EntryStatistic): number {
  const keys = [a, b].map(({ entryId, entryVersion, policy, purpose, propensity, shown }) => [
    entryId,
    entryVersion,
    policy.name,
    policy.version,
    purpose,
    propensity,
    Number(shown),
  ]);
  const position = keys[0]!.findIndex((value, at) => value !== keys[1]![at]);
  return position < 0 ? 0 : keys[0]![position]! < keys[1]![position]! ? -1 : 1;
}
