import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { aLesson, episodeEvents, temporaryFolder } from '@skillrl/testing';
import { describe, expect, it, vi } from 'vitest';

import { SqliteDatabase } from './sqlite-database.ts';
import { sqlite } from './sqlite.ts';

const newPath = (): string => join(temporaryFolder(), 'bank.db');

/** Transactions in the log of recent writes: a frame that ends one names the size of the database. Source: https://sqlite.org/walformat.html */
function transactionsIn(path: string): number {
  const log = readFileSync(`${path}-wal`);
  const salt = log.readBigUInt64BE(16);
  let count = 0;
  for (let at = 32; at + 24 <= log.length && log.readBigUInt64BE(at + 8) === salt; at += 24 + 4096) {
    if (log.readUInt32BE(at + 4) !== 0) count += 1;
  }
  return count;
}

describe('writes of sqlite that wait together', () => {
  it('become one transaction, in the order of the calls', async () => {
    const path = newPath();
    const store = sqlite({ path });
    await store.episodes.append(episodeEvents({ id: 'before' }));
    const before = transactionsIn(path);
    const done: number[] = [];
    // Time stands still: on a busy machine a turn could end within the group.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    const writes = Array.from({ length: 50 }, async (_, number) => {
      await store.episodes.append(episodeEvents({ id: `e${number}` }));
      done.push(number);
    });
    await Promise.all(writes);
    vi.restoreAllMocks();
    expect(transactionsIn(path)).toBe(before + 1);
    expect(done).toEqual(Array.from({ length: 50 }, (_, number) => number));
    await store.close();
    const raw = new DatabaseSync(path);
    const ids = raw.prepare('SELECT id FROM episode ORDER BY key').all();
    raw.close();
    expect(ids.map((row) => row['id'])).toEqual(['before', ...done.map((number) => `e${number}`)]);
  });

  it('undo one that fails alone, and reject it alone', async () => {
    const path = newPath();
    const store = sqlite({ path });
    const base = { namespace: 'default', reason: 'test' };
    const settled = await Promise.allSettled([
      store.entries.commit({ ...base, put: [aLesson({ id: 'a' })] }),
      store.entries.commit({ ...base, put: [aLesson({ id: 'b' })], statuses: [{ id: 'nobody', status: 'active' }] }),
      store.entries.cacheVectors('m', new Map([['h1', Float32Array.of(1, 2)]])),
      // Its first vector is written before the second fails.
      store.entries.cacheVectors(
        'm',
        new Map([
          ['h2', Float32Array.of(1, 2)],
          ['h3', Float32Array.of(1, 2, 3)],
        ]),
      ),
      store.episodes.append(episodeEvents({ id: 'e' })),
      store.entries.commit({ ...base, put: [aLesson({ id: 'c' })], expectedRevision: 0 }),
      store.entries.commit({ ...base, put: [aLesson({ id: 'd' })], expectedRevision: 1 }),
    ]);
    expect(
      settled.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as { code: string }).code)),
    ).toEqual([1, 'ENTRY_UNKNOWN', undefined, 'VECTOR_LENGTH', undefined, 'REVISION_CONFLICT', 2]);
    const view = await store.entries.view('default');
    expect((await Array.fromAsync(view.list())).map(({ id }) => id)).toEqual(['a', 'd']);
    expect([...(await store.entries.cachedVectors('m', ['h1', 'h2', 'h3'])).keys()]).toEqual(['h1']);
    expect((await store.episodes.episode('e'))?.end).toBe('terminated');
    await store.close();
  });

  it('reads what is durable, and never within a transaction of others', async () => {
    const database = new SqliteDatabase({ path: newPath() });
    const seen: number[] = [];
    const writes = Array.from({ length: 20 }, async () => {
      await database.write('write', () => database.run('UPDATE state SET revision = revision + 1'));
      seen.push(
        await database.read('read', () => database.get<{ revision: number }>('SELECT revision FROM state')!.revision),
      );
    });
    await Promise.all(writes);
    expect(seen).toEqual(seen.map(() => 20));
    await database.close();
  });

  it('go on when a write was asked for in answer to one that has just ended', async () => {
    const store = sqlite({ path: newPath() });
    for (let number = 0; number < 200; number += 1) {
      const first = store.episodes.append(episodeEvents({ id: `a${number}` }));
      await first.then(() => store.episodes.append(episodeEvents({ id: `b${number}` })));
    }
    expect(await Array.fromAsync(store.episodes.episodes())).toHaveLength(400);
    await store.close();
  });

  it('are written into a log that was made longer ahead, of which nothing counts', async () => {
    const path = newPath();
    const store = sqlite({ path });
    for (let number = 0; number < 30; number += 1) await store.episodes.append(episodeEvents({ id: `e${number}` }));
    const log = readFileSync(`${path}-wal`);
    expect(log.length).toBeGreaterThan(2 ** 20);
    const raw = new DatabaseSync(path);
    expect(raw.prepare('SELECT count(*) AS count FROM episode').get()).toEqual({ count: 30 });
    expect(raw.prepare('SELECT count(*) AS count FROM room').get()).toEqual({ count: 0 });
    expect(raw.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    raw.close();
    await store.close();
  });
});
