import { execFile } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { sqlite } from '@skillrl/drivers';
import { aDemonstration, aLesson, aPrinciple, temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

function bank(cwd: string, ...args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, 'bank', ...args], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function aProject() {
  const cwd = temporaryFolder();
  const store = sqlite({ path: join(cwd, '.skillrl', 'bank.db') });
  const put = [
    aDemonstration({ id: 'd', status: 'active' }),
    aLesson({ id: 'l', status: 'trial' }),
    aPrinciple({ id: 'p', status: 'quarantined' }),
  ];
  await store.entries.commit({ namespace: 'default', reason: 'test', put });
  await store.close();
  return { cwd };
}

describe('skillrl bank export and import --skills', () => {
  it('write what is served, and take it back into another bank', async () => {
    const { cwd } = await aProject();
    const exported = await bank(cwd, 'export', '--skills', 'out');
    expect(exported).toMatchObject({ code: 0, stdout: expect.stringContaining('written 2') });
    expect((await bank(cwd, 'export', '--skills', 'all', '--status', 'all')).stdout).toContain('written 3');
    expect((await bank(cwd, 'import', '--skills', 'all', '--namespace', 'b', '--trust')).stdout).toContain('added 3');
    const [one, two] = await Promise.all([bank(cwd, 'export', '-'), bank(cwd, 'export', '-', '--namespace', 'b')]);
    expect(two.stdout).toBe(one.stdout);
    const careful = await bank(cwd, 'import', '--skills', 'all', '--namespace', 'c', '--json');
    expect(JSON.parse(careful.stdout)).toMatchObject({ added: 3, read: { written: 3 } });
    expect((await bank(cwd, 'list', '--status', 'quarantined', '--namespace', 'c')).stdout.split('\n')).toHaveLength(5);
  }, 60_000);

  it('say what they refuse, and why', async () => {
    const { cwd } = await aProject();
    for (const args of [
      ['export'],
      ['export', 'a', '--skills', 'b'],
      ['import', 'a', '--trust'],
      ['import', '--skills', 'a', '--require-intact'],
    ])
      expect({ args, ...(await bank(cwd, ...args)) }).toMatchObject({ args, code: 2 });
    expect((await bank(cwd, 'import', '--skills', 'nowhere')).code).toBe(4);
    await bank(cwd, 'export', '--skills', 'out');
    const [name = ''] = readdirSync(join(cwd, 'out'));
    rmSync(join(cwd, 'out', name, 'SKILL.md'));
    const rejected = await bank(cwd, 'import', '--skills', 'out');
    expect(rejected).toMatchObject({ code: 2, stdout: expect.stringContaining(`${name}: It holds no SKILL.md.`) });
  }, 60_000);
});
