import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { sqlite } from '@skillrl/drivers';
import { aPrinciple, temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

it('skillrl bank release lets out what somebody has read, and bank quarantine takes it back', async () => {
  const cwd = temporaryFolder();
  const path = join(cwd, '.skillrl', 'bank.db');
  const first = sqlite({ path });
  const put = [aPrinciple({ id: 'p', status: 'quarantined', evidence: [] })];
  await first.entries.commit({ namespace: 'default', reason: 'test', put });
  await first.close();

  expect((await bank(cwd, 'show', 'p')).stdout).toContain('it came from outside');
  const released = await bank(cwd, 'release', 'p', '--reason', 'read it', '--by', 'ann', '--json');
  expect(JSON.parse(released.stdout)).toEqual({ id: 'p', status: 'trial', revision: 2, by: 'ann', reason: 'read it' });
  expect((await bank(cwd, 'list', '--status', 'trial')).stdout).toContain('p ');

  const again = await bank(cwd, 'release', 'p', '--reason', 'read it');
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is trial and not in quarantine') });
  expect(await bank(cwd, 'release', 'p')).toMatchObject({ code: 2, stderr: expect.stringContaining('--reason') });
  expect(await bank(cwd, 'release', 'q', '--reason', 'read it')).toMatchObject({ code: 2 });
  const back = await bank(cwd, 'quarantine', 'p', '--reason', 'it is wrong');
  expect(back.stdout).toBe('p is quarantined at revision 3.\n');
}, 60_000);

function bank(cwd: string, ...args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, 'bank', ...args], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
