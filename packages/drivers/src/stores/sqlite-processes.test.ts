import { silentLogger } from '@skillrl/core';
import { aLesson, episodeEvents, temporaryFolder } from '@skillrl/testing';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { SqliteDatabase } from './sqlite-database.ts';
import { sqlite } from './sqlite.ts';

const appendEpisodes = fileURLToPath(new URL('./fixtures/append-episodes.ts', import.meta.url));

/** Appends episodes in a process of its own; resolves to its longest wait in milliseconds. */
async function appendElsewhere(path: string, name: string, count: number): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [appendEpisodes, path, name, String(count)]);
  return Number(stdout);
}

const writeInALoop = fileURLToPath(new URL('./fixtures/write-in-a-loop.ts', import.meta.url));

/** Lets so many processes write in tight loops at the same time; resolves to what each of them wrote. */
async function writeTogether(
  path: string,
  processes: number,
  forMs: number,
): Promise<{ writes: number; longestMs: number }[]> {
  // They begin together, whatever their start took.
  const from = Date.now() + 1500;
  const ended = Array.from({ length: processes }, async (_, number) => {
    const words = [writeInALoop, path, `w${number}`, String(from), String(forMs)];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    return JSON.parse(stdout) as { writes: number; longestMs: number };
  });
  return Promise.all(ended);
}

describe('sqlite with several processes', () => {
  it.each([2, 3])(
    'lets none of %i writers in tight loops starve',
    async (processes) => {
      const path = join(temporaryFolder(), 'bank.db');
      const written = await writeTogether(path, processes, 1500);
      const all = written.reduce((sum, { writes }) => sum + writes, 0);
      // A loose bound: without turns the least share is below 1 %.
      for (const { writes } of written) expect(writes / all).toBeGreaterThan(0.4 / processes);
      const store = sqlite({ path });
      const stored = await Array.fromAsync(store.episodes.episodes());
      const events = await Promise.all(stored.map(async ({ id }) => (await store.episodes.events(id)).length - 1));
      // Every acknowledged write is there, and no other.
      expect(new Set(events)).toEqual(new Set(written.map(({ writes }) => writes)));
      await store.close();
    },
    60_000,
  );

  it('says who is waited for when a write has waited for a second, and in the error when it gives up', async ({
    skip,
  }) => {
    skip(process.platform !== 'linux', 'only Linux lists locks');
    const path = join(temporaryFolder(), 'bank.db');
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const store = sqlite({ path, busyTimeoutMs: 1500, logger });
    const hold = `const d = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
      d.exec('BEGIN IMMEDIATE'); console.log('held'); setTimeout(() => d.exec('ROLLBACK'), 2500)`;
    const holder = spawn(process.execPath, ['-e', hold, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const late = store.episodes.append(episodeEvents({ id: 'late' }));
    await expect(late).rejects.toMatchObject({
      code: 'STORE_BUSY',
      retryable: true,
      message: expect.stringContaining(`process ${holder.pid}`),
    });
    expect(warnings).toEqual([expect.stringContaining(`waits for process ${holder.pid}`)]);
    // One that is asked for later waits for its own time, and gets its turn.
    await store.episodes.append(episodeEvents({ id: 'later' }));
    expect(await store.episodes.episode('late')).toBeUndefined();
    expect((await store.episodes.episode('later'))?.end).toBe('terminated');
    await store.close();
  });

  it('waits for the end of a long write of another connection, however long it takes, and says so', async () => {
    const path = join(temporaryFolder(), 'bank.db');
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    const importing = new SqliteDatabase({ path });
    const store = sqlite({ path, busyTimeoutMs: 50, logger });
    let isDone = false;
    const until = performance.now() + 400;
    const long = importing.writeInSteps('commit an import', function* () {
      while (performance.now() < until) yield;
      isDone = true;
    });
    await setImmediate();
    await store.episodes.append(episodeEvents({ id: 'late' }));
    expect(isDone).toBe(true);
    expect(warnings.length).toBeGreaterThan(1);
    expect(new Set(warnings)).toEqual(new Set([expect.stringContaining('is committing an import')]));
    await long;
    await importing.close();
    await store.close();
  });

  it('lets two processes open a new file at once and write to it together, while a third reads', async () => {
    const path = join(temporaryFolder(), 'bank.db');
    const writers = Promise.all([appendElsewhere(path, 'one', 150), appendElsewhere(path, 'two', 150)]);
    const store = sqlite({ path });
    let done = false;
    const finished = writers.finally(() => (done = true));
    while (!done) {
      const seen = await Array.fromAsync(store.episodes.episodes());
      // Whatever is seen is whole: an episode is appended in one transaction.
      expect(seen.every((episode) => episode.steps.length === 3 && episode.outcome !== undefined)).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const longestMs = Math.max(...(await finished));
    expect(await Array.fromAsync(store.episodes.episodes())).toHaveLength(300);
    expect(longestMs).toBeLessThan(10_000);
    await store.close();
  }, 60_000);

  it('opens a new file that another process is about to make, which SQLite refuses without waiting', async () => {
    const path = join(temporaryFolder(), 'bank.db');
    const hold = `const d = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
      d.exec('BEGIN IMMEDIATE'); console.log('held'); setTimeout(() => d.exec('ROLLBACK'), 300)`;
    const holder = spawn(process.execPath, ['-e', hold, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const store = sqlite({ path });
    await store.episodes.append(episodeEvents({ id: 'one' }));
    expect((await store.episodes.episode('one'))?.end).toBe('terminated');
    await store.close();
  });

  it('sees what another connection committed, and keeps its pinned views', async () => {
    const path = join(temporaryFolder(), 'bank.db');
    const [one, two] = [sqlite({ path }), sqlite({ path })];
    await one.entries.commit({ namespace: 'default', reason: 'first', put: [aLesson({ id: 'a', title: 'old' })] });
    const pinned = await two.entries.view('default');
    await one.entries.commit({ namespace: 'default', reason: 'second', put: [aLesson({ id: 'a', title: 'new' })] });
    expect((await pinned.get('a'))?.title).toBe('old');
    expect(await two.entries.revision()).toBe(2);
    expect((await (await two.entries.view('default')).get('a'))?.title).toBe('new');
    await expect(
      two.entries.commit({ namespace: 'default', reason: 'for the first', remove: ['a'], expectedRevision: 1 }),
    ).rejects.toMatchObject({ code: 'REVISION_CONFLICT' });
    await Promise.all([one.close(), two.close()]);
  });

  it('says clearly that another process is writing, keeps reading, and writes when its turn comes', async () => {
    const path = join(temporaryFolder(), 'bank.db');
    const store = sqlite({ path, busyTimeoutMs: 80 });
    await store.episodes.append(episodeEvents({ id: 'before' }));
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');

    await expect(store.episodes.append(episodeEvents({ id: 'waiting' }))).rejects.toMatchObject({
      code: 'STORE_BUSY',
      retryable: true,
      message: expect.stringContaining('another process'),
    });
    expect((await store.episodes.episode('before'))?.end).toBe('terminated');

    const waiting = store.episodes.append(episodeEvents({ id: 'waiting' }));
    setTimeout(() => other.exec('ROLLBACK'), 40);
    await waiting;
    expect((await store.episodes.episode('waiting'))?.end).toBe('terminated');
    other.close();
    await store.close();
  });
});
