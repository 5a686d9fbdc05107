import type { BankEntry } from './bank-entry.ts';
import type { Progress } from './progress.ts';

/** An entry on its way into the bank, with the line or record that it stood on. */
export interface StagedEntry {
  readonly line: number;
  readonly entry: BankEntry;
}

/** What a commit does with what was staged. */
export interface StagedCounts {
  readonly added: number;
  readonly replaced: number;
  readonly skipped: number;
}

export interface StagedCommit extends StagedCounts {
  /** The revision made, or the current one when nothing changed. */
  readonly revision: number;
}

/** A staged entry that the bank has already, as it is or newer. */
export interface SkippedEntry {
  readonly line: number;
  readonly id: string;
  readonly version: number;
  /** The version that the bank has; greater than `version`, or the same entry. */
  readonly presentVersion: number;
}

/**
 * Any number of entries on their way into one namespace: put down durably piece by piece, seen by nobody, then made one revision or thrown
 * away. Nothing of it needs memory that grows with their number. What a killed process leaves behind is thrown away by the next staging.
 */
export interface EntryStaging {
  /**
   * @returns those that were not taken, because their id was staged before.
   * @throws {StoreError} `ENTRY_NAMESPACE`; {InputError} `SCHEMA_MISMATCH`. Nothing of the call is staged then.
   */
  add(entries: readonly StagedEntry[]): Promise<readonly StagedEntry[]>;
  /**
   * Makes one revision of what the namespace does not have: new entries are added; an entry that is there is replaced unless it is the same
   * or has a higher version. Compared and committed as one: what others commit meanwhile is seen. Call it once.
   *
   * @param reason - what to write on the revision.
   */
  commit(
    reason: (counts: StagedCounts) => string,
    options?: { readonly signal?: AbortSignal; readonly progress?: Progress },
  ): Promise<StagedCommit>;
  /** After the commit: what it skipped, in the order of ids. */
  skipped(): AsyncIterable<SkippedEntry>;
  /** Throws away what was not committed and lets the next staging begin. A second time does nothing. */
  close(): Promise<void>;
}
