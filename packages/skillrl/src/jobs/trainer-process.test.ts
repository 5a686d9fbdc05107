import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { temporaryFolder } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { lastLogLines } from './rotating-log.ts';
import { readSupervisor, readTrainerState, trainerPlaces } from './trainer-places.ts';
import { superviseTrainer } from './trainer-process.ts';

/** In place of Python: writes the state file, prints, and ends as the service does when its standard input closes. */
function fakePython(folder: string, body = ''): string {
  const path = join(folder, 'python');
  const script = `#!${process.execPath}
const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const port = Number(process.argv.includes('--port') ? option('--port') : 0) || 41000;
${body}
const state = { url: 'http://127.0.0.1:' + port + '/api/v1', port, pid: process.pid, token: process.env.SKILLRL_TRAINER_TOKEN, boot_id: 'b-' + process.pid, device: 'cpu', started_at: 'now' };
console.log('ready ' + process.pid);
require('node:fs').writeFileSync(option('--state'), JSON.stringify(state));
process.stdin.resume().on('end', () => process.exit(0));
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

async function until<Value>(look: () => Value | undefined): Promise<Value> {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(25);
  }
  throw new Error('It did not happen within 10 seconds.');
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('superviseTrainer', () => {
  it('starts a service that was killed anew, with its token and port, and ends it in order', async () => {
    const folder = temporaryFolder();
    const places = trainerPlaces(folder);
    const stop = new AbortController();
    const running = superviseTrainer(fakePython(folder), places, {}, stop.signal);
    const first = await until(() => readTrainerState(places));
    expect(readSupervisor(places)).toEqual({ pid: process.pid, keeper: 'command' });
    process.kill(first.pid, 'SIGKILL');
    const second = await until(() => {
      const found = readTrainerState(places);
      return found?.pid === first.pid ? undefined : found;
    });
    expect({ token: second.token, port: second.port }).toEqual({ token: first.token, port: first.port });
    stop.abort();
    await running;
    expect(isAlive(second.pid)).toBe(false);
    expect([places.state, places.supervisor].filter((path) => existsSync(path))).toEqual([]);
    expect(lastLogLines(places.log, 10).join('\n')).toMatch(
      /ready \d+\n.*the service ended with SIGKILL.*\nready \d+$/,
    );
  }, 30_000);

  it('refuses a second supervisor, and takes the place of one that died', async () => {
    const folder = temporaryFolder();
    const places = trainerPlaces(folder);
    const stop = new AbortController();
    const python = fakePython(folder);
    const running = superviseTrainer(python, places, {}, stop.signal);
    const state = await until(() => readTrainerState(places));
    await expect(superviseTrainer(python, places, {}, stop.signal)).rejects.toMatchObject({ code: 'TRAINER_RUNNING' });
    expect(readTrainerState(places)).toBeDefined();
    stop.abort();
    await running;
    // What a killed one leaves behind names processes that may be others by now: this one is alive.
    writeFileSync(places.supervisor, JSON.stringify({ pid: process.pid, keeper: 'run' }));
    writeFileSync(places.state, JSON.stringify({ ...state, pid: process.pid }));
    expect([readSupervisor(places), readTrainerState(places)]).toEqual([undefined, undefined]);
    await superviseTrainer(python, places, {}, AbortSignal.abort());
    expect([places.supervisor, places.state].filter((path) => existsSync(path))).toEqual([]);
  }, 30_000);

  it('gives up after five starts in a row that fail, and shows what the service said', async () => {
    const folder = temporaryFolder();
    const places = trainerPlaces(folder);
    const python = fakePython(folder, `console.error('no module named torch'); process.exit(1);`);
    const failure = superviseTrainer(python, places, {}, new AbortController().signal);
    await expect(failure).rejects.toMatchObject({
      code: 'TRAINER_FAILED',
      message: expect.stringContaining('torch') as string,
    });
    expect(lastLogLines(places.log, 100).filter((line) => line.includes('no module'))).toHaveLength(5);
  }, 60_000);

  it('puts a long log aside', async () => {
    const folder = temporaryFolder();
    const places = trainerPlaces(folder);
    const stop = new AbortController();
    const chatter = `for (let i = 0; i < 130; i += 1) require('node:fs').writeSync(1, 'x'.repeat(49999) + '\\n');`;
    const running = superviseTrainer(fakePython(folder, chatter), places, {}, stop.signal);
    await until(() => readTrainerState(places));
    await until(() => (lastLogLines(places.log, 1)[0]?.startsWith('ready') === true ? true : undefined));
    stop.abort();
    await running;
    expect(readFileSync(`${places.log}.1`).length).toBeLessThanOrEqual(5_000_000);
    expect(lastLogLines(places.log, 1000)).toHaveLength(131);
  }, 30_000);
});
