import type { BankEntry, BankView, Episode, EpisodeStore, Principle, Task } from '@skillrl/core';

import type { DistilContext } from '../distiller.ts';
import { houseFacts } from './house-facts.ts';
import { houseRules } from './house-rules.ts';
import { knowledgeId, type KnowledgeName } from './principle-from.ts';
import { searchOrders } from './search-orders.ts';

/** Names what is counted over episodes in the distillation log; raise the version when the counting changes. */
export const knowledgeCounting = { name: 'knowledge', version: '1' } as const;

/** So many of the episodes learned last an entry is counted over: what is older may have changed, and an entry names all it rests on. */
const window: Record<KnowledgeName, number> = { facts: 100, rules: 100, orders: 400 };

const count: Record<KnowledgeName, (episodes: readonly Episode[], context: DistilContext) => Principle | undefined> = {
  facts: houseFacts,
  rules: houseRules,
  orders: searchOrders,
};

/**
 * The counted entries that new episodes touch, counted again over the episodes they rested on and the new ones.
 *
 * @param added - trusted, finished `train` episodes, oldest first.
 */
export async function knowledgeOf(
  added: readonly Episode[],
  view: BankView,
  store: EpisodeStore,
  context: DistilContext,
): Promise<Principle[]> {
  const entries: Principle[] = [];
  for (const [key, group] of groups(added)) {
    const { name, task } = key;
    const family = name === 'orders' ? undefined : task.family;
    const before = await view.get(knowledgeId(context.namespace, task.environment, name, family));
    const entry = await counted(name, before, group, store, context);
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** A counted entry from what is left of its evidence; `undefined` when that is nothing. */
export async function recounted(
  entry: BankEntry,
  without: string,
  store: EpisodeStore,
  context: DistilContext,
): Promise<Principle | undefined> {
  const name = countedName(entry);
  const rest = { ...entry, evidence: entry.evidence.filter(({ episodeId }) => episodeId !== without) };
  return name && counted(name, rest, [], store, context);
}

export function countedName({ madeBy }: BankEntry): KnowledgeName | undefined {
  return (Object.keys(count) as KnowledgeName[]).find((name) => madeBy.method === `counted-${name}`);
}

async function counted(
  name: KnowledgeName,
  before: BankEntry | undefined,
  added: readonly Episode[],
  store: EpisodeStore,
  context: DistilContext,
): Promise<Principle | undefined> {
  const fresh = new Set(added.map(({ id }) => id));
  const earlier: Episode[] = [];
  for (const { episodeId } of before?.evidence ?? []) {
    const episode = fresh.has(episodeId) ? undefined : await store.episode(episodeId);
    if (episode !== undefined && episode.purpose === 'train') earlier.push(episode);
  }
  return count[name]([...earlier, ...added].slice(-window[name]), context);
}

function groups(episodes: readonly Episode[]): Map<{ name: KnowledgeName; task: Task }, Episode[]> {
  const byName = new Map<string, { key: { name: KnowledgeName; task: Task }; group: Episode[] }>();
  const put = (id: string, name: KnowledgeName, episode: Episode): void => {
    const found = byName.get(id) ?? { key: { name, task: episode.task }, group: [] };
    found.group.push(episode);
    byName.set(id, found);
  };
  for (const episode of episodes) {
    const { environment, family } = episode.task;
    put(`orders\n${environment}`, 'orders', episode);
    if (family === undefined) continue;
    put(`facts\n${environment}\n${family}`, 'facts', episode);
    put(`rules\n${environment}\n${family}`, 'rules', episode);
  }
  return new Map([...byName.values()].map(({ key, group }) => [key, group]));
}
