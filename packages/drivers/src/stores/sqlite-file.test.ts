import { aLesson, episodeEvents, temporaryFolder } from '@skillrl/testing';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';

import { loadSqlite } from './load-sqlite.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import { storeError } from './sqlite-error.ts';
import { sqlite } from './sqlite.ts';

const newPath = (): string => join(temporaryFolder(), 'deeper', 'bank.db');

describe('the file of sqlite', () => {
  it('is safe against power cuts on every open, not only the first', async () => {
    const path = newPath();
    for (let open = 0; open < 2; open += 1) {
      const database = new SqliteDatabase({ path });
      expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
      expect(database.get('PRAGMA synchronous')).toEqual({ synchronous: 2 });
      expect(database.get('PRAGMA page_size')).toEqual({ page_size: 4096 });
      expect(database.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 });
      await database.close();
    }
  });

  it('holds nothing of an erased episode, neither in the file nor in its log of recent writes', async () => {
    const path = newPath();
    const store = sqlite({ path });
    const secret = 'my-secret-word';
    const long = `${secret} `.repeat(2000);
    const steps = [{ action: `say ${secret}`, observation: long }];
    await store.episodes.append(episodeEvents({ id: 'a', tags: { who: secret }, steps }));
    await store.episodes.append(episodeEvents({ id: 'b' }));
    const bytes = (): string =>
      readdirSync(join(path, '..')).reduce((all, name) => all + readFileSync(join(path, '..', name), 'latin1'), '');
    expect(bytes()).toContain(secret);
    await store.episodes.erase('a');
    expect(bytes()).not.toContain(secret);
    await store.close();
    expect(bytes()).not.toContain(secret);
  });

  it('erases for every reader at once, says what an older reader holds up, and empties the log when that has gone', async () => {
    const path = newPath();
    const store = sqlite({ path });
    await store.episodes.append(episodeEvents({ id: 'a', tags: { who: 'my-secret-word' } }));
    const reader = new DatabaseSync(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM event').get();
    expect(await store.episodes.erase('a')).toMatchObject({
      pending: expect.stringContaining('bank.db-wal') as string,
    });
    expect(await store.episodes.episode('a')).toBeUndefined();
    const log = (): string => readFileSync(`${path}-wal`, 'latin1');
    expect(log()).toContain('my-secret-word');
    // Writing goes on meanwhile.
    await store.episodes.append(episodeEvents({ id: 'b' }));
    reader.exec('COMMIT');
    reader.close();
    await vi.waitFor(() => expect(log()).not.toContain('my-secret-word'), { timeout: 5000 });
    expect(await store.episodes.erase('a')).toEqual({ events: 0, exports: [] });
    await Promise.all([store.episodes.erase('b'), store.close()]);
  });

  it('empties the log of what a process erased that was killed before it could', async () => {
    const path = newPath();
    const first = sqlite({ path });
    await first.episodes.append(episodeEvents({ id: 'a', tags: { who: 'my-secret-word' } }));
    const reader = new DatabaseSync(path);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM event').get();
    expect((await first.episodes.erase('a')).pending).toBeDefined();
    await first.close();
    const log = (): string => readFileSync(`${path}-wal`, 'latin1');
    expect(log()).toContain('my-secret-word');
    reader.exec('COMMIT');
    const second = sqlite({ path });
    await vi.waitFor(() => expect(log()).not.toContain('my-secret-word'), { timeout: 5000 });
    await second.close();
    reader.close();
  });

  it('refuses a file of older tables, and says how to take its bank along', () => {
    const path = join(temporaryFolder(), 'old.db');
    const raw = new DatabaseSync(path);
    raw.exec('CREATE TABLE state (one); PRAGMA application_id = 0x534b524c; PRAGMA user_version = 1');
    raw.close();
    expect(() => sqlite({ path })).toThrow(expect.objectContaining({ code: 'STORE_TOO_OLD' }));
  });

  it('lets go of a file that it refuses', ({ skip }) => {
    skip(process.platform !== 'linux', 'open files are listed in /proc');
    const path = join(temporaryFolder(), 'other.db');
    const raw = new DatabaseSync(path);
    raw.exec('CREATE TABLE theirs (id)');
    raw.close();
    expect(() => sqlite({ path })).toThrow(expect.objectContaining({ code: 'STORE_FOREIGN' }));
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    expect(open).not.toContain(path);
  });

  it('shares the text of an entry among revisions that change its status only', async () => {
    const path = newPath();
    const store = sqlite({ path });
    await store.entries.commit({
      namespace: 'default',
      reason: 'put',
      put: [aLesson({ id: 'a', status: 'candidate' })],
    });
    for (const status of ['trial', 'active', 'stable', 'retired'] as const) {
      await store.entries.commit({ namespace: 'default', reason: status, statuses: [{ id: 'a', status }] });
    }
    await store.close();
    const raw = new DatabaseSync(path);
    const counts = raw.prepare(
      'SELECT (SELECT count(*) FROM entry) AS rows, (SELECT count(*) FROM entry_body) AS bodies',
    );
    expect(counts.get()).toEqual({ rows: 5, bodies: 1 });
    raw.close();
  });

  it('finishes the writes it was asked for before it closes, and refuses later ones', async () => {
    const path = newPath();
    const store = sqlite({ path });
    const writes = Array.from({ length: 20 }, (_, number) =>
      store.episodes.append(episodeEvents({ id: `e${number}` })),
    );
    await Promise.all([...writes, store.close(), store.entries.close()]);
    await expect(store.episodes.append(episodeEvents())).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    await expect(store.entries.revision()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    const again = sqlite({ path });
    expect(await Array.fromAsync(again.episodes.episodes())).toHaveLength(20);
    await again.close();
  });

  it('is refused when it belongs to another program', () => {
    const path = join(temporaryFolder(), 'other.db');
    const raw = new DatabaseSync(path);
    raw.exec('CREATE TABLE theirs (id)');
    raw.close();
    expect(() => sqlite({ path })).toThrow(expect.objectContaining({ code: 'STORE_FOREIGN' }));
  });

  it('is refused when a newer version wrote it', async () => {
    const path = newPath();
    await sqlite({ path }).close();
    const raw = new DatabaseSync(path);
    raw.exec('PRAGMA user_version = 99');
    raw.close();
    expect(() => sqlite({ path })).toThrow(expect.objectContaining({ code: 'STORE_TOO_NEW' }));
  });

  it('is refused with what to do where there can be none', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const path of [folder, join(folder, 'file', 'bank.db'), join(folder, 'file', 'deeper', 'bank.db')]) {
      expect(() => sqlite({ path })).toThrow(
        expect.objectContaining({ code: 'STORE_CANNOT_OPEN', hint: expect.stringContaining('folder') }),
      );
    }
  });

  it('is refused when it is not a database, and is not touched', () => {
    const path = join(temporaryFolder(), 'text.db');
    const text = 'this is a letter to my aunt, '.repeat(1000);
    writeFileSync(path, text);
    expect(() => sqlite({ path })).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED', boundary: 'store' }));
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('names the event or entry that cannot be read', async () => {
    const path = newPath();
    const store = sqlite({ path });
    await store.episodes.append(episodeEvents({ id: 'a' }));
    await store.entries.commit({ namespace: 'default', reason: 'put', put: [aLesson({ id: 'l' })] });
    const raw = new DatabaseSync(path);
    raw.exec(`UPDATE event SET json = replace(json, '"type"', '"tipe"') WHERE id = 'a/3'`);
    raw.exec(`UPDATE entry_body SET json = substr(json, 1, 50)`);
    raw.close();
    await expect(store.episodes.episode('a')).rejects.toMatchObject({
      code: 'EVENT_UNREADABLE',
      message: expect.stringContaining("'a/3'"),
    });
    await expect((await store.entries.view('default')).get('l')).rejects.toMatchObject({
      code: 'ENTRY_UNREADABLE',
      message: expect.stringContaining("'l'"),
    });
    await store.close();
  });

  it('keeps vectors of one length a name', async () => {
    const store = sqlite({ path: newPath() });
    await store.entries.cacheVectors('e', new Map([['h1', Float32Array.of(1, 2)]]));
    const mixed = new Map([
      ['h2', Float32Array.of(1, 2)],
      ['h3', Float32Array.of(1, 2, 3)],
    ]);
    await expect(store.entries.cacheVectors('e', mixed)).rejects.toMatchObject({ code: 'VECTOR_LENGTH' });
    expect((await store.entries.cachedVectors('e', ['h1', 'h2'])).size).toBe(1);
    await store.close();
  });
});

describe('errors of sqlite', () => {
  it('say what to do where SQLite is missing', () => {
    expect(() => loadSqlite(() => undefined)).toThrow(
      expect.objectContaining({ code: 'SQLITE_UNAVAILABLE', hint: expect.stringContaining('Node 24') }),
    );
  });

  it('explain a full disk, a read-only file, a foreign cause', () => {
    const sqliteError = (errcode: number): Error => Object.assign(new Error('database failed'), { errcode });
    expect(storeError('append events', '/x', sqliteError(13))).toMatchObject({ code: 'STORE_FULL', retryable: true });
    expect(storeError('append events', '/x', sqliteError(8 | (5 << 8)))).toMatchObject({ code: 'STORE_READ_ONLY' });
    expect(storeError('append events', '/x', new Error('odd'))).toMatchObject({
      code: 'STORE_FAILED',
      message: 'Could not append events in /x: odd',
    });
  });
});
