import { writeFile, readFile } from 'node:fs/promises';

import type { IndexPart, SavedIndexStore } from '@skillrl/core';
import { describe, expect, it } from 'vitest';

import { temporaryFolder } from './temporary-folder.ts';

export interface SavedIndexStoreSuiteOptions {
  /** A store over a folder, which need not exist; two over one folder see the same. */
  readonly create: (folder: string) => SavedIndexStore;
}

/** What every `SavedIndexStore` must do. Call it inside a `describe` of the driver. */
export function testSavedIndexStore({ create }: SavedIndexStoreSuiteOptions): void {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  const opened = (): SavedIndexStore => create(`${temporaryFolder()}/indexes`);
  const head = (revision: number) => ({ revision, meta: { count: 3, embedder: 'compact', nested: { a: [1, null] } } });

  it('says that there is none before the first save', async () => {
    const store = opened();
    expect(await store.load('a')).toEqual({ state: 'absent' });
    expect(await store.list()).toEqual([]);
    await store.remove('a');
  });

  it('gives back what was saved: revision, facts, bytes in runs, none and empty ones', async () => {
    const store = opened();
    const before = Date.now();
    const parts = { one: [bytes(1, 2), bytes(), bytes(3)], none: [], empty: [bytes()] };
    const summary = await store.save('a', head(7), parts);
    expect(summary).toMatchObject({ name: 'a', head: head(7), bytes: 3 });
    expect(summary.savedAt).toBeGreaterThanOrEqual(before);
    const loaded = await whole(store, 'a');
    expect(loaded).toMatchObject(head(7));
    expect(await contents(loaded)).toEqual({ one: [1, 2, 3], none: [], empty: [] });
    expect(await store.list()).toEqual([summary]);
  });

  it('takes parts that write their own file, and lets them read it', async () => {
    const store = opened();
    const write: IndexPart = (path) => writeFile(path, bytes(9, 8, 7));
    await store.save('a', head(1), { graph: write });
    const { parts } = await whole(store, 'a');
    expect([...(await readFile(parts['graph']!.path))]).toEqual([9, 8, 7]);
    expect([...(await parts['graph']!.bytes())]).toEqual([9, 8, 7]);
  });

  it('gives bytes that any typed array may look at, more than once', async () => {
    const store = opened();
    const numbers = Float64Array.of(1.5, -2);
    await store.save('a', head(1), { one: [bytes(1)], two: [new Uint8Array(numbers.buffer)] });
    const { parts } = await whole(store, 'a');
    for (let time = 0; time < 2; time += 1) {
      const read = await parts['two']!.bytes();
      expect(read.byteOffset).toBe(0);
      expect(read.buffer).toBeInstanceOf(ArrayBuffer);
      expect([...new Float64Array(read.buffer)]).toEqual([...numbers]);
    }
  });

  it('replaces a name as a whole and leaves the others', async () => {
    const store = opened();
    await store.save('a', head(1), { one: [bytes(1)], two: [bytes(2)] });
    await store.save('b', head(2), { one: [bytes(3)] });
    await store.save('a', head(3), { one: [bytes(4)] });
    expect(await contents(await whole(store, 'a'))).toEqual({ one: [4] });
    expect((await whole(store, 'a')).revision).toBe(3);
    expect(await contents(await whole(store, 'b'))).toEqual({ one: [3] });
    expect((await store.list()).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('removes one name', async () => {
    const store = opened();
    await store.save('a', head(1), { one: [bytes(1)] });
    await store.save('b', head(2), { one: [bytes(3)] });
    await store.remove('a');
    expect(await store.load('a')).toEqual({ state: 'absent' });
    expect((await store.list()).map(({ name }) => name)).toEqual(['b']);
  });

  it('keeps what was there when a part fails to be written, and tells the error', async () => {
    const store = opened();
    await store.save('a', head(1), { one: [bytes(1)] });
    const broken: IndexPart = () => Promise.reject(new Error('no space left'));
    await expect(store.save('a', head(2), { one: [bytes(2)], two: broken })).rejects.toThrow('no space left');
    expect(await contents(await whole(store, 'a'))).toEqual({ one: [1] });
    await store.save('a', head(3), { one: [bytes(3)] });
    expect((await whole(store, 'a')).revision).toBe(3);
  });

  describe('names', () => {
    for (const name of ['', '..', 'a/b', 'a.b', '../a', 'ä']) {
      it(`refuses ${JSON.stringify(name)}`, async () => {
        const store = opened();
        const refused = { code: 'SAVED_INDEX_NAME' };
        await expect(store.save(name, head(1), {})).rejects.toMatchObject(refused);
        await expect(store.save('a', head(1), { [name]: [bytes(1)] })).rejects.toMatchObject(refused);
        await expect(store.load(name)).rejects.toMatchObject(refused);
        await expect(store.remove(name)).rejects.toMatchObject(refused);
      });
    }
  });
}

async function whole(store: SavedIndexStore, name: string) {
  const loaded = await store.load(name);
  if (loaded.state !== 'whole') throw new Error(`The saved index '${name}' is ${JSON.stringify(loaded)}.`);
  return loaded;
}

async function contents({
  parts,
}: Awaited<ReturnType<typeof whole>>): Promise<Readonly<Record<string, readonly number[]>>> {
  const read = await Promise.all(
    Object.entries(parts).map(async ([name, part]) => [name, [...(await part.bytes())]] as const),
  );
  return Object.fromEntries(read);
}
