import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { openSkillMemory } from '../open-skill-memory.ts';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

it('skillrl episodes outcome says how an episode ended, and what is no outcome or no episode is refused', async () => {
  const cwd = temporaryFolder();
  const folder = join(cwd, '.skillrl');
  const memory = await openSkillMemory(folder);
  const task = { id: 't', environment: 'desk', instruction: 'answer', domainKind: 'convergent' } as const;
  const { episodeId } = await memory.run(task, () => 'done');
  await memory.close();

  const said = await episodes(cwd, 'outcome', episodeId, 'success', '--json');
  expect(JSON.parse(said.stdout)).toEqual({ id: episodeId, score: 1, source: 'user' });
  const shown = JSON.parse((await episodes(cwd, 'show', episodeId, '--json')).stdout) as { outcome: unknown };
  expect(shown.outcome).toEqual({ status: 'success', score: 1, source: 'user', verified: true });

  expect(await episodes(cwd, 'outcome', episodeId, 'splendid')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('success, failure, or a score from 0 to 1'),
  });
  expect(await episodes(cwd, 'outcome', 'nobody', 'failure')).toMatchObject({ code: 2 });
  expect(await episodes(cwd, 'outcome', episodeId, 'success', '--namespace', 'other')).toMatchObject({ code: 2 });
}, 60_000);

function episodes(cwd: string, ...args: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, 'episodes', ...args], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
