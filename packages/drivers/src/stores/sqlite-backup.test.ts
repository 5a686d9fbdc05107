import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProgressEvent } from '@skillrl/core';
import { aLesson, temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { readSampleBank, writeSampleBank } from '../../test-support/sample-bank.ts';
import { backupBank } from './sqlite-backup.ts';
import { restoreBank } from './sqlite-restore.ts';
import { verifyBank } from './sqlite-verify.ts';
import { sqlite } from './sqlite.ts';

async function sampleBank(): Promise<{ readonly folder: string; readonly path: string; readonly backup: string }> {
  const folder = temporaryFolder();
  const path = join(folder, 'bank.db');
  await writeSampleBank(path);
  return { folder, path, backup: join(folder, 'backup.db') };
}

describe('backupBank', () => {
  it('writes one whole file, with its checksum', async () => {
    const { path, backup, folder } = await sampleBank();
    const events: ProgressEvent[] = [];
    const report = await backupBank(path, backup, { progress: (event) => events.push(event) });
    expect(report).toMatchObject({ path: backup, revision: 8, entries: 44, episodes: 18, findings: 0 });
    expect(report.sha256).toBe(createHash('sha256').update(readFileSync(backup)).digest('hex'));
    expect(await verifyBank(backup)).toEqual(report);
    expect(readdirSync(folder).filter((name) => name.startsWith('backup'))).toEqual(['backup.db']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'stage-end', stage: 'copy pages' }));
    expect(await readSampleBank(backup)).toBe(await readSampleBank(path));
  });

  it('holds one moment of a bank that is written to all the time', async () => {
    const { path, backup } = await sampleBank();
    const store = sqlite({ path });
    let isDone = false;
    let committed = 0;
    const writing = (async () => {
      while (!isDone) {
        const put = [
          aLesson({ id: `a-${committed}`, namespace: 'busy' }),
          aLesson({ id: `b-${committed}`, namespace: 'busy' }),
        ];
        await store.entries.commit({ namespace: 'busy', reason: 'put', put });
        committed += 1;
        // A commit alone does not let the rest of the program have its turn.
        await nextTurn();
      }
    })();
    for (let round = 0; round < 5; round += 1) {
      const before = committed;
      const { revision, findings } = await backupBank(path, backup, { force: true });
      expect(findings).toBe(0);
      expect(revision).toBeGreaterThanOrEqual(8 + before);
      expect(revision).toBeLessThanOrEqual(8 + committed);
    }
    isDone = true;
    await writing;
    await store.close();
    const copy = sqlite({ path: backup });
    const view = await copy.entries.view('busy');
    expect(await view.count()).toBe(2 * (view.revision - 8));
    await copy.close();
  });

  it('replaces no file without being told, and never the bank itself', async () => {
    const { path, backup } = await sampleBank();
    writeFileSync(backup, 'precious');
    await expect(backupBank(path, backup)).rejects.toMatchObject({
      code: 'BACKUP_EXISTS',
      hint: expect.stringMatching(/--force/) as string,
    });
    expect(readFileSync(backup, 'utf8')).toBe('precious');
    await expect(backupBank(path, path, { force: true })).rejects.toMatchObject({ code: 'BACKUP_EXISTS' });
    expect(await backupBank(path, backup, { force: true })).toMatchObject({ findings: 0 });
  });

  it('leaves nothing when it is stopped, at whatever step', async () => {
    const { path, backup, folder } = await sampleBank();
    const names = readdirSync(folder);
    // The copy begins and ends, then its verification does.
    for (const at of [1, 2, 3, 4]) {
      const stop = new AbortController();
      let seen = 0;
      const progress = (): void => void ((seen += 1) === at && stop.abort());
      const stopped = backupBank(path, backup, { signal: stop.signal, progress });
      await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    }
    expect(readdirSync(folder).filter((name) => !names.includes(name) && !/-(?:wal|shm)$/.test(name))).toEqual([]);
  });

  it('refuses to call a damaged bank a backup', async () => {
    const { path, backup } = await sampleBank();
    const raw = new DatabaseSync(path);
    raw.exec(`UPDATE entry_body SET json = replace(json, 'Title', 'Tytle') WHERE key = 3`);
    raw.close();
    await expect(backupBank(path, backup)).rejects.toMatchObject({
      code: 'BANK_DAMAGED',
      message: expect.stringMatching(/entry/) as string,
    });
    expect(existsSync(backup)).toBe(false);
    await expect(backupBank(join(path, 'none'), backup)).rejects.toMatchObject({ boundary: 'store' });
  });
});

describe('restoreBank', () => {
  it('puts the backup in the place of the bank, and keeps the bank', async () => {
    const { path, backup, folder } = await sampleBank();
    await backupBank(path, backup);
    const read = await readSampleBank(path);
    const store = sqlite({ path });
    await store.entries.commit({ namespace: 'default', reason: 'out', remove: ['entry-1', 'entry-2'] });
    await store.close();
    const later = await readSampleBank(path);

    const { report, before } = await restoreBank(backup, path);
    expect(report).toMatchObject({ path, revision: 8, findings: 0 });
    expect(await readSampleBank(path)).toBe(read);
    expect(await readSampleBank(before!)).toBe(later);
    expect(existsSync(backup)).toBe(true);
    // And again, within the same second: each bank that was there is kept.
    const again = await restoreBank(backup, path);
    expect(again.before).not.toBe(before);
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  it('keeps what a killed process left in the log of recent writes', async () => {
    const { path, backup, folder } = await sampleBank();
    await backupBank(path, backup);
    const live = sqlite({ path });
    await live.entries.commit({ namespace: 'default', reason: 'out', remove: ['entry-1'] });
    const killed = join(folder, 'killed.db');
    for (const end of ['', '-wal', '-acknowledged']) copyFileSync(`${path}${end}`, `${killed}${end}`);
    await live.close();
    const { before } = await restoreBank(backup, killed);
    expect(await readSampleBank(before!)).toBe(await readSampleBank(path));
    expect(await readSampleBank(killed)).toBe(await readSampleBank(backup));
  });

  it('works where the bank is missing, and where it is damaged', async () => {
    const { path, backup, folder } = await sampleBank();
    await backupBank(path, backup);
    const missing = join(folder, 'missing.db');
    expect((await restoreBank(backup, missing)).before).toBeUndefined();
    expect(await readSampleBank(missing)).toBe(await readSampleBank(path));
    const damaged = readFileSync(path).fill('damage', 0, 8192);
    writeFileSync(path, damaged);
    const { before } = await restoreBank(backup, path);
    expect(readFileSync(before!).equals(damaged)).toBe(true);
    expect(await readSampleBank(path)).toBe(await readSampleBank(missing));
  });

  it('refuses while another process has the bank open, and changes nothing', async () => {
    const { path, backup, folder } = await sampleBank();
    await backupBank(path, backup);
    const module = new URL('./sqlite.ts', import.meta.url).href;
    const text = `const { sqlite } = await import(${JSON.stringify(module)});
      globalThis.store = sqlite({ path: ${JSON.stringify(path)} }); console.log('open'); setInterval(() => {}, 1000);`;
    const other = spawn(process.execPath, ['--input-type=module', '--eval', text], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(other.stdout, 'data');
    const names = readdirSync(folder);
    await expect(restoreBank(backup, path)).rejects.toMatchObject({
      code: 'STORE_IN_USE',
      message: expect.stringMatching(/holds a lock/) as string,
    });
    expect(readdirSync(folder)).toEqual(names);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect((await restoreBank(backup, path)).report.findings).toBe(0);
  });

  it('refuses a backup that is damaged, missing, or the bank itself, and changes nothing', async () => {
    const { path, backup } = await sampleBank();
    await backupBank(path, backup);
    const bytes = readFileSync(backup);
    writeFileSync(backup, bytes.subarray(0, bytes.length / 2));
    const read = await readSampleBank(path);
    await expect(restoreBank(backup, path)).rejects.toMatchObject({
      code: expect.stringMatching(/BANK_DAMAGED|STORE_DAMAGED/) as string,
    });
    await expect(restoreBank(`${backup}.none`, path)).rejects.toMatchObject({ boundary: 'store' });
    await expect(restoreBank(path, path)).rejects.toMatchObject({ code: 'BACKUP_IS_BANK' });
    expect(await readSampleBank(path)).toBe(read);
  });
});
