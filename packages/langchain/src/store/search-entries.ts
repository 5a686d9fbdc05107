import type { BankEntry, BankView, EntryFilter, Task } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';
import type { Item } from '@langchain/langgraph';

import { meetsFilter } from './filter.ts';

/** What LangGraph's `search` returns. */
export type FoundItem = Item & { score?: number };

export interface EntrySearch {
  readonly memory: Memory;
  readonly view: BankView;
  readonly query?: string;
  /** Which entries are looked at, in the order of their ids. */
  readonly entries: EntryFilter;
  /** Which entries a query may find, as the task whose conditions they meet. Default: all. */
  readonly task?: Task;
  /** `undefined` for an entry that is none. */
  readonly itemOf: (entry: BankEntry) => Item | undefined;
  readonly filter?: Record<string, unknown>;
  readonly limit: number;
  readonly offset: number;
}

/** Entries as items: what the query is about first, best first and with a score; then the others, in the order of their ids. */
export async function searchEntries(search: EntrySearch): Promise<FoundItem[]> {
  const { view, query, entries, itemOf, filter, limit, offset } = search;
  const wanted = limit >= 0 && offset >= 0 ? offset + limit : Infinity;
  const found: FoundItem[] = [];
  const seen = new Set<string>();
  const take = (entry: BankEntry, score: number | undefined): void => {
    if (found.length >= wanted || seen.has(entry.id)) return;
    const item = itemOf(entry);
    if (item === undefined || !meetsFilter(item.value, filter)) return;
    seen.add(entry.id);
    found.push({ ...item, score });
  };
  if (query !== undefined && query !== '') {
    for await (const { entry, relevance } of hitsOf(search, query, wanted)) take(entry, relevance);
  }
  if (found.length < wanted) {
    for await (const entry of view.list(entries)) {
      take(entry, undefined);
      if (found.length >= wanted) break;
    }
  }
  return found.slice(offset, offset + limit);
}

/** How many hits are ranked at once: pages within them are parts of one ranking. */
const rankedAtOnce = 200;

/** Hits, best first, for as long as they are asked for: a filter may leave few of them. */
export async function* hitsOf({ memory, task }: Pick<EntrySearch, 'memory' | 'task'>, query: string, wanted: number) {
  const seen = new Set<string>();
  let first = rankedAtOnce;
  while (first < wanted) first *= 4;
  for (let most = first; ; most *= 4) {
    const hits = await memory.search(query, { limit: most, task });
    for (const { relevance, ...entry } of hits) {
      if (seen.has(entry.id)) continue;
      seen.add(entry.id);
      yield { entry, relevance };
    }
    if (hits.length < most) return;
  }
}
