import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('./main.ts', import.meta.url));

interface State {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly token: string;
  readonly boot_id: string;
}

describeWith(requirement('python'), 'skillrl trainer, the real service', () => {
  it('is restored after kill -9, and nothing outlives its supervisor', async () => {
    const folder = temporaryFolder();
    const trainer = async (...args: readonly string[]): Promise<Record<string, unknown>[]> => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        program,
        'trainer',
        ...args,
        '--folder',
        folder,
        '--json',
      ]);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    const state = (): State => JSON.parse(readFileSync(join(folder, 'trainer.json'), 'utf8')) as State;
    const post = async (route: string, body: object): Promise<Record<string, unknown>> => {
      const { url, token } = state();
      const answer = await fetch(url + route, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await answer.json()) as Record<string, unknown>;
    };
    const result = async (call: Promise<Record<string, unknown>>): Promise<Record<string, unknown>> =>
      post('/retrieve_future', { request_id: (await call)['request_id'] });

    expect(await trainer('start')).toMatchObject([{ state: 'ready' }]);
    const before = state();
    const { session_id } = await post('/create_session', {});
    const { model_id } = await result(post('/create_model', { session_id, base_model: 'warm', lora_config: null }));
    const { path } = await result(post('/save_weights', { model_id, seq_id: 1, path: 'one' }));

    process.kill(before.pid, 'SIGKILL');
    await becomes(() => state().boot_id !== before.boot_id);
    expect(state()).toMatchObject({ port: before.port, token: before.token });
    expect(await post('/get_info', { model_id })).toMatchObject({ restored_from: path, seq_id: 1 });
    expect(await post('/session_heartbeat', { session_id })).toEqual({ type: 'session_heartbeat' });
    expect(await trainer('status')).toMatchObject([{ state: 'ready' }, { training_run_id: model_id, loaded: true }]);

    const service = state().pid;
    const supervisor = (JSON.parse(readFileSync(join(folder, 'trainer', 'supervisor.json'), 'utf8')) as State).pid;
    process.kill(supervisor, 'SIGKILL');
    await becomes(() => !isAlive(service));
    expect(await trainer('status')).toEqual([{ state: 'stopped' }]);
    await trainer('start');
    const last = state().pid;
    expect(await trainer('stop')).toEqual([{ stopped: true }]);
    expect(isAlive(last)).toBe(false);
  }, 600_000);
});

async function becomes(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_200; tries += 1) {
    try {
      if (isTrue()) return;
    } catch {
      // The state file is not there yet.
    }
    await sleep(100);
  }
  throw new Error('It did not happen within two minutes.');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
