import type { BankEntry, BankView } from '@skillrl/core';

import { selectEntry, type BankSelection } from '../bank/select-entry.ts';

/** A view that is opened when it is needed. */
export interface EntryView {
  readonly revision: number;
  open(): Promise<Pick<BankView, 'getMany'>>;
}

/** Reads entries through views, and keeps the ones read last. */
export interface EntryReader {
  /**
   * The selected ones of some entries; the others are absent. What is not kept is read at once.
   * @param sinceOf - a revision from which on the entry has been what it is; `undefined` when that is not known.
   */
  read(
    view: EntryView,
    ids: readonly string[],
    sinceOf: (id: string) => number | undefined,
  ): Promise<ReadonlyMap<string, BankEntry>>;
}

interface Kept {
  readonly since: number;
  readonly entry: BankEntry | undefined;
}

/** @param most - how many entries are kept; those that were not asked for longest go first. */
export function entryReader(select: BankSelection, most = 20_000): EntryReader {
  // A map keeps the order in which its keys came: the first is the one that was not asked for longest.
  const kept = new Map<string, Kept>();

  function keep(id: string, one: Kept): void {
    kept.delete(id);
    kept.set(id, one);
    if (kept.size > most) kept.delete(kept.keys().next().value!);
  }

  return {
    read: async (view, ids, sinceOf) => {
      const entries = new Map<string, BankEntry>();
      const missing: string[] = [];
      for (const id of ids) {
        const since = sinceOf(id);
        const one = kept.get(id);
        // Of an entry that changed after the view's revision the view has another state.
        if (one === undefined || one.since !== since || since > view.revision) {
          missing.push(id);
          continue;
        }
        keep(id, one);
        if (one.entry !== undefined) entries.set(id, one.entry);
      }
      if (missing.length === 0) return entries;
      const since = missing.map(sinceOf);
      const stored = await (await view.open()).getMany(missing);
      for (const [at, id] of missing.entries()) {
        const whole = stored.get(id);
        const entry = whole && selectEntry(whole, select);
        if (entry !== undefined) entries.set(id, entry);
        const from = since[at];
        if (whole !== undefined && from !== undefined && from <= view.revision) keep(id, { since: from, entry });
      }
      return entries;
    },
  };
}
