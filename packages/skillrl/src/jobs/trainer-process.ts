import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { ModelError } from '@skillrl/core';
import { builtinPolicies, builtinPolicyFolder } from '@skillrl/drivers';

import { makeFolder } from '../project-folder.ts';
import { appendLog, logEnd, logLinesSince } from './rotating-log.ts';
import {
  holdTrainer,
  lastPort,
  readSupervisor,
  readTrainerState,
  type Supervisor,
  type TrainerPlaces,
  type TrainerState,
} from './trainer-places.ts';

export interface TrainerOptions {
  readonly host?: string;
  readonly port?: number;
  readonly device?: 'cpu' | 'cuda';
  /** NAME=FOLDER of further base models. */
  readonly bases?: readonly string[];
  /** Who keeps it running. Default: a command. */
  readonly keeper?: Supervisor['keeper'];
}

/** So many starts in a row, none of which lived a minute, and the supervisor gives up. */
const mostFailures = 5;

/**
 * The Python that runs the service, its environment made on first use.
 *
 * @throws {ModelError} `TRAINER_MISSING` outside a checkout; `PYTHON_MISSING`, `PYTHON_TOO_OLD`, `VENV_FAILED` or `INSTALL_FAILED`.
 */
export async function trainerPython(onProgress: (line: string) => void, signal: AbortSignal): Promise<string> {
  const requirements = join(trainerFolder(), 'requirements.txt');
  const module = pathToFileURL(join(trainerFolder(), '..', '..', 'scripts', 'python-environment.mjs'));
  const { ensurePythonEnvironment } = (await import(module.href)) as {
    ensurePythonEnvironment(options: object): Promise<string>;
  };
  try {
    return await ensurePythonEnvironment({ name: 'trainer', requirements, onProgress, signal });
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    throw new ModelError({ code: String(cause.code), message: cause.message, cause });
  }
}

/**
 * Runs the service until `signal` aborts, and starts it anew when it dies: same token, same port, sessions and models at
 * their last checkpoint. The service reads a pipe of ours and ends when it closes, so it does not outlive this process,
 * however that ends.
 *
 * @throws {ModelError} `TRAINER_RUNNING` when another supervisor is at work here; `TRAINER_FAILED` after five starts in a
 *   row that did not live a minute. {FileError} `FILE_FAILED` where the folder cannot be written to.
 */
export async function superviseTrainer(
  python: string,
  places: TrainerPlaces,
  options: TrainerOptions,
  signal: AbortSignal,
): Promise<void> {
  makeFolder(places.folder);
  const release = holdTrainer(places, options.keeper ?? 'command');
  const token = randomBytes(32).toString('base64url');
  const logged = logEnd(places.log);
  let port = options.port ?? 0;
  try {
    for (let failures = 0; !signal.aborted;) {
      rmSync(places.state, { force: true });
      const begun = Date.now();
      const child = startService(python, places, { ...options, port }, token);
      const ended = await endOf(child, places, signal);
      if (signal.aborted) break;
      // Its clients find the next one where it was, unless something else sits there now.
      port = lastPort(places) ?? (failures < 2 ? port : (options.port ?? 0));
      failures = Date.now() - begun < 60_000 ? failures + 1 : 1;
      const isLast = failures >= mostFailures;
      const next = isLast ? 'it is not started again' : `start ${failures + 1} follows`;
      appendLog(places.log, `${new Date().toISOString()} supervisor: the service ended with ${ended}; ${next}\n`);
      if (isLast) throw failed(places, logged);
      await sleep(Math.min(250 * 2 ** failures, 10_000), undefined, { signal }).catch(() => undefined);
    }
  } finally {
    release();
  }
}

/**
 * Waits until the service is ready.
 *
 * @param isStarting - whether the process that was started to supervise it still lives, however long it takes to say so.
 * @throws {ModelError} `TRAINER_FAILED` when nobody starts it, or it does not start.
 */
export async function untilReady(
  places: TrainerPlaces,
  signal: AbortSignal,
  isStarting: () => boolean = () => false,
): Promise<TrainerState> {
  const logged = logEnd(places.log);
  for (;;) {
    signal.throwIfAborted();
    const ready = readTrainerState(places);
    if (ready !== undefined) return ready;
    if (!isStarting() && readSupervisor(places) === undefined) throw failed(places, logged);
    await sleep(100, undefined, { signal });
  }
}

/** The error for a service that does not start, with what it logged since. */
function failed(places: TrainerPlaces, logged: number): ModelError {
  const message = 'The trainer service does not start.';
  const lines = logLinesSince(places.log, logged);
  // A supervisor in the background has this same error in the log.
  const said = lines.slice(0, lines.findIndex((line) => line.startsWith(message)) >>> 0).slice(-12);
  return new ModelError({
    code: 'TRAINER_FAILED',
    message: said.length > 0 ? `${message} Its last lines:\n${said.join('\n')}` : `${message} It logged nothing.`,
    hint:
      said.length > 0
        ? `skillrl trainer logs shows more; the log is ${places.log}.`
        : `Is the disk full? The log is ${places.log}.`,
  });
}

function startService(python: string, places: TrainerPlaces, options: TrainerOptions, token: string): ChildProcess {
  const builtin = builtinPolicies
    .filter((name) => existsSync(builtinPolicyFolder(name)))
    .map((name) => `${name}=${builtinPolicyFolder(name)}`);
  const args = ['-m', 'trainer_service', '--supervised', '--folder', places.folder, '--state', places.state];
  for (const base of [...builtin, ...(options.bases ?? [])]) args.push('--base', base);
  if (options.host !== undefined) args.push('--host', options.host);
  if (options.port !== undefined) args.push('--port', String(options.port));
  if (options.device !== undefined) args.push('--device', options.device);
  return spawn(python, args, {
    cwd: trainerFolder(),
    env: {
      ...process.env,
      SKILLRL_TRAINER_TOKEN: token,
      PYTHONUNBUFFERED: '1',
      OMP_NUM_THREADS: '1',
      HF_HUB_OFFLINE: '1',
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    // In a group of its own: Ctrl-C reaches us, and we end it.
    detached: true,
  });
}

/** Resolves when the child has ended; an abort closes its pipe, and kills it when that does not end it. */
function endOf(child: ChildProcess, places: TrainerPlaces, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    let killer: NodeJS.Timeout | undefined;
    const end = (): void => {
      child.stdin?.end();
      killer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    };
    const settle = (how: string): void => {
      clearTimeout(killer);
      signal.removeEventListener('abort', end);
      resolve(how);
    };
    child.stdin?.on('error', () => undefined);
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => appendLog(places.log, text));
    child.once('error', (error) => settle(error.message));
    child.once('close', (code, killed) => settle(killed ?? `code ${code}`));
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

function trainerFolder(): string {
  const folder = fileURLToPath(new URL('../../../../apps/trainer', import.meta.url));
  if (existsSync(join(folder, 'trainer_service'))) return folder;
  throw new ModelError({
    code: 'TRAINER_MISSING',
    message: 'The trainer service is not here: it is part of the repository, not of the npm package.',
    hint: 'Run skillrl from a checkout, or give a training run the URL of a server that speaks the Tinker protocol.',
  });
}
