import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { builtinPolicyFolder } from '@skillrl/drivers';
import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { checkpointsOf, manifestsOf, recordsOf, until } from '../../test-support/short-training.ts';
import { trainerPython } from './trainer-process.ts';

const program = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const trainerFolder = fileURLToPath(new URL('../../../../apps/trainer', import.meta.url));
const token = 'of-my-own';

interface Ran {
  readonly code: number;
  readonly error: Record<string, unknown> | undefined;
}

describeWith(requirement('python'), 'skillrl train run --trainer, with a service that somebody started by hand', () => {
  const elsewhere = temporaryFolder();
  const state = join(elsewhere, 'trainer.json');
  let service: ChildProcess;
  let url = '';
  beforeAll(async () => {
    const python = await trainerPython(() => undefined, new AbortController().signal);
    const where = ['--folder', join(elsewhere, 'trainer'), '--state', state, '--device', 'cpu'];
    service = spawn(python, ['-m', 'trainer_service', ...where, '--base', `warm=${builtinPolicyFolder('warm')}`], {
      cwd: trainerFolder,
      env: { ...process.env, SKILLRL_TRAINER_TOKEN: token },
      stdio: 'ignore',
    });
    await until(() => existsSync(state) || service.exitCode !== null);
    ({ url } = JSON.parse(readFileSync(state, 'utf8')) as { url: string });
  }, 900_000);
  afterAll(() => void service.kill());

  const train = (folder: string, given: string, during?: (child: ChildProcess) => void): Promise<Ran> => {
    const games = '--games houses --train-games 4 --held-out 4 --evaluate-every 1 --memory none --no-publish';
    const few = `--iterations 1 --set groups=3 groupSize=4 canary.pairs=0`;
    const args = `train run ${games} ${few} --trainer ${url} --folder ${folder} --json`.split(' ');
    const env = { ...process.env, SKILLRL_TRAINER_TOKEN: given };
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [program, ...args], { env, maxBuffer: 1e8 }, (error, _, stderr) => {
        const code = error === null ? 0 : Number((error as { code?: number }).code ?? 1);
        const last = stderr.trim().split('\n').at(-1) ?? '';
        const isSaid = code !== 0 && error?.signal !== 'SIGKILL';
        resolve({ code, error: isSaid ? (JSON.parse(last) as Record<string, unknown>) : undefined });
      });
      during?.(child);
    });
  };

  it('is refused with a wrong token, then trains there, after kill -9 too, starts no service of its own and leaves that one running, with one save', async () => {
    const folder = join(temporaryFolder(), 'project');
    expect(await train(folder, 'of-somebody-else')).toMatchObject({
      code: 5,
      error: { code: 'TOKEN_WRONG', hint: expect.any(String) as string },
    });
    // Killed over its export; the service goes on with it, for nobody.
    const killed = await train(folder, token, (child) => {
      void until(() => recordsOf(folder, 1, 'writing') === 2).then(() => child.kill('SIGKILL'));
    });
    expect([killed.code, recordsOf(folder, 1, 'exported')]).toEqual([1, 0]);
    expect(await train(folder, token)).toEqual({ code: 0, error: undefined });
    expect(await manifestsOf(folder)).toMatchObject([{ iteration: 1, rollouts: { played: 12, errored: 0 } }]);
    expect(readdirSync(folder).filter((name) => name.startsWith('trainer'))).toEqual([]);
    expect(checkpointsOf(elsewhere)).toHaveLength(1);
    const response = await fetch(`${url}/healthz`);
    expect([response.status, service.exitCode]).toEqual([200, null]);
  }, 600_000);
});
