import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { temporaryFolder } from '@skillrl/testing';
import { beforeAll, describe, expect, it } from 'vitest';

import { writeSampleBank } from '../../test-support/sample-bank.ts';
import { salvageEntries } from './sqlite-salvage.ts';
import { verifyBank } from './sqlite-verify.ts';
import { sqlite } from './sqlite.ts';

let sample: string;
beforeAll(async () => {
  sample = join(temporaryFolder(), 'sample.db');
  await writeSampleBank(sample);
});

/** A copy of the sample that SQL without any of our checks has changed. */
function changed(sql: string): string {
  const path = join(temporaryFolder(), 'bank.db');
  copyFileSync(sample, path);
  const raw = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  raw.exec(sql);
  raw.close();
  return path;
}

describe('verifyBank', () => {
  it('finds a whole bank whole, and counts what it holds', async () => {
    const report = await verifyBank(sample);
    expect(report).toMatchObject({ revision: 8, entries: 44, episodes: 18, damage: [], findings: 0 });
    expect(report.sha256).toBeUndefined();
    expect(report.bytes).toBeGreaterThan(100_000);
  });

  it.each([
    [
      'a text that was changed',
      `UPDATE entry_body SET json = replace(json, 'Title', 'Tytle') WHERE key = 3`,
      'entry',
      /not the one that was written/,
    ],
    ['a text of another entry', 'UPDATE entry SET body = 5 WHERE seq = 2', 'entry', /its text is that of/],
    [
      'a text that no entry has',
      `INSERT INTO entry_body (json, crc) VALUES ('{}', 0)`,
      'entry_body',
      /No entry has this text/,
    ],
    ['a missing text', 'DELETE FROM entry_body WHERE key = 2', 'entry', /'entry_body' that is not there/],
    ['a status that is none', `UPDATE entry SET status = 'famous' WHERE seq = 4`, 'entry', /'status'/],
    ['a wrong cluster', `UPDATE entry SET cluster = 'other' WHERE seq = 4`, 'entry', /cluster 'other'/],
    [
      'a span that overlaps the next',
      `UPDATE entry SET until = 4 WHERE id = 'entry-4' AND revision = 1`,
      'entry',
      /would see two of it, or none/,
    ],
    [
      'a span that nothing ends',
      `UPDATE entry SET until = 7 WHERE id = 'entry-1' AND until > 100`,
      'entry',
      /no later row ends it/,
    ],
    ['a gap of revisions', 'DELETE FROM revision WHERE revision = 5', 'revision', /Revision 5 is missing/],
    ['a revision that is not the last', 'UPDATE state SET revision = 9', 'state', /says that it is at revision 9/],
    [
      'a table defined otherwise',
      'ALTER TABLE state RENAME COLUMN emptied TO emptiwd',
      'sqlite_schema',
      /not defined as/,
    ],
    ['an index that is missing', 'DROP INDEX episode_by_task', 'sqlite_schema', /is missing/],
    ['an export that was changed', `UPDATE export SET json = replace(json, 'file', 'fire')`, 'export', /not the text/],
    ['no state', 'DELETE FROM state', 'state', /0 rows instead of one/],
    ['a number twice', `UPDATE export SET seq = 1`, 'export', /also in 'entry'/],
    [
      'a number that was never given out',
      'UPDATE vector SET seq = 99999 WHERE seq = (SELECT max(seq) FROM vector)',
      'vector',
      /never given out/,
    ],
    [
      'an event that was changed',
      `UPDATE event SET json = replace(json, 'mug', 'cup') WHERE id = 'episode-1/4'`,
      'event',
      /its hash does not fit/,
    ],
    [
      'an event in another episode',
      `UPDATE event SET episode = 2 WHERE id = 'episode-5/4'`,
      'event',
      /does not fit its text/,
    ],
    ['a payload that is gone', `UPDATE event SET json = NULL WHERE id = 'episode-5/4'`, 'event', /was not erased/],
    [
      'an episode listed wrong',
      `UPDATE episode SET status = 'failure' WHERE id = 'episode-5'`,
      'episode',
      /Its outcome is not/,
    ],
    ['a tag that is gone', 'DELETE FROM episode_tag WHERE episode = 5', 'episode', /set of tags/],
    [
      'an export that lists too little',
      `DELETE FROM export_holding WHERE id = 'episode-2'`,
      'export',
      /does not list all/,
    ],
    [
      'a vector of another length',
      `UPDATE vector SET numbers = zeroblob(8) WHERE text_hash = 'hash-3'`,
      'vector',
      /2 numbers; those of 'sample' have 100/,
    ],
    [
      'a vector that was changed',
      `UPDATE vector SET numbers = zeroblob(400) WHERE text_hash = 'hash-3'`,
      'vector',
      /not those that were written/,
    ],
  ])('names %s', async (_what, sql, table, what) => {
    const { damage, findings } = await verifyBank(changed(sql));
    expect(findings).toBeGreaterThan(0);
    const found = damage.find((each) => each.table === table && what.test(each.what));
    expect(found).toBeDefined();
    expect(found!.remedy).not.toBe('');
  });

  it('counts what it does not list', async () => {
    const { damage, findings } = await verifyBank(changed(`UPDATE event SET hash = 'x'; UPDATE vector SET crc = 0`));
    expect(damage).toHaveLength(200);
    expect(findings).toBeGreaterThan(200);
  });

  it('looks at one state while others write, and changes nothing', async () => {
    const path = changed('SELECT 1');
    const store = sqlite({ path });
    const writing = (async () => {
      for (let number = 0; number < 50; number += 1) {
        const statuses = [{ id: 'entry-1', status: number % 2 === 0 ? 'trial' : 'active' }] as const;
        await store.entries.commit({ namespace: 'default', reason: 'status', statuses });
      }
    })();
    for (let round = 0; round < 5; round += 1) expect((await verifyBank(path)).damage).toEqual([]);
    await writing;
    await store.close();
    expect(await verifyBank(path)).toMatchObject({ findings: 0, revision: 58 });
  });

  it('stops when it is told to', async () => {
    await expect(verifyBank(sample, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('refuses what is no bank, and says so', async () => {
    const folder = temporaryFolder();
    await expect(verifyBank(join(folder, 'none.db'))).rejects.toMatchObject({ code: 'STORE_MISSING' });
    await expect(verifyBank(folder)).rejects.toMatchObject({ code: 'STORE_MISSING' });
    const other = join(folder, 'other.db');
    const raw = new DatabaseSync(other);
    raw.exec('CREATE TABLE theirs (id)');
    raw.close();
    await expect(verifyBank(other)).rejects.toMatchObject({ code: 'STORE_FOREIGN' });
    const text = join(folder, 'text.db');
    writeFileSync(text, 'a letter to my aunt, '.repeat(1000));
    expect((await verifyBank(text)).damage).toMatchObject([{ table: 'file' }]);
    const empty = join(folder, 'empty.db');
    writeFileSync(empty, '');
    expect((await verifyBank(empty)).findings).toBeGreaterThan(0);
  });
});

describe('salvageEntries', () => {
  it('gives what can be read and names what cannot', async () => {
    const path = changed(`UPDATE entry_body SET json = replace(json, 'Title', 'Tytle') WHERE key = 3`);
    const whole = salvageEntries(sample, 'default');
    expect(whole.entries).toHaveLength(22);
    expect(whole.lost).toEqual([]);
    const { entries, lost } = salvageEntries(path, 'default');
    expect(entries).toEqual(whole.entries.filter(({ id }) => id !== 'entry-2'));
    expect(lost).toEqual([expect.stringContaining("'entry-2'")]);
    expect(salvageEntries(path, 'nowhere')).toEqual({ entries: [], lost: [] });
  });
});
