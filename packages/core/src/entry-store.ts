import type { BankEntry, EntryStatus } from './bank-entry.ts';
import type { EntryStaging } from './entry-staging.ts';

export interface EntryFilter {
  readonly statuses?: readonly EntryStatus[];
  readonly kinds?: readonly BankEntry['kind'][];
  readonly cluster?: string;
  /** Only entries whose id begins so. */
  readonly idPrefix?: string;
}

/** What one commit changes in one namespace: all of it or nothing, as one revision. */
export interface BankCommit {
  readonly namespace: string;
  /** Who or what commits, and why, one sentence. */
  readonly reason: string;
  /** Entries of the namespace to add, or to replace under their id (a changed body comes with the next version number). */
  readonly put?: readonly BankEntry[];
  /** Status changes of entries that are already there. */
  readonly statuses?: readonly { readonly id: string; readonly status: EntryStatus }[];
  /** Entries to take out of every view. */
  readonly remove?: readonly string[];
  /** Refuse with `REVISION_CONFLICT` when the namespace was changed after this revision. */
  readonly expectedRevision?: number;
}

/** One namespace of the bank at one revision, however long one looks at it. */
export interface BankView {
  readonly namespace: string;
  readonly revision: number;
  get(id: string): Promise<BankEntry | undefined>;
  /** Entries under their ids, all of one state of the bank; ids that it does not have are absent. */
  getMany(ids: readonly string[]): Promise<ReadonlyMap<string, BankEntry>>;
  /** Entries in the order of their ids, by code points (as bytes of UTF-8), so that every store lists alike. */
  list(filter?: EntryFilter): AsyncIterable<BankEntry>;
  count(filter?: EntryFilter): Promise<number>;
  /** The clusters that the entries are of, each once, in order. */
  clusters(filter?: EntryFilter): Promise<string[]>;
}

/** One entry's change in a revision; `entry` is absent when it was removed. */
export interface EntryChange {
  readonly revision: number;
  readonly id: string;
  readonly entry?: BankEntry;
}

/**
 * The bank's entries, every revision of them. The truth that indexes are derived from.
 *
 * An entry is known by its namespace and its id: namespaces separate tenants, and there is no read without one. Revisions count the commits
 * of all of them.
 */
export interface EntryStore {
  /** The latest revision; 0 for an empty bank. */
  revision(): Promise<number>;
  /**
   * Tells a revision from those of every other bank, and of another history of this one (a backup that was restored and went on). What is
   * derived from a revision belongs to this bank when the marks are equal.
   * @returns `''` for revision 0; `undefined` for one that does not exist.
   */
  markOf(revision: number): Promise<string | undefined>;
  /**
   * Applies the commit as one revision, durably: puts, then statuses, then removals. Removing what is not there changes nothing.
   * @returns the revision made, or the current one when nothing would change.
   * @throws {StoreError} `REVISION_CONFLICT`; `ENTRY_UNKNOWN` for the status of an entry that is not there; `ENTRY_NAMESPACE` for an
   * entry of another namespace than the commit's; {InputError} `SCHEMA_MISMATCH` for one that could not be read back. Nothing is changed then.
   */
  commit(commit: BankCommit): Promise<number>;
  /** Begins a commit too large to be held in memory. @throws {StoreError} `LOCKED` while another one of the same bank is under way. */
  stage(namespace: string): Promise<EntryStaging>;
  /** @param revision - default: the latest. @throws {StoreError} `REVISION_UNKNOWN` for one that does not exist. */
  view(namespace: string, revision?: number): Promise<BankView>;
  /** A namespace's changes after a revision, in order: what an index replays to catch up. */
  changesAfter(namespace: string, revision: number): AsyncIterable<EntryChange>;
  /** Vectors kept by embedder and content hash of the text, so that nothing is embedded twice. Missing and damaged ones are absent from the map. */
  cachedVectors(embedderId: string, textHashes: readonly string[]): Promise<ReadonlyMap<string, Float32Array>>;
  /**
   * Keeps all of them or none.
   * @throws {StoreError} `VECTOR_LENGTH` for another length than the embedder's other vectors have, `VECTOR_NOT_FINITE`, `VECTOR_ZERO` for one
   * without direction.
   */
  cacheVectors(embedderId: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
  /** Id of the embedder whose vectors find a namespace's entries; `undefined` until one was set. */
  servingEmbedder(namespace: string): Promise<string | undefined>;
  /**
   * Makes another embedder serve a namespace, durably, if the expected one still does.
   * @param expected - `undefined`: none was set yet.
   * @returns whether it serves now; `false` when someone else changed it meanwhile.
   */
  setServingEmbedder(namespace: string, embedderId: string, expected: string | undefined): Promise<boolean>;
  close(): Promise<void>;
}
