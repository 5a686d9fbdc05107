import type {
  CreateVectorIndex,
  Embedder,
  EntryStore,
  Logger,
  Progress,
  SavedIndexStore,
  SavedIndexSummary,
} from '@skillrl/core';

import type { BankSelection } from '../bank/select-entry.ts';
import type { FindOptions, Found, SearchExplanation } from './find-entries.ts';

export interface FindResult {
  readonly found: readonly Found[];
  /** How the search went, when it was asked to tell. */
  readonly explanation?: SearchExplanation;
  /** Why less than the whole index answered, if so. */
  readonly degraded?: string;
}

export interface EntryIndexPorts {
  readonly entries: EntryStore;
  /** Absent: the index is lexical only. */
  readonly embedder?: Embedder;
  /** Gives a vector index, new or saved. Default: an exact one in memory. */
  readonly createVectorIndex?: CreateVectorIndex;
  /** Keeps the index when the process ends. Absent: it is built anew at every start. */
  readonly savedIndexes?: SavedIndexStore;
  readonly logger?: Logger;
  /** News of building and embedding that takes long. */
  readonly progress?: Progress;
}

/**
 * What finds a bank's entries: a lexical and a dense half, derived from the store. It may be thrown away at any time: opened from what was saved
 * and brought up to date, or built anew, it gives the same answers.
 */
export interface EntryIndex {
  /** Where it is, or is on its way to. */
  readonly revision: number;
  readonly size: number;
  /** Why it does not answer for all entries, or its dense half does not, if so. */
  readonly degraded: string | undefined;
  /** How many changes a save of now would have more than the one before. */
  readonly unsaved: number;
  /**
   * Brings it to a revision: by the changes since its own, or anew when it is older than that or mostly waste.
   * @param waitMs - how long to wait for entries without a vector to be embedded; they are embedded all the same. Default: until all are.
   */
  moveTo(revision: number, waitMs?: number): Promise<void>;
  /** A revision from which on a served entry has been what it is now; `undefined` for one that is not served. */
  since(id: string): number | undefined;
  /** A dense half that fails is left out, and built anew at the next move. */
  find(query: string, vector: Float32Array | undefined, options: FindOptions): Promise<FindResult>;
  /**
   * Saves it as it is now; searches and moves go on meanwhile. One save at a time: a second call waits for the first.
   * @returns `undefined` where there is no place for it, or nothing whole to save. @throws {FileError} when it cannot be written.
   */
  save(): Promise<SavedIndexSummary | undefined>;
  /** Stops what is under way and lets go of it; nothing is saved. */
  close(): Promise<void>;
}

export interface OpenEntryIndexOptions {
  readonly namespace: string;
  readonly select?: BankSelection;
  readonly revision: number;
  /** As for `moveTo`. */
  readonly waitMs?: number;
  /**
   * How long a move that may not wait for all vectors waits for the rest, in milliseconds; after that what is there answers, `degraded` says
   * so, and the move goes on. Default: until it is done.
   */
  readonly patienceMs?: number;
}
