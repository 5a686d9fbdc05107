import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { LoadedIndex } from '@skillrl/core';
import { seededRandom, temporaryFolder, testSavedIndexStore } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { fileLock } from '../stores/file-lock.ts';
import { syncedFiles, type SyncedFiles } from './synced-files.ts';
import { savedIndexFiles } from './saved-index-files.ts';

const first = { one: [Uint8Array.from({ length: 20_000 }, (_, at) => at % 251)], two: [Uint8Array.of(1, 2)] };
const second = { one: [new Uint8Array(30_000).fill(2)], three: [Uint8Array.of(3)] };
const headOf = (revision: number) => ({ revision, meta: { count: revision } });

describe('saved index files', () => {
  testSavedIndexStore({ create: (folder) => savedIndexFiles({ folder }) });

  it('leave nothing behind but the latest save', async () => {
    const folder = temporaryFolder();
    const store = savedIndexFiles({ folder });
    await store.save('a', headOf(1), first);
    await store.save('a', headOf(2), second);
    expect(await visible(folder)).toEqual(['a.json', 'a.one', 'a.three']);
    await store.remove('a');
    expect(await visible(folder)).toEqual([]);
  });

  it('take away what a killed save left', async () => {
    const folder = temporaryFolder();
    const store = savedIndexFiles({ folder });
    await writeFile(join(folder, 'a.0123456789abcdef.one'), 'half');
    await writeFile(join(folder, 'ab.0123456789abcdef.one'), 'of another');
    await store.save('a', headOf(1), first);
    expect(await visible(folder)).toEqual(['a.json', 'a.one', 'a.two', 'ab.one']);
  });

  it('are saved by one process at a time: another is told so, and nothing is changed', async () => {
    const folder = temporaryFolder();
    const store = savedIndexFiles({ folder });
    await store.save('a', headOf(1), first);
    const lock = fileLock(join(folder, 'a.lock'), 'the index');
    await expect(store.save('a', headOf(2), second)).rejects.toMatchObject({ code: 'LOCKED', retryable: true });
    expect(await store.load('a')).toMatchObject({ state: 'whole', revision: 1 });
    lock.release();
    await store.save('a', headOf(2), second);
    expect(await store.load('a')).toMatchObject({ state: 'whole', revision: 2 });
  });
});

describe('a damaged saved index', () => {
  const damaged = async (damage: (folder: string, path: (part: string) => Promise<string>) => Promise<unknown>) => {
    const folder = temporaryFolder();
    const store = savedIndexFiles({ folder });
    await store.save('a', headOf(1), first);
    await damage(folder, async (part) =>
      join(
        folder,
        (await readdir(folder)).find((file) => file.endsWith(part))!,
      ),
    );
    return store.load('a');
  };
  const reason = (text: string) => ({ state: 'damaged', reason: expect.stringContaining(text) as string });

  it.each([0, 9_999, 19_999])('is refused for one flipped bit at byte %i of a part', async (at) => {
    expect(await damaged(async (_, path) => flip(await path('.one'), at))).toEqual(reason('checksum'));
  });

  it('is refused for a part that was cut off, grew, lost a block, or is missing', async () => {
    expect(await damaged(async (_, path) => truncate(await path('.one'), 19_000))).toEqual(reason('19000 bytes'));
    expect(await damaged(async (_, path) => truncate(await path('.one'), 0))).toEqual(reason('0 bytes'));
    expect(await damaged(async (_, path) => truncate(await path('.one'), 20_001))).toEqual(reason('20001 bytes'));
    const zero = async (_: string, path: (part: string) => Promise<string>): Promise<void> => {
      const bytes = await readFile(await path('.one'));
      await writeFile(await path('.one'), bytes.fill(0, 4096, 8192));
    };
    expect(await damaged(zero)).toEqual(reason('checksum'));
    expect(await damaged(async (_, path) => unlink(await path('.two')))).toEqual(reason('missing'));
  });

  it('is refused for any flipped bit of its manifest', async () => {
    const random = seededRandom(1);
    for (let round = 0; round < 40; round += 1) {
      const at = random();
      const state = await damaged(async (_, path) => {
        const manifest = await path('.json');
        const { length } = await readFile(manifest);
        // The last sign is a line end, which says nothing.
        await flip(manifest, Math.floor(at * (length - 1)));
      });
      expect(state.state).toBe('damaged');
    }
  });

  it('is refused for a manifest that is empty, cut off, of another name or of another format', async () => {
    expect(await damaged(async (_, path) => writeFile(await path('.json'), ''))).toEqual(reason('is none'));
    expect(await damaged(async (_, path) => truncate(await path('.json'), 100))).toEqual(reason('checksum'));
    const format = async (_: string, path: (part: string) => Promise<string>): Promise<void> => {
      const text = await readFile(await path('.json'), 'utf8');
      await writeFile(await path('.json'), text.replace('index 1', 'index 2'));
    };
    expect(await damaged(format)).toEqual(reason('format 2'));
    const folder = temporaryFolder();
    const store = savedIndexFiles({ folder });
    await store.save('a', headOf(1), first);
    await copyFile(join(folder, 'a.json'), join(folder, 'b.json'));
    expect(await store.load('b')).toEqual(reason("of 'a'"));
    await writeFile(join(folder, 'c.json'), 'what?');
    expect(await store.list()).toMatchObject([{ name: 'a' }, { damage: "its manifest is of 'a'" }, { name: 'c' }]);
  });

  it('is replaced by the next save', async () => {
    const folder = temporaryFolder();
    const store = savedIndexFiles({ folder });
    await writeFile(join(folder, 'a.json'), 'what?');
    await store.save('a', headOf(1), first);
    expect(await store.load('a')).toMatchObject({ state: 'whole', revision: 1 });
  });
});

describe('a save that stops', () => {
  const steps = ['makeFolder', 'write', 'seal', 'rename', 'syncFolder', 'list', 'unlink'] as const;

  it('after any of its steps leaves the save before or the new one, whole', async () => {
    const seen = new Set<unknown>();
    for (let most = 0; ; most += 1) {
      const folder = temporaryFolder();
      await savedIndexFiles({ folder }).save('a', headOf(1), first);
      const stopping = savedIndexFiles({ folder, files: stoppingAfter(most) });
      const isStopped = await stopping.save('a', headOf(2), second).then(
        () => false,
        () => true,
      );
      if (!isStopped) break;
      const loaded = await savedIndexFiles({ folder }).load('a');
      expect(loaded).toMatchObject({ state: 'whole', revision: expect.any(Number) as number });
      const { revision, parts } = loaded as Extract<LoadedIndex, { state: 'whole' }>;
      expect(Object.keys(parts).toSorted()).toEqual(Object.keys(revision === 1 ? first : second).toSorted());
      seen.add(revision);
      await savedIndexFiles({ folder }).save('a', headOf(3), first);
      expect(await visible(folder)).toEqual(['a.json', 'a.one', 'a.two']);
    }
    expect([...seen]).toEqual([1, 2]);
  });

  it('because its process is killed, before any of its steps, leaves the save before or the new one, whole', async () => {
    const program = fileURLToPath(new URL('./fixtures/save-and-die.ts', import.meta.url));
    const folder = temporaryFolder();
    const seen: number[] = [];
    for (let step = 0; ; step += 1) {
      await savedIndexFiles({ folder }).save('a', headOf(1), first);
      const ended = promisify(execFile)(process.execPath, [program, folder, String(step)]);
      const how = await ended.then(
        ({ stdout }) => stdout,
        (error: unknown) => (error as { readonly signal: string }).signal,
      );
      const loaded = await savedIndexFiles({ folder }).load('a');
      expect(loaded).toMatchObject({ state: 'whole', revision: expect.any(Number) as number });
      if (loaded.state === 'whole') seen.push(loaded.revision);
      if (how === 'saved') break;
      expect(how).toBe('SIGKILL');
    }
    // Before the rename the old one holds, after it the new one; in between is nothing.
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(seen.length).toBeGreaterThan(8);
    expect(new Set(seen)).toEqual(new Set([1, 2]));
    expect(await visible(folder)).toEqual(['a.json', 'a.one', 'a.three']);
  }, 60_000);

  it('is told of with what to do, and nothing of it stays', async () => {
    const folder = temporaryFolder();
    await savedIndexFiles({ folder }).save('a', headOf(1), first);
    const files: SyncedFiles = {
      ...syncedFiles,
      write: async (path, runs) => {
        if (path.endsWith('.manifest')) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return syncedFiles.write(path, runs);
      },
    };
    await expect(savedIndexFiles({ folder, files }).save('a', headOf(2), second)).rejects.toMatchObject({
      code: 'SAVED_INDEX_FAILED',
      message: expect.stringContaining('no space left') as string,
      hint: expect.stringContaining('space') as string,
    });
    expect(await visible(folder)).toEqual(['a.json', 'a.one', 'a.two']);
  });

  it('because the folder cannot be made says so; a load there finds none', async () => {
    const file = join(temporaryFolder(), 'file');
    await writeFile(file, '');
    const store = savedIndexFiles({ folder: join(file, 'indexes') });
    await expect(store.save('a', headOf(1), first)).rejects.toMatchObject({ code: 'SAVED_INDEX_FAILED' });
    expect((await store.load('a')).state).not.toBe('whole');
    expect(await store.list()).toEqual([]);
  });

  /** Steps that fail for good after so many, as when the process ends there: nothing is cleared up either. */
  function stoppingAfter(most: number): SyncedFiles {
    let done = 0;
    const step = async (name: (typeof steps)[number], args: readonly never[]): Promise<unknown> => {
      done += 1;
      if (done > most) throw new Error('stopped');
      return (syncedFiles[name] as (...args: never[]) => Promise<unknown>)(...(args as never[]));
    };
    const entries = steps.map((name) => [name, (...args: never[]) => step(name, args)] as const);
    return Object.fromEntries(entries) as unknown as SyncedFiles;
  }
});

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at]! ^= 4;
  await writeFile(path, bytes);
}

/** Names of the files, generations and locks left out. */
async function visible(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => !file.includes('.lock'));
  return files.map((file) => file.replace(/\.[0-9a-f]{16}/, '')).toSorted();
}
