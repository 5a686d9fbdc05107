import { InMemoryStore, type Item, type Operation } from '@langchain/langgraph';
import { expect } from 'vitest';

import type { SkillStore } from '../src/store/skill-store.ts';

const labels = ['a', 'b', 'users', 'été', 'a%b', 'A/B', '~', '!x', '🙂', 'x y', 'langgraph'];
const keys = ['k', 'K', 'k/1', 'ключ', '', '%0041', 'a.b', 'ü!', 'k'.repeat(600), '🙂🙂', '\u0000', '__proto__'];
const words = ['mug', 'cup', 'shelf', 'cabinet', 'kettle', 'find', 'the'];

/**
 * Random operations on both stores. What differs from `InMemoryStore`, on purpose, and nothing else:
 *
 * 1. A namespace whose last item was deleted is no longer listed.
 * 2. Items without a score come in the order of namespace and key, not of their making.
 * 3. Values are copied, as JSON: what is read can be changed without changing what is stored.
 * 4. In one batch, `['a'], 'b:c'` and `['a', 'b'], 'c'` are two items; theirs takes them for one.
 * 5. `maxDepth: 0` gives an empty namespace; theirs one with an empty label.
 * 6. The root `skillrl` cannot be written.
 * 7. A batch refuses a namespace with an `InputError`; the methods of `BaseStore` with LangGraph's own error, as theirs.
 * 8. `query` ranks without an index to be configured.
 *
 * @returns the first answers that differ.
 */
export async function compareHistories(
  ours: SkillStore,
  theirs: InMemoryStore,
  random: () => number,
  count: number,
): Promise<string[]> {
  const differences: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const operation = anOperation(random);
    const [mine, reference] = [await answerOf(operation, ours), await answerOf(operation, theirs)];
    if (mine !== reference) differences.push(`${at} ${operation.name}\n  ours   ${mine}\n  theirs ${reference}`);
  }
  return differences.slice(0, 5);
}

async function answerOf({ run }: RandomOperation, store: SkillStore | InMemoryStore): Promise<string> {
  try {
    return JSON.stringify(await run(store));
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') throw error;
    return 'refused';
  }
}

interface RandomOperation {
  readonly name: string;
  run(store: SkillStore | InMemoryStore): Promise<unknown>;
}

function anOperation(random: () => number): RandomOperation {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const below = (limit: number): number => Math.floor(random() * limit);
  const namespace = (least: number): string[] => Array.from({ length: least + below(3) }, () => one(labels));
  const kind = one(['put', 'put', 'put', 'delete', 'get', 'get', 'search', 'search', 'list', 'batch', 'refused']);
  switch (kind) {
    case 'put': {
      const [into, key, value] = [namespace(1), one(keys), aValue(random)];
      const index = one<false | string[] | undefined>([undefined, undefined, false, ['text'], ['tags[*]']]);
      return named(`put ${into.join()} ${key}`, (store) => store.put(into, key, value, index).then(() => null));
    }
    case 'delete': {
      const [from, key] = [namespace(1), one(keys)];
      return named(`delete ${from.join()} ${key}`, (store) => store.delete(from, key).then(() => null));
    }
    case 'get': {
      const [from, key] = [namespace(1), one(keys)];
      return named(`get ${from.join()} ${key}`, async (store) => itemOf(await store.get(from, key)));
    }
    case 'search': {
      const prefix = namespace(0);
      const [filter, query] = [aFilter(random), one([undefined, undefined, '', 'the mug', one(words)])];
      const limit = one([undefined, 0, 1, 2, 5, 150]);
      const offset = one([undefined, 0, 1, 3]);
      return named(`search ${prefix.join()} ${JSON.stringify({ filter, query, limit, offset })}`, async (store) => {
        if (store instanceof InMemoryStore) {
          const all = await store.search(prefix, { filter, limit: 10_000 });
          if (isRanked(query)) return all.map(itemOf).toSorted(byName);
          return all
            .map(itemOf)
            .toSorted(byName)
            .slice(offset ?? 0, (offset ?? 0) + (limit ?? 10));
        }
        const page = await store.search(prefix, { filter, query, limit, offset });
        if (!isRanked(query)) return page.map(itemOf);
        // Pages of a ranking are parts of it, the best first, each item once.
        const ranked = await store.search(prefix, { filter, query, limit: 200 });
        expect(page.map(itemOf).slice(0, 100)).toEqual(
          ranked.map(itemOf).slice(offset ?? 0, (offset ?? 0) + Math.min(limit ?? 10, 100)),
        );
        const all = await store.search(prefix, { filter, query, limit: 10_000 });
        const scores = all.map(({ score }) => score ?? 0);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
        return all.map(itemOf).toSorted(byName);
      });
    }
    case 'list': {
      const options = {
        prefix: one([undefined, namespace(0), ['*'], ['a', '*']]),
        suffix: one([undefined, undefined, namespace(0), ['*', 'b']]),
        maxDepth: one([undefined, 1, 2]),
      };
      const [limit, offset] = [one([undefined, 0, 1, 5]), one([undefined, 1])];
      return named(`list ${JSON.stringify({ ...options, limit, offset })}`, async (store) => {
        if (!(store instanceof InMemoryStore)) return store.listNamespaces({ ...options, limit, offset });
        // Theirs lists emptied namespaces (1): only those with an item in or below them are compared.
        const full = (await store.search([], { limit: 10_000 })).map((item) => item.namespace);
        const all = await store.listNamespaces({ ...options, limit: 10_000 });
        const matching = await store.listNamespaces({ ...options, maxDepth: undefined, limit: 10_000 });
        const live = matching.filter((labels) => full.some((own) => labels.join(':') === own.join(':')));
        return all
          .filter((labels) => live.some((own) => own.slice(0, options.maxDepth).join(':') === labels.join(':')))
          .slice(offset ?? 0, (offset ?? 0) + (limit ?? 100));
      });
    }
    case 'batch': {
      const batch = Array.from({ length: 1 + below(5) }, (): Operation => {
        const [where, key] = [namespace(1), one(keys)];
        return one<Operation>([
          { namespace: where, key },
          { namespace: where, key, value: aValue(random) },
          { namespace: where, key, value: null },
          { namespacePrefix: where, limit: 1000 },
        ]);
      });
      return named(`batch ${JSON.stringify(batch)}`, async (store) =>
        ((await store.batch(batch)) as unknown[]).map((answer) =>
          Array.isArray(answer) ? answer.map(itemOf).toSorted(byName) : itemOf(answer as Item | null),
        ),
      );
    }
    default: {
      const bad = one<unknown[]>([[], ['a.b'], ['a:b'], [''], ['a', ''], ['a\u0000'], [3], ['langgraph']]) as string[];
      const method = one(['put', 'get', 'search', 'delete', 'list'] as const);
      return named(`${method} of ${JSON.stringify(bad)}`, async (store) => {
        const work = {
          put: () => store.put(bad, 'k', { refused: true }),
          get: () => store.get(bad, 'k'),
          search: async () => (await store.search(bad, { limit: 1000 })).map(itemOf).toSorted(byName),
          delete: () => store.delete(bad, 'k'),
          // Of emptied namespaces only errors are compared (1).
          list: async () => void (await store.listNamespaces({ prefix: bad })),
        }[method];
        const answer = await work();
        return method === 'get' ? itemOf(answer as Item | null) : (answer ?? null);
      });
    }
  }
}

function named(name: string, run: RandomOperation['run']): RandomOperation {
  return { name, run };
}

/** What is compared of an item: all but its times, which must be times. */
function itemOf(item: Item | null | undefined): unknown {
  if (item === null || item === undefined) return null;
  expect(item.updatedAt.getTime()).toBeGreaterThanOrEqual(item.createdAt.getTime());
  const { namespace, key, value } = item;
  return { namespace, key, value: JSON.parse(JSON.stringify(value)) as unknown };
}

/** In the order that is ours (2): both sides are sorted when what is compared is not the order. */
function byName(one: unknown, other: unknown): number {
  const [a, b] = [one, other].map((item) => nameOf(item as Item));
  return a! < b! ? -1 : Number(a! > b!);
}

function nameOf({ namespace, key }: Item): string {
  const coded = (text: string): string =>
    text.replaceAll(/[^A-Za-z0-9_-]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const name = `${namespace.map((label) => `${coded(label)}/`).join('')}!`;
  return name.length + coded(key).length <= 512 ? name + coded(key) : `${name}~`;
}

function isRanked(query: string | undefined): boolean {
  return query !== undefined && query !== '';
}

function aValue(random: () => number): Record<string, unknown> {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  return {
    type: one(['report', 'note', null, true, 1]),
    rank: one([0, 1, 2, 2.5, '2', 'x', null]),
    text: Array.from({ length: 4 }, () => one(words)).join(' '),
    ...(random() < 0.3 && { tags: [one(words), one(words)], nested: { deep: [{ text: one(words) }] } }),
    ...(random() < 0.2 && { odd: one(['\u0000', '\ud800', '🙂', '', '{"a":1}', '</x>', 'é']) }),
  };
}

function aFilter(random: () => number): Record<string, unknown> | undefined {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  if (random() < 0.4) return undefined;
  const operator = one(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte']);
  const bound = one([0, 1, 2, '2', 'x', null, 2.5]);
  return one<Record<string, unknown>>([
    { type: one(['report', 'note', null, true]) },
    { rank: { [operator]: bound } },
    { rank: { $gte: 1, $lt: one([2, 3]) }, type: { $ne: 'note' } },
    { type: { $in: ['report', 1] } },
    { rank: { $nin: [2, 'x'] } },
    { absent: one([undefined, null, { $ne: 1 }, { $lt: 3 }]) },
    { nested: {} },
    { type: { not: 'an operator' } },
    {},
  ]);
}
