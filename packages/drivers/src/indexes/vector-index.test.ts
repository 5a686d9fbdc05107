import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedVectorIndex, VectorItem } from '@skillrl/core';
import { describeWith, seededRandom, temporaryFolder, testVectorIndex, type Requirement } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { keepParts } from '../../test-support/keep-parts.ts';
import { expectExact, randomVector, vectorNear } from '../../test-support/unit-vectors.ts';
import { savedIndexFiles } from '../saved-indexes/saved-index-files.ts';
import { flat } from './flat.ts';
import { isHnswAvailable } from './load-hnswlib.ts';
import { IndexCore, restoreIndexCore, type IndexCoreOptions } from './index-core.ts';
import {
  coreOptions,
  restoreVectorIndex,
  vectorIndex,
  type SettlingVectorIndex,
  type VectorIndexOptions,
} from './vector-index.ts';

const hnswlib: Requirement = isHnswAvailable()
  ? { name: 'compiler', available: true, path: 'hnswlib-node' }
  : { name: 'compiler', available: false, reason: 'hnswlib-node is not compiled here' };

const dimensions = 24;

describe('vectorIndex', () => {
  testVectorIndex({ create: (length) => vectorIndex({ dimensions: length, exactUpTo: 300 }), recall: 0.98 });

  it('refuses dimensions that no vector can have', () => {
    expect(() => vectorIndex({ dimensions: Number.NaN })).toThrow(
      expect.objectContaining({ code: 'DIMENSIONS_INVALID' }),
    );
  });

  it('asks a filter once for each of 20,000 groups, and is exact', () => {
    const index = vectorIndex({ dimensions: 4 });
    const items = itemsOf(20_000, 31, 4).map((item) => ({ ...item, group: `of ${item.id}` }));
    index.add(items);
    let asked = 0;
    const filter = (group: string): boolean => {
      asked += 1;
      return group.endsWith('7');
    };
    const query = items[5]!.vector;
    const { hits, allowed } = index.explain(query, { limit: 20, filter });
    expect([asked, allowed]).toEqual([20_000, 2000]);
    const some = unitsOf(
      index,
      items.filter(({ group }) => filter(group)),
    );
    expectExact(hits, some, index.vectorOf('v5')!, 20);
  });
});

describeWith(hnswlib, 'vectorIndex with hnswlib-node', () => {
  it('builds its graph in a worker while it answers exactly and takes changes', async () => {
    const index = graphFirst({ dimensions, exactUpTo: 1000 });
    const live = new Map(itemsOf(6000, 1).map((item) => [item.id, item]));
    const random = seededRandom(2);
    const begin = performance.now();
    index.add([...live.values()]);
    // The graph takes a second or more; adding must not wait for it.
    expect(performance.now() - begin).toBeLessThan(1000);
    for (let round = 0; index.kind === 'flat'; round += 1) {
      const gone = `v${Math.floor(random() * 6000)}`;
      index.remove([gone]);
      live.delete(gone);
      const changes = [`v${Math.floor(random() * 6000)}`, `new${round}`].map((id) => ({
        id,
        vector: randomVector(random, dimensions),
      }));
      index.add(changes);
      for (const change of changes) live.set(change.id, change);
      const query = randomVector(random, dimensions);
      const { hits, engine, reason } = index.explain(query, { limit: 5 });
      if (engine === 'flat') expect(reason).toMatch(/not ready yet|no graph/);
      if (round % 20 === 0) expect(hits.map(({ id }) => id)).toEqual(exactIds(live, query, 5));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await index.settled();
    expect(index.size).toBe(live.size);
    expect(recallOf(index, live, 100)).toBeGreaterThanOrEqual(0.99);
    // What changed meanwhile is found at its new place, what went is not.
    for (const { id, vector } of [...live.values()].slice(-300)) {
      expect(index.search(vector, { limit: 1 })[0]!.id).toBe(id);
    }
    index.close();
  });

  it('links what is added to a graph in the background, and finds it before that', async () => {
    const index = graphFirst({ dimensions, exactUpTo: 1000 });
    index.add(itemsOf(3000, 3));
    await index.settled();
    const late = itemsOf(400, 4).map((item) => ({ ...item, id: `late ${item.id}` }));
    index.add(late);
    for (const { id, vector } of late) expect(index.search(vector, { limit: 1 })[0]!.id).toBe(id);
    await index.settled();
    for (const { id, vector } of late) expect(index.search(vector, { limit: 1 })[0]!.id).toBe(id);
    index.close();
  });

  it('builds the graph anew when much of it is deleted, and gives it up when few vectors are left', async () => {
    const index = graphFirst({ dimensions, exactUpTo: 1000 });
    const items = itemsOf(4000, 5);
    index.add(items);
    await index.settled();
    index.remove(items.slice(0, 1600).map(({ id }) => id));
    expect(index.kind).toBe('hnsw');
    await index.settled();
    const live = new Map(items.slice(1600).map((item) => [item.id, item]));
    expect(recallOf(index, live, 100)).toBeGreaterThanOrEqual(0.99);
    index.remove(items.slice(1600, 3200).map(({ id }) => id));
    expect([index.kind, index.size]).toEqual(['flat', 800]);
    index.close();
  });

  it('serves exactly and says why when the graph cannot be built', async () => {
    const index = graphFirst({ dimensions, exactUpTo: 100, folder: join(temporaryFolder(), 'nowhere') });
    const items = itemsOf(200, 6);
    index.add(items);
    await index.settled();
    const { hits, engine, reason } = index.explain(items[7]!.vector, { limit: 1 });
    expect([hits[0]!.id, engine]).toEqual(['v7', 'flat']);
    expect(reason).toContain('could not be built');
  });

  it('takes the graph for wide filters and compares the allowed under narrow ones', async () => {
    const index = vectorIndex({ dimensions: 64, exactUpTo: 1000 });
    const items = clustered(6000, 7, 64).map((item, number) => ({
      ...item,
      group: number === 17 ? 'one' : number % 100 === 7 ? 'hundredth' : number % 2 === 0 ? 'half' : 'other',
    }));
    index.add(items);
    await index.settled();
    const query = items[100]!.vector;
    const narrow = index.explain(query, { limit: 10, filter: (group) => group === 'hundredth' });
    expect([narrow.engine, narrow.allowed]).toEqual(['flat', 60]);
    expect(index.explain(query, { limit: 10, filter: (group) => group === 'one' }).hits).toHaveLength(1);
    for (const name of ['half', 'other', 'hundredth']) {
      const allowed = new Map(items.filter(({ group }) => group === name).map((item) => [item.id, item]));
      expect(recallOf(index, allowed, 60, (group) => group === name)).toBeGreaterThanOrEqual(0.99);
    }
    index.close();
  });

  it('falls back to the exact search when the filter leaves none of the near ones', async () => {
    const index = graphFirst({ dimensions, exactUpTo: 1000 });
    const random = seededRandom(8);
    const near = randomVector(random, dimensions);
    const items = Array.from({ length: 4000 }, (_, number) => ({
      id: `v${number}`,
      vector: number < 2000 ? vectorNear(random, near, 0.05) : randomVector(random, dimensions),
      group: number < 2000 ? 'near' : 'far',
    }));
    index.add(items);
    await index.settled();
    const { hits, engine, reason } = index.explain(near, { limit: 10, filter: (group) => group === 'far' });
    expect(engine).toBe('flat');
    expect(reason).toMatch(/only 0 of the \d+ candidates/);
    const far = new Map(items.slice(2000).map((item) => [item.id, item]));
    expect(hits.map(({ id }) => id)).toEqual(exactIds(far, near, 10));
    index.close();
  });
});

describeWith(hnswlib, 'a saved vectorIndex', () => {
  it('answers as before, at once, and its graph too when that is read', async () => {
    const index = graphFirst({ dimensions, exactUpTo: 1000 });
    const items = itemsOf(3000, 9).map((item, number) => ({ ...item, group: `g${number % 7}` }));
    index.add(items);
    index.remove(items.slice(0, 100).map(({ id }) => id));
    await index.settled();
    index.remove(items.slice(100, 200).map(({ id }) => id));
    const saved = await index.save!((parts) => keepParts(temporaryFolder(), parts));
    const restored = await restoreGraphFirst({ dimensions, exactUpTo: 1000 }, saved);
    expect([restored.size, restored.kind]).toEqual([2800, 'flat']);
    const queries = itemsOf(50, 10).map(({ vector }) => vector);
    const filter = (group: string): boolean => group === 'g3';
    for (const query of queries) {
      expect(restored.search(query, { limit: 8, filter })).toEqual(index.search(query, { limit: 8, filter }));
    }
    await restored.settled();
    expect(restored.kind).toBe('hnsw');
    for (const query of queries) {
      expect(restored.explain(query, { limit: 8 }).engine).toBe('hnsw');
      expect(restored.search(query, { limit: 8 })).toEqual(index.search(query, { limit: 8 }));
    }
    const unit = restored.vectorOf('v500');
    expect(unit).toEqual(index.vectorOf('v500'));
  });

  it('is saved and loaded, and a load tells when a byte of its graph has changed', async () => {
    const savedIndexes = savedIndexFiles({ folder: temporaryFolder() });
    const index = graphFirst({ dimensions, exactUpTo: 100 });
    const items = itemsOf(300, 18);
    index.add(items);
    await index.settled();
    await index.save!((parts) => savedIndexes.save('vectors', { revision: 1, meta: {} }, parts));
    const loaded = await savedIndexes.load('vectors');
    if (loaded.state !== 'whole') throw new Error(`The saved index is ${loaded.state}.`);
    const restored = await restoreGraphFirst({ dimensions, exactUpTo: 100 }, loaded.parts);
    await restored.settled();
    expect(restored.explain(items[9]!.vector, { limit: 1 })).toMatchObject({ engine: 'hnsw', hits: [{ id: 'v9' }] });

    const { path } = loaded.parts['graph']!;
    const bytes = readFileSync(path);
    bytes[1000]! ^= 1;
    writeFileSync(path, bytes);
    expect(await savedIndexes.load('vectors')).toMatchObject({ state: 'damaged' });
  });

  it('is as it was when the save began, whatever changed while it was written', async () => {
    const folder = temporaryFolder();
    const index = graphFirst({ dimensions, exactUpTo: 500 });
    const items = itemsOf(2000, 11);
    index.add(items);
    await index.settled();
    const saved = await index.save!(async (parts) => {
      index.remove(items.slice(0, 300).map(({ id }) => id));
      index.add(itemsOf(700, 12).map((item) => ({ ...item, id: `late ${item.id}` })));
      index.add(items.slice(300, 400).map(({ id }) => ({ id, vector: randomVector(seededRandom(1), dimensions) })));
      await new Promise((resolve) => setTimeout(resolve, 30));
      const [first] = itemsOf(1, 12);
      expect(index.search(first!.vector, { limit: 1 })[0]!.id).toBe('late v0');
      expect(index.search(items[0]!.vector, { limit: 1 })[0]!.id).not.toBe('v0');
      return keepParts(folder, parts);
    });
    const restored = await restoreGraphFirst({ dimensions, exactUpTo: 500 }, saved);
    await restored.settled();
    expect(restored.size).toBe(2000);
    expect(restored.vectorOf('late v0')).toBeUndefined();
    for (const { id, vector } of items.slice(0, 400)) {
      const [hit] = restored.search(vector, { limit: 1 });
      expect(hit!.id).toBe(id);
      expect(hit!.similarity).toBeCloseTo(1, 6);
    }

    await index.settled();
    expect(index.size).toBe(2400);
    for (const { id, vector } of itemsOf(700, 12)) {
      expect(index.search(vector, { limit: 1 })[0]!.id).toBe(`late ${id}`);
    }
    expect(index.search(items[0]!.vector, { limit: 1 })[0]!.id).not.toBe('v0');
  });

  it('is saved one at a time, and goes on after a save that failed', async () => {
    const index = vectorIndex({ dimensions });
    index.add(itemsOf(10, 13));
    const failing = index.save!(async () => {
      await expect(index.save!(async () => {})).rejects.toMatchObject({ code: 'SAVE_RUNNING' });
      throw new Error('the disk is full');
    });
    await expect(failing).rejects.toThrow('the disk is full');
    await expect(index.save!(async (parts) => Object.keys(parts))).resolves.toEqual(['rows', 'vectors', 'groups']);
  });

  it('is refused when it is of other vectors, in parts, or not of this version', async () => {
    const index = graphFirst({ dimensions, exactUpTo: 100 });
    index.add(itemsOf(300, 14));
    await index.settled();
    const saved = await index.save!((parts) => keepParts(temporaryFolder(), parts));
    const misfit = expect.objectContaining({ code: 'SAVED_INDEX_MISFIT' });
    const restore = (parts: SavedVectorIndex, length = dimensions): Promise<unknown> =>
      restoreVectorIndex({ dimensions: length, exactUpTo: 100 }, parts);
    await expect(restore(saved, 25)).rejects.toEqual(misfit);
    for (const name of ['rows', 'vectors', 'groups', 'labels']) {
      const { [name]: gone, ...rest } = saved;
      await expect(restore(rest)).rejects.toEqual(misfit);
      const shorter = { path: gone!.path, bytes: async () => (await gone!.bytes()).slice(0, -4) };
      if (name !== 'labels') await expect(restore({ ...rest, [name]: shorter })).rejects.toEqual(misfit);
    }
    const twice = Int32Array.from({ length: 300 }, () => 3);
    const labels = { path: '', bytes: async () => new Uint8Array(twice.buffer) };
    await expect(restore({ ...saved, labels })).rejects.toEqual(misfit);
  });

  it('builds its graph anew when that cannot be read', async () => {
    const index = graphFirst({ dimensions, exactUpTo: 100 });
    const items = itemsOf(300, 15);
    index.add(items);
    await index.settled();
    const saved = await index.save!((parts) => keepParts(temporaryFolder(), parts));
    const graph = { ...saved['graph']!, path: join(temporaryFolder(), 'gone') };
    const restored = await restoreGraphFirst({ dimensions, exactUpTo: 100 }, { ...saved, graph });
    expect(restored.search(items[9]!.vector, { limit: 1 })[0]!.id).toBe('v9');
    await restored.settled();
    expect(restored.kind).toBe('hnsw');
    expect(restored.search(items[9]!.vector, { limit: 1 })[0]!.id).toBe('v9');
  });

  it('leaves no file of the worker behind', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'graphs'));
    const index = graphFirst({ dimensions, exactUpTo: 100, folder: join(folder, 'graphs') });
    index.add(itemsOf(300, 16));
    await index.settled();
    expect(index.kind).toBe('hnsw');
    expect(readdirSync(join(folder, 'graphs'))).toEqual([]);
  });

  it('stays like a plain list through 2,500 random changes, searches, saves and restores', async () => {
    const random = seededRandom(17);
    const folder = temporaryFolder();
    const options = { dimensions: 8, exactUpTo: 60 };
    let index: SettlingVectorIndex = graphFirst(options);
    const kept = new Map<string, VectorItem>();
    for (let round = 0; round < 2500; round += 1) {
      const id = `v${Math.floor(random() * 150)}`;
      const draw = random();
      if (draw < 0.35) {
        index.remove([id]);
        kept.delete(id);
      } else if (draw < 0.9) {
        const item = { id, vector: randomVector(random, 8), group: `g${Math.floor(random() * 3)}` };
        index.add([item]);
        kept.set(id, item);
      } else {
        const query = randomVector(random, 8);
        const filter = draw < 0.95 ? undefined : (group: string) => group !== 'g1';
        const allowed = new Map([...kept].filter(([, { group }]) => filter === undefined || filter(group!)));
        // A graph of a hundred nodes is as good as exact with 64 candidates.
        expect(index.search(query, { limit: 5, filter }).map((hit) => hit.id)).toEqual(exactIds(allowed, query, 5));
      }
      expect(index.size).toBe(kept.size);
      if (round % 200 === 150) await index.settled();
      if (round % 400 === 399) {
        const saved = await index.save!((parts) => keepParts(folder, parts));
        index.close();
        index = await restoreGraphFirst(options, saved);
      }
    }
    await index.settled();
  });
});

/** A `vectorIndex` that asks its graph wherever that can answer, so that small ones test it too. */
function graphFirst(options: VectorIndexOptions): SettlingVectorIndex {
  return new IndexCore(graphFirstOptions(options));
}

function restoreGraphFirst(options: VectorIndexOptions, saved: SavedVectorIndex): Promise<SettlingVectorIndex> {
  return restoreIndexCore(graphFirstOptions(options), saved);
}

function graphFirstOptions(options: VectorIndexOptions): IndexCoreOptions {
  return { ...coreOptions(options), prefer: 'graph' };
}

function itemsOf(count: number, seed: number, length = dimensions): (VectorItem & { readonly group?: string })[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, number) => ({ id: `v${number}`, vector: randomVector(random, length) }));
}

function clustered(count: number, seed: number, length: number): VectorItem[] {
  const random = seededRandom(seed);
  const centres = Array.from({ length: 100 }, () => randomVector(random, length));
  return Array.from({ length: count }, (_, number) => ({
    id: `v${number}`,
    vector: vectorNear(random, centres[Math.floor(random() * 100)]!, 0.4),
  }));
}

function unitsOf(index: SettlingVectorIndex, items: readonly VectorItem[]): Map<string, Float32Array> {
  return new Map(items.map(({ id }) => [id, index.vectorOf(id)!]));
}

/** What the exact index gives, which is held to a plain scan in its own tests. */
function exactIds(items: ReadonlyMap<string, VectorItem>, query: Float32Array, limit: number): string[] {
  const exact = flat({ dimensions: query.length });
  exact.add([...items.values()]);
  return exact.search(query, { limit }).map(({ id }) => id);
}

/** Share of the true ten nearest of some vectors of these items that an index finds. */
function recallOf(
  index: SettlingVectorIndex,
  items: ReadonlyMap<string, VectorItem>,
  queries: number,
  filter?: (group: string) => boolean,
): number {
  const random = seededRandom(99);
  const exact = flat({ dimensions: index.dimensions });
  exact.add([...items.values()]);
  const all = [...items.values()];
  let found = 0;
  for (let query = 0; query < queries; query += 1) {
    const vector = vectorNear(random, all[Math.floor(random() * all.length)]!.vector, 0.3);
    const truth = new Set(exact.search(vector, { limit: 10 }).map(({ id }) => id));
    found += index.search(vector, { limit: 10, filter }).filter(({ id }) => truth.has(id)).length;
  }
  return found / (10 * queries);
}
