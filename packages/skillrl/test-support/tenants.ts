import { join } from 'node:path';

import type { BankEntry, EntryStatus } from '@skillrl/core';
import { compact, sqlite, verifyBank } from '@skillrl/drivers';
import { createMemory, type Memory } from '@skillrl/memory';
import { aLesson, aModelCall, aTask, episodeEvents, seededRandom, temporaryFolder } from '@skillrl/testing';
import { expect } from 'vitest';

const namespaces = ['one', 'two', 'three'];
const statuses = ['candidate', 'trial', 'active', 'stable', 'quarantined', 'retired'] as const;
const things = ['mug', 'plate', 'knife', 'lamp', 'book', 'towel', 'potato', 'candle'];

/** What a tenant must see, and nothing else. */
interface Tenant {
  readonly namespace: string;
  readonly memory: Memory;
  readonly entries: Map<string, BankEntry>;
  /** Episodes that used an entry, by its id. */
  readonly uses: Map<string, number>;
  episodes: number;
}

/**
 * Random operations of three tenants with the same ids in one bank, each compared with a plain model of what the tenant put there. Every text
 * names its tenant, so that a leak shows in whatever comes back.
 *
 * @returns how many of which operation there were.
 */
export async function playTenants(operations: number, seed: number): Promise<Record<string, number>> {
  const random = seededRandom(seed);
  const path = join(temporaryFolder(), 'bank.db');
  const store = sqlite({ path });
  const embedder = compact();
  const tenants = namespaces.map((namespace): Tenant => {
    const memory = createMemory({ episodes: store.episodes, entries: store.entries, embedder }, { namespace });
    return { namespace, memory, entries: new Map(), uses: new Map(), episodes: 0 };
  });
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const anId = (): string => `entry-${Math.floor(random() * 40)}`;
  const counts: Record<string, number> = {};
  let number = 0;

  const commit = (tenant: Tenant, change: object): Promise<number> =>
    store.entries.commit({ namespace: tenant.namespace, reason: 'random', ...change });
  const anEntry = (tenant: Tenant, id: string): BankEntry => {
    const thing = pick(things);
    return aLesson({
      id,
      namespace: tenant.namespace,
      version: (tenant.entries.get(id)?.version ?? 0) + 1,
      status: pick(statuses),
      cluster: `cluster-${thing}`,
      title: `${tenant.namespace} ${number} about the ${thing}`,
      body: {
        pointOfFailure: `the ${thing} of ${tenant.namespace} was lost`,
        flawedDecision: 'none',
        correction: 'look again',
        principle: `Keep the ${thing} of ${tenant.namespace}.`,
        appliesWhen: thing,
      },
    });
  };
  const asKept = (entry: BankEntry): BankEntry => JSON.parse(JSON.stringify(entry)) as BankEntry;
  const sorted = (entries: Iterable<BankEntry>): BankEntry[] => [...entries].toSorted((a, b) => (a.id < b.id ? -1 : 1));

  const kinds: Record<string, { readonly share: number; readonly run: (tenant: Tenant) => Promise<void> }> = {
    put: {
      share: 25,
      run: async (tenant) => {
        const ids = new Set(Array.from({ length: 1 + Math.floor(random() * 3) }, anId));
        const put = [...ids].map((id) => anEntry(tenant, id));
        await commit(tenant, { put });
        for (const entry of put) tenant.entries.set(entry.id, asKept(entry));
      },
    },
    'foreign put': {
      share: 2,
      run: async (tenant) => {
        const other = pick(tenants.filter((each) => each !== tenant));
        const put = [anEntry(other, anId())];
        await expect(commit(tenant, { put })).rejects.toMatchObject({ code: 'ENTRY_NAMESPACE' });
      },
    },
    status: {
      share: 15,
      run: async (tenant) => {
        const [id, status] = [anId(), pick(statuses) as EntryStatus];
        const change = commit(tenant, { statuses: [{ id, status }] });
        const entry = tenant.entries.get(id);
        if (entry === undefined) await expect(change).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
        else {
          await change;
          tenant.entries.set(id, { ...entry, status });
        }
      },
    },
    remove: {
      share: 8,
      run: async (tenant) => {
        const remove = [anId(), anId()];
        await commit(tenant, { remove });
        for (const id of remove) tenant.entries.delete(id);
      },
    },
    get: {
      share: 20,
      run: async (tenant) => {
        const view = await store.entries.view(tenant.namespace);
        const ids = [anId(), anId(), anId()];
        expect(await view.get(ids[0]!)).toEqual(tenant.entries.get(ids[0]!));
        const many = await view.getMany(ids);
        for (const id of ids) expect(many.get(id)).toEqual(tenant.entries.get(id));
      },
    },
    list: {
      share: 12,
      run: async (tenant) => {
        const view = await store.entries.view(tenant.namespace);
        const filter = { statuses: [pick(statuses), pick(statuses)], cluster: `cluster-${pick(things)}` };
        const kept = sorted(tenant.entries.values()).filter(
          ({ status, cluster }) => filter.statuses.includes(status) && cluster === filter.cluster,
        );
        expect(await Array.fromAsync(view.list(filter))).toEqual(kept);
        expect(await view.count(filter)).toBe(kept.length);
        expect(await view.count()).toBe(tenant.entries.size);
      },
    },
    changes: {
      share: 3,
      run: async (tenant) => {
        const latest = await store.entries.revision();
        for await (const { entry } of store.entries.changesAfter(tenant.namespace, Math.max(0, latest - 30))) {
          expect(entry?.namespace ?? tenant.namespace).toBe(tenant.namespace);
        }
      },
    },
    search: {
      share: 6,
      run: async (tenant) => {
        const other = pick(tenants.filter((each) => each !== tenant));
        const hits = await tenant.memory.search(`the ${pick(things)} of ${other.namespace}`, { limit: 5 });
        for (const { id, title } of hits) {
          expect(title).toContain(tenant.namespace);
          expect(title).toBe(tenant.entries.get(id)?.title);
        }
      },
    },
    export: {
      share: 2,
      run: async (tenant) => {
        const [, ...lines] = await Array.fromAsync(tenant.memory.export());
        const read = lines.map((line) => JSON.parse(line) as BankEntry);
        expect(read.map(({ id, title }) => [id, title])).toEqual(
          sorted(tenant.entries.values()).map(({ id, title }) => [id, title]),
        );
      },
    },
    use: {
      share: 5,
      run: async (tenant) => {
        const entry = tenant.entries.get(anId());
        if (entry === undefined) return;
        const shown = [{ entryId: entry.id, entryVersion: entry.version, propensity: 1 }];
        const recall = { namespace: tenant.namespace, bankRevision: 1, shown, withheld: [], tokens: 1 };
        const tags = { namespace: tenant.namespace };
        // Nothing is learned from it: it was not played for training.
        await store.episodes.append(episodeEvents({ tags, purpose: 'test', calls: [aModelCall({ recall })] }));
        tenant.episodes += 1;
        tenant.uses.set(entry.id, (tenant.uses.get(entry.id) ?? 0) + 1);
      },
    },
    statistics: {
      share: 4,
      run: async (tenant) => {
        const ids = Array.from({ length: 10 }, anId);
        const rows = await store.episodes.statistics(tenant.namespace, ids);
        const counted = new Map<string, number>();
        for (const { entryId, episodes } of rows) counted.set(entryId, (counted.get(entryId) ?? 0) + episodes);
        for (const id of ids) expect(counted.get(id)).toEqual(tenant.uses.get(id));
      },
    },
    learn: {
      share: 0.3,
      run: async (tenant) => {
        const task = aTask({ instruction: `find the ${pick(things)} of ${tenant.namespace}, time ${number}` });
        const answer = `the shelf of ${tenant.namespace}, place ${number}`;
        const { episodeId } = await tenant.memory.run(task, () => answer, { grade: () => true });
        tenant.episodes += 1;
        for (const other of tenants.filter((each) => each !== tenant)) {
          expect(await other.memory.learn()).toMatchObject({ distilled: 0, added: [], merged: [] });
          await expect(other.memory.outcome(episodeId, false)).rejects.toMatchObject({ code: 'EPISODE_UNKNOWN' });
          await expect(other.memory.forget(episodeId)).rejects.toMatchObject({ code: 'EPISODE_UNKNOWN' });
        }
        expect((await tenant.memory.learn()).distilled).toBeGreaterThan(0);
        tenant.entries.clear();
        for await (const entry of (await store.entries.view(tenant.namespace)).list())
          tenant.entries.set(entry.id, entry);
        for (const { namespace } of tenants) {
          const isOther = namespace !== tenant.namespace;
          if (isOther) expect(JSON.stringify([...tenant.entries.values()])).not.toContain(`of ${namespace}, place`);
        }
      },
    },
    stats: {
      share: 0.7,
      run: async (tenant) => {
        const { entries, episodes } = await tenant.memory.stats();
        expect(entries.total).toBe(tenant.entries.size);
        expect(Object.values(episodes).reduce((sum, count) => sum + count, 0)).toBe(tenant.episodes);
      },
    },
  };
  const shares = Object.entries(kinds).flatMap(([name, { share }]) => Array<string>(Math.round(share * 10)).fill(name));

  for (number = 0; number < operations; number += 1) {
    const name = pick(shares);
    await kinds[name]!.run(pick(tenants));
    counts[name] = (counts[name] ?? 0) + 1;
  }
  for (const tenant of tenants) {
    const view = await store.entries.view(tenant.namespace);
    expect(await Array.fromAsync(view.list())).toEqual(sorted(tenant.entries.values()));
    await tenant.memory.close();
  }
  await store.close();
  expect((await verifyBank(path)).damage).toEqual([]);
  return counts;
}
