import { servedStatuses, type BankEntry, type BankView } from '@skillrl/core';
import { entryProse, type Memory } from '@skillrl/memory';
import type { Item } from '@langchain/langgraph';

import { searchEntries, type EntrySearch, type FoundItem } from './search-entries.ts';

/** Under this namespace a store shows what the memory learned, to read. It is seen by those who name its root. */
export const skillsNamespace: readonly string[] = ['skillrl', 'skills'];

/** Whether a namespace, or a prefix of one, is the memory's own. */
export function isSkills(namespace: readonly string[]): boolean {
  return namespace[0] === skillsNamespace[0];
}

export async function getSkill(view: BankView, namespace: readonly string[], key: string): Promise<Item | null> {
  const entry = isWithin(namespace) && namespace.length === skillsNamespace.length ? await view.get(key) : undefined;
  return entry === undefined || !servedStatuses.includes(entry.status) ? null : skillItem(entry);
}

export async function searchSkills(
  memory: Memory,
  view: BankView,
  prefix: readonly string[],
  options: Pick<EntrySearch, 'query' | 'filter' | 'limit' | 'offset'>,
): Promise<FoundItem[]> {
  if (!isWithin(prefix)) return [];
  return searchEntries({ ...options, memory, view, entries: { statuses: servedStatuses }, itemOf: skillItem });
}

function isWithin(prefix: readonly string[]): boolean {
  return prefix.every((label, at) => label === skillsNamespace[at]);
}

function skillItem(entry: BankEntry): Item {
  const { id, kind, title, status, version, cluster, tokens, createdAt } = entry;
  const at = new Date(createdAt);
  const value = { kind, title, text: entryProse(entry), status, version, cluster, tokens };
  return { value, key: id, namespace: [...skillsNamespace], createdAt: at, updatedAt: at };
}
