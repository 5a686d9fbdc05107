import {
  FileError,
  type BankEntry,
  type SavedIndexStore,
  type EntryStatus,
  type EntryStore,
  type Logger,
  type ProgressEvent,
} from '@skillrl/core';
import {
  aDemonstration,
  aLesson,
  aPrinciple,
  aTask,
  hashEmbedder,
  memorySavedIndexes,
  memoryEntryStore,
  seededRandom,
} from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { savedIndexName } from './saved-index.ts';
import type { EntryIndex, EntryIndexPorts } from './entry-index.ts';
import { openEntryIndex } from './open-entry-index.ts';
import { entryIndexes } from './entry-indexes.ts';

const embedder = hashEmbedder({ dimensions: 32 });
const namespaces = ['default', 'other'] as const;
const words = ['mug', 'plate', 'sink', 'heat', 'clean', 'the', 'spoon', 'drawer', 'cool', 'shelf', 'fridge', 'put'];
const always = { fewest: 0, changes: 1, fewChanges: 1 };
const scope = { namespace: 'default', select: {}, embedderId: embedder.id };

/** A store's ports with an embedder. */
function portsOf(entries: EntryStore, savedIndexes?: SavedIndexStore): EntryIndexPorts {
  return { entries, embedder, ...(savedIndexes !== undefined && { savedIndexes }) };
}

function open(ports: EntryIndexPorts, revision: number, namespace = 'default'): Promise<EntryIndex> {
  return openEntryIndex(ports, { namespace, revision });
}

/** What an index has to say to every word, alone and in pairs, to everybody and to one task. */
async function answersOf(index: EntryIndex): Promise<unknown[]> {
  const answers: unknown[] = [index.size, index.revision, index.degraded];
  for (const [at, word] of words.entries()) {
    const query = at % 2 === 0 ? word : `${word} ${words[(at + 5) % words.length]}`;
    const [vector] = await embedder.embed([query]);
    for (const task of [undefined, aTask({ family: 'house-1', type: 'heat' })]) {
      const { found, degraded } = await index.find(query, vector, { limit: 6, task });
      const rounded = found.map((hit) => ({
        ...hit,
        bm25: hit.bm25 === undefined ? undefined : Number(hit.bm25.toFixed(6)),
        similarity: hit.similarity === undefined ? undefined : Number(hit.similarity.toFixed(6)),
      }));
      answers.push([query, task?.family, rounded, degraded]);
    }
  }
  return answers;
}

/** One random commit in one namespace: puts, status changes, removals. */
async function commitSomething(store: EntryStore, random: () => number): Promise<void> {
  const namespace = namespaces[Math.floor(random() * namespaces.length)]!;
  const id = (): string => `e${Math.floor(random() * 40)}`;
  const text = (): string => {
    const count = 1 + Math.floor(random() * 6);
    return Array.from({ length: count }, () => words[Math.floor(random() ** 2 * words.length)]).join(' ');
  };
  const kinds = [aLesson, aDemonstration, aPrinciple] as const;
  const statuses: EntryStatus[] = ['active', 'trial', 'quarantined', 'retired', 'stable'];
  const status = (): EntryStatus => statuses[Math.floor(random() * statuses.length)]!;
  const put = new Map<string, BankEntry>();
  for (let number = Math.floor(random() * 4); number > 0; number -= 1) {
    const build = kinds[Math.floor(random() * kinds.length)]!;
    const conditions = random() < 0.4 ? { families: [random() < 0.5 ? 'house-1' : 'house-2'] } : undefined;
    // A title without a word that anybody knows has no direction.
    const entry = build({ id: id(), namespace, title: random() < 0.1 ? '—' : text(), status: status(), conditions });
    put.set(entry.id, entry);
  }
  const view = await store.view(namespace);
  const there = (await Array.fromAsync(view.list())).map((entry) => entry.id).filter(() => random() < 0.08);
  await store.commit({
    namespace,
    reason: 'at random',
    put: [...put.values()],
    statuses: there.map((each) => ({ id: each, status: status() })),
    remove: random() < 0.3 ? [id(), id()] : [],
  });
}

describe('an index that lived, one that was restored and one that was built anew', () => {
  it.each(Array.from({ length: 8 }, (_, seed) => seed))('answer alike after random changes, seed %i', async (seed) => {
    const random = seededRandom(seed);
    const entries = memoryEntryStore();
    const savedIndexes = memorySavedIndexes();
    const lived = new Map<string, EntryIndex>();
    for (const namespace of namespaces) {
      lived.set(namespace, await openEntryIndex(portsOf(entries, savedIndexes), { namespace, revision: 0 }));
    }
    for (let round = 0; round < 60; round += 1) {
      await commitSomething(entries, random);
      const revision = await entries.revision();
      for (const [namespace, index] of lived) {
        const move = random() < 0.6 ? index.moveTo(revision) : undefined;
        if (random() < 0.15) {
          // Anywhere in the middle of the move.
          for (let pause = Math.floor(random() * 20); pause > 0; pause -= 1) await Promise.resolve();
          await index.save();
        }
        await move;
        if (round % 12 !== 11) continue;
        await index.moveTo(revision);
        const restored = await open(portsOf(entries, savedIndexes), revision, namespace);
        const anew = await open(portsOf(entries), revision, namespace);
        const answers = await answersOf(index);
        expect(await answersOf(restored)).toEqual(answers);
        expect(await answersOf(anew)).toEqual(answers);
        // From here on the restored one lives.
        if (random() < 0.5) lived.set(namespace, restored);
      }
    }
    expect((await savedIndexes.list()).length).toBe(2);
  });
});

describe('a saved index', () => {
  const bankOf = async (...put: BankEntry[]): Promise<EntryStore> => {
    const entries = memoryEntryStore();
    await entries.commit({ namespace: 'default', reason: 'test', put });
    return entries;
  };
  const counting = (entries: EntryStore): EntryStore & { lists: number } => {
    const counted = {
      ...entries,
      lists: 0,
      view: async (namespace: string, revision?: number) => {
        const view = await entries.view(namespace, revision);
        return {
          ...view,
          list: (filter: Parameters<typeof view.list>[0]) => ((counted.lists += 1), view.list(filter)),
        };
      },
    };
    return counted;
  };
  const saved = async (entries: EntryStore): Promise<SavedIndexStore> => {
    const savedIndexes = memorySavedIndexes();
    const index = await open(portsOf(entries, savedIndexes), await entries.revision());
    expect(await index.save()).toMatchObject({ head: { revision: index.revision } });
    expect(index.unsaved).toBe(0);
    return savedIndexes;
  };
  const warned = (): { logger: Logger; reasons: unknown[] } => {
    const reasons: unknown[] = [];
    const nothing = (): void => {};
    const warn: Logger['warn'] = (_, fields) => void reasons.push(fields?.['reason']);
    return { reasons, logger: { debug: nothing, info: nothing, error: nothing, warn } };
  };

  it('is opened without reading the bank, and only what changed since is read', async () => {
    const entries = await bankOf(aLesson({ id: 'a', title: 'red mug' }), aLesson({ id: 'b', title: 'blue plate' }));
    const savedIndexes = await saved(entries);
    await entries.commit({ namespace: 'default', reason: 'more', put: [aLesson({ id: 'c', title: 'spoon' })] });
    const counted = counting(entries);
    const index = await open(portsOf(counted, savedIndexes), 2);
    expect(counted.lists).toBe(0);
    expect(index.size).toBe(3);
    expect(index.unsaved).toBeGreaterThan(0);
    expect(await answersOf(index)).toEqual(await answersOf(await open(portsOf(entries), 2)));
  });

  it('serves for any later revision, and not for an earlier one', async () => {
    const entries = await bankOf(aLesson({ id: 'a', title: 'red mug' }));
    await entries.commit({ namespace: 'default', reason: 'more', put: [aLesson({ id: 'b', title: 'mug' })] });
    const savedIndexes = await saved(entries);
    const { logger, reasons } = warned();
    const past = await open({ ...portsOf(entries, savedIndexes), logger }, 1);
    expect(past.size).toBe(1);
    expect(reasons).toEqual([]);
  });

  it('keeps in mind who waits for a vector', async () => {
    const entries = await bankOf(aLesson({ id: 'a', title: 'red mug' }));
    const savedIndexes = memorySavedIndexes();
    const down = { ...embedder, embed: () => Promise.reject(new Error('no table')) };
    const index = await open({ entries, savedIndexes, embedder: down }, 1);
    await index.save();
    const counted = counting(entries);
    const again = await open(portsOf(counted, savedIndexes), 1);
    expect(counted.lists).toBe(0);
    expect(await answersOf(again)).toEqual(await answersOf(await open(portsOf(entries), 1)));
  });

  it('is of one namespace, one selection and one embedder', async () => {
    const names = [
      scope,
      { ...scope, namespace: 'other' },
      { ...scope, select: { kinds: ['lesson'] as const } },
      { ...scope, embedderId: 'e' },
      { namespace: 'default', select: {} },
    ].map(savedIndexName);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[\w-]+$/.test(name))).toBe(true);

    const entries = await bankOf(aLesson({ id: 'a' }), aDemonstration({ id: 'b' }));
    const savedIndexes = await saved(entries);
    const lexical = await open({ entries, savedIndexes }, 1);
    const lessons = await openEntryIndex(portsOf(entries, savedIndexes), {
      namespace: 'default',
      select: { kinds: ['lesson'] },
      revision: 1,
    });
    expect([lexical.size, lessons.size]).toEqual([2, 1]);
  });

  describe('is not used, and says why, when', () => {
    const refused = async (
      entries: EntryStore,
      savedIndexes: SavedIndexStore,
    ): Promise<{ reason: string; index: EntryIndex }> => {
      const { logger, reasons } = warned();
      const index = await open({ ...portsOf(entries, savedIndexes), logger }, await entries.revision());
      expect(reasons).toHaveLength(1);
      const anew = await open(portsOf(entries), await entries.revision());
      expect(await answersOf(index)).toEqual(await answersOf(anew));
      return { reason: String(reasons[0]), index };
    };
    /** What was saved, as it is, with some of its facts or parts changed. */
    const altered = async (
      savedIndexes: SavedIndexStore,
      meta: Record<string, unknown>,
      without?: string,
    ): Promise<SavedIndexStore> => ({
      ...savedIndexes,
      load: async (name) => {
        const loaded = await savedIndexes.load(name);
        if (loaded.state !== 'whole') return loaded;
        const parts = Object.fromEntries(Object.entries(loaded.parts).filter(([part]) => part !== without));
        return { ...loaded, meta: { ...loaded.meta, ...meta }, parts };
      },
    });

    it('its store found it damaged', async () => {
      const entries = await bankOf(aLesson({ id: 'a' }));
      const load: SavedIndexStore['load'] = async () => ({ state: 'damaged', reason: 'its checksum is another' });
      expect((await refused(entries, { ...memorySavedIndexes(), load })).reason).toContain('checksum');
    });

    it('it is of another bank with as many revisions', async () => {
      const savedIndexes = await saved(await bankOf(aLesson({ id: 'a', title: 'red mug' })));
      const other = await bankOf(aLesson({ id: 'z', title: 'blue plate' }));
      const { reason, index } = await refused(other, savedIndexes);
      expect(reason).toContain('another bank');
      // And the next one is of this bank.
      await index.save();
      const counted = counting(other);
      await open(portsOf(counted, savedIndexes), 1);
      expect(counted.lists).toBe(0);
    });

    it('it is younger than the bank, which was restored from a backup', async () => {
      const entries = await bankOf(aLesson({ id: 'a' }));
      await entries.commit({ namespace: 'default', reason: 'more', put: [aLesson({ id: 'b' })] });
      const savedIndexes = await saved(entries);
      const backup = await bankOf(aLesson({ id: 'a' }));
      expect((await refused(backup, savedIndexes)).reason).toContain('revision 2');
    });

    it.each([
      ['of another format', { format: 0 }, 'format'],
      ['of words cut in another way', { derivation: 'x' }, 'words'],
      ['of another scope under its name', { scope: 'x' }, 'another namespace'],
      ['without facts', { mark: undefined }, 'facts'],
      ['of another count of entries', { entries: 2 }, 'entries'],
      ['of another count of vectors', { vectors: 2 }, 'vectors'],
      ['of another length of vectors', { dimensions: 31 }, 'fit'],
    ])('it is %s', async (_, meta, reason) => {
      const entries = await bankOf(aLesson({ id: 'a' }));
      const savedIndexes = await altered(await saved(entries), meta);
      expect((await refused(entries, savedIndexes)).reason).toContain(reason);
    });

    it.each(['entries', 'lexical', 'vector-rows'])('its part %s is missing', async (part) => {
      const entries = await bankOf(aLesson({ id: 'a' }));
      const savedIndexes = await altered(await saved(entries), {}, part);
      expect((await refused(entries, savedIndexes)).reason).toContain('fit');
    });
  });

  it('is saved by the index that follows the bank when enough has changed, and when it is closed', async () => {
    const entries = await bankOf(aLesson({ id: 'a' }));
    const savedIndexes = memorySavedIndexes();
    const options = { namespace: 'default' };
    const following = entryIndexes(portsOf(entries, savedIndexes), options, { ...always, changes: 5 });
    await following.at(1);
    await following.close();
    const revisionOf = async (): Promise<unknown> => (await savedIndexes.list())[0]?.head?.revision;
    expect(await revisionOf()).toBe(1);

    const again = entryIndexes(portsOf(entries, savedIndexes), options, { ...always, changes: 5 });
    for (let number = 0; number < 4; number += 1) {
      await entries.commit({ namespace: 'default', reason: 'more', put: [aLesson({ id: `b${number}` })] });
    }
    await again.at(5);
    await expect.poll(revisionOf).toBe(5);
    await again.close();
  });

  it('is left alone when nothing changed, and not made for a small bank', async () => {
    const entries = await bankOf(aLesson({ id: 'a' }));
    const savedIndexes = memorySavedIndexes();
    const small = entryIndexes(portsOf(entries, savedIndexes), { namespace: 'default' });
    await small.at(1);
    await small.close();
    expect(await savedIndexes.list()).toEqual([]);
    const first = await saved(entries);
    const [before] = await first.list();
    const idle = entryIndexes(portsOf(entries, first), { namespace: 'default' }, always);
    await idle.at(1);
    await idle.close();
    expect(await first.list()).toEqual([before]);
  });

  it('that cannot be written is told of once, and the memory goes on', async () => {
    const entries = await bankOf(aLesson({ id: 'a', title: 'red mug' }));
    let tries = 0;
    const save = async (): Promise<never> => {
      tries += 1;
      throw new FileError({ code: 'SAVED_INDEX_FAILED', message: 'no space left', hint: 'Free some.' });
    };
    const { logger, reasons } = warned();
    const ports = { ...portsOf(entries, { ...memorySavedIndexes(), save }), logger };
    const following = entryIndexes(ports, { namespace: 'default' }, { ...always, everyMs: 0 });
    for (let round = 0; round < 4; round += 1) {
      await entries.commit({ namespace: 'default', reason: 'more', put: [aLesson({ id: `b${round}` })] });
      expect((await following.at(await entries.revision())).size).toBe(round + 2);
      await new Promise((resolve) => void setImmediate(resolve));
    }
    await following.close();
    expect(tries).toBeGreaterThan(2);
    expect(reasons).toEqual(['no space left']);
  });
});

describe('a bank that takes long to index', () => {
  it('answers from what is there, says so, and tells how far it is', async () => {
    const entries = memoryEntryStore();
    const put = Array.from({ length: 6_000 }, (_, number) => aLesson({ id: `e${number}`, title: `mug ${number}` }));
    await entries.commit({ namespace: 'default', reason: 'many', put });
    const events: ProgressEvent[] = [];
    const ports = { entries, progress: (event: ProgressEvent) => void events.push(event) };
    const index = await openEntryIndex(ports, { namespace: 'default', revision: 1, waitMs: 1, patienceMs: 1 });
    expect(index.degraded).toMatch(/still being built/);
    expect(index.size).toBeLessThan(6_000);
    expect(index.revision).toBe(1);
    await index.moveTo(1);
    expect(index.degraded).toBeUndefined();
    expect(index.size).toBe(6_000);
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['stage-start', 'stage-advance', 'stage-end']),
    );
    expect(events[0]).toMatchObject({ type: 'stage-start', stage: 'index', total: 6_000 });
    await index.close();
  });

  it('can be closed before it is done', async () => {
    const entries = memoryEntryStore();
    const put = Array.from({ length: 3_000 }, (_, number) => aLesson({ id: `e${number}` }));
    await entries.commit({ namespace: 'default', reason: 'many', put });
    const index = await openEntryIndex({ entries }, { namespace: 'default', revision: 1, waitMs: 1, patienceMs: 1 });
    await index.close();
    expect(index.size).toBeLessThan(3_000);
  });
});
