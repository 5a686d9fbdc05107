import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { sqlite } from '@skillrl/drivers';
import { aLesson, temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

function skillrl(cwd: string, ...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : ((error as { code?: number }).code ?? 1), stdout, stderr }),
    );
  });
}

async function project(entries: number): Promise<string> {
  const cwd = temporaryFolder();
  const store = sqlite({ path: join(cwd, '.skillrl', 'bank.db') });
  const put = Array.from({ length: entries }, (_, number) =>
    aLesson({ id: `entry-${number}`, title: `Title ${number}` }),
  );
  await store.entries.commit({ namespace: 'default', reason: 'put', put });
  await store.close();
  return cwd;
}

describe('skillrl bank', () => {
  it('backs up, verifies and restores, and says what there is', async () => {
    const cwd = await project(3);
    const made = await skillrl(cwd, 'bank', 'backup', 'b.db');
    expect(made.code).toBe(0);
    const checksum = /sha256 ([0-9a-f]{64})\n$/.exec(made.stdout)?.[1];
    expect(made.stdout).toMatch(/revision +1\nentries +3 in all namespaces\nepisodes +0\nbytes +\d+\nchecksum +sha256/);
    expect(await skillrl(cwd, 'bank', 'backup', 'b.db')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--force') as string,
    });
    const verified = await skillrl(cwd, 'bank', 'verify', 'b.db', '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ sha256: checksum, findings: 0 });
    expect((await skillrl(cwd, 'bank', 'restore', 'b.db')).stdout).toMatch(/Restored .*\n.*before-restore-/);
    expect((await skillrl(cwd, 'bank', 'verify', 'none.db')).code).toBe(4);
  }, 60_000);

  it('names damage, exits with 4, salvages the rest, and doctor points to a damaged page', async () => {
    const cwd = await project(3);
    const path = join(cwd, '.skillrl', 'bank.db');
    const bytes = readFileSync(path);
    bytes.write('Tytle', bytes.indexOf('Title 1'));
    writeFileSync(path, bytes);
    const verified = await skillrl(cwd, 'bank', 'verify');
    expect(verified).toMatchObject({ code: 4, stderr: expect.stringContaining('1 finding') as string });
    expect(verified.stdout).toContain('entry default/entry-1');
    const salvaged = await skillrl(cwd, 'bank', 'salvage', 'saved.jsonl');
    expect(salvaged).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("lost: number 2: The entry 'entry-1'") as string,
    });
    const fresh = temporaryFolder();
    const imported = await skillrl(fresh, 'bank', 'import', join(cwd, 'saved.jsonl'));
    expect(imported.stdout).toMatch(/added 2/);
    writeFileSync(path, bytes.fill(0x55, 8192, 3 * 8192));
    const { code, stdout } = await skillrl(cwd, 'doctor');
    expect(code).toBe(4);
    expect(stdout).toMatch(/broken +(?:bank|store)/);
  }, 60_000);

  it('leaves nothing of a backup that Ctrl-C stopped', async () => {
    const cwd = await project(4000);
    const child = spawn(process.execPath, [program, 'bank', 'backup', 'b.db'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.resume();
    const looking = setInterval(() => {
      if (readdirSync(cwd).some((name) => name.includes('unfinished'))) child.kill('SIGINT');
    }, 2);
    const [code] = (await once(child, 'close')) as [number];
    clearInterval(looking);
    expect(code).toBe(130);
    expect(existsSync(join(cwd, 'b.db'))).toBe(false);
    expect(readdirSync(cwd)).toEqual(['.skillrl']);
  }, 60_000);
});
