import type { Table } from './table.ts';

/** What a section needs to know of the run. */
export interface Context {
  /** Numbers of vectors or entries that are measured, smallest first. */
  readonly sizes: readonly number[];
  readonly dimensions: number;
  readonly queries: number;
  readonly passes: number;
  /** Folder with the peers' packages; `undefined` when they are left out. */
  readonly peers: string | undefined;
  /** Why a group of peers cannot be used. */
  readonly missing: ReadonlyMap<string, string>;
  /** An empty folder for the run's own banks. */
  readonly folder: string;
  readonly isQuick: boolean;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Gives each table as soon as it is measured. */
export type Section = (context: Context) => AsyncIterable<Table>;

/** `10k`, `1M`. */
export function sizeName(count: number): string {
  if (count >= 1_000_000) return `${count / 1_000_000}M`;
  return count >= 1000 ? `${count / 1000}k` : String(count);
}
