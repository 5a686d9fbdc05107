import type { EntryStatistic } from './entry-statistic.ts';
import type { EpisodeEvent } from './episode-event.ts';
import type { Episode } from './episode.ts';
import type { Purpose } from './task.ts';

export interface EpisodeFilter {
  readonly purpose?: Purpose;
  readonly environment?: string;
  readonly family?: string;
  readonly taskId?: string;
  readonly status?: 'success' | 'failure' | 'truncated' | 'errored' | 'unknown';
  /** Whether the episode has ended. */
  readonly ended?: boolean;
  readonly tags?: Readonly<Record<string, string>>;
  /** Only episodes started after this one, in the order of starting: pages a long list. */
  readonly after?: string;
  readonly limit?: number;
}

/** A file or training batch that took episodes or entries out of the store, so that a deletion can name it. */
export interface ExportRecord {
  readonly id: string;
  /** `jsonl`, `training-batch`, … */
  readonly kind: string;
  readonly destination: string;
  readonly at: number;
}

/** One thing that an export holds. */
export type ExportHolding = { readonly episodeId: string } | { readonly namespace: string; readonly entryId: string };

/** What an erasure touched. */
export interface ErasureReport {
  readonly events: number;
  /** Exports that hold the erased episode. */
  readonly exports: readonly ExportRecord[];
  /** Where the payload still is and until when; absent when it is gone. The episode is erased for every reader all the same. */
  readonly pending?: string;
}

/**
 * The log of events: the one record of an episode. Everything else is a view.
 *
 * It does not separate tenants: whoever holds it reads all of it. The tag `namespace` says whose an episode is; what is derived for one tenant
 * (`Memory`, `learn`) passes over the episodes of others.
 */
export interface EpisodeStore {
  /**
   * Appends all events or none, durably. Events whose id is already stored are skipped. An erased episode stays erased: of what is
   * appended to it later, the payload is not kept.
   * @throws {StoreError}; {InputError} `SCHEMA_MISMATCH` for an event that could not be read back, nothing appended.
   */
  append(events: readonly EpisodeEvent[]): Promise<void>;
  /** Events of one episode in the order of appending; empty when there are none. */
  events(episodeId: string): Promise<readonly EpisodeEvent[]>;
  /** The fold of the episode's events; `undefined` when unknown or erased. */
  episode(episodeId: string): Promise<Episode | undefined>;
  /** Folded episodes by the time they started, then by id. @throws {StoreError} `EPISODE_UNKNOWN` when `after` names none. */
  episodes(filter?: EpisodeFilter): AsyncIterable<Episode>;
  /**
   * Overwrites the payload of every event of the episode; ids, order, times and hashes stay, and its counts leave the statistics. A second
   * time there is nothing left to erase. A reader that holds on to an older state delays only the overwriting: the report says so.
   */
  erase(episodeId: string): Promise<ErasureReport>;
  /**
   * What came of the episodes that used these entries of a namespace, by entry, version, policy, purpose, propensity and draw. Derived from
   * the events, and up to date with them: an event appended twice counts once, a later outcome takes the place of an earlier one.
   */
  statistics(namespace: string, entryIds: readonly string[]): Promise<readonly EntryStatistic[]>;
  /**
   * Keeps the record and what it holds, in any number; one whose id is already there stays as it is. The record comes first: a process that
   * dies in between leaves an export that holds less.
   *
   * @param holdings - may name a thing twice.
   */
  registerExport(record: ExportRecord, holdings: Iterable<ExportHolding> | AsyncIterable<ExportHolding>): Promise<void>;
  /** Exports that hold the episode or the entry, in the order of registering. */
  exportsHolding(what: ExportHolding): Promise<readonly ExportRecord[]>;
  close(): Promise<void>;
}
