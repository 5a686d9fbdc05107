import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { InputError } from '@skillrl/core';
import type { Command } from 'commander';
import { z } from 'zod';

import { refuseBusyPort, requireCuda } from '../jobs/check-trainer-start.ts';
import { lastLogLines } from '../jobs/rotating-log.ts';
import {
  notWritable,
  readSupervisor,
  readTrainerState,
  trainerPlaces,
  trainerRuns,
  type TrainerPlaces,
  type TrainerState,
} from '../jobs/trainer-places.ts';
import { superviseTrainer, trainerPython, untilReady } from '../jobs/trainer-process.ts';
import { makeFolder } from '../project-folder.ts';
import { action, type CommandContext, withFolder } from './context.ts';
import { choiceOption, countOption } from './option-values.ts';
import { table } from './output.ts';

interface StartOptions {
  readonly foreground?: boolean;
  readonly host?: string;
  readonly port?: number;
  readonly device?: 'cpu' | 'cuda';
  readonly base?: readonly string[];
}

const runs = z.object({
  training_runs: z.array(
    z.object({ training_run_id: z.string(), base_model: z.string(), is_lora: z.boolean(), loaded: z.boolean() }),
  ),
});

export function addTrainerCommands(program: Command): void {
  const trainer = program
    .command('trainer')
    .description('the service that computes gradients (PyTorch, on this machine)');
  withFolder(trainer.command('start'), 'runs and checkpoints')
    .description('start it and wait until it is ready; the first time, its Python environment is made')
    .option('--foreground', 'stay, and end it with Ctrl-C')
    .option('--host <address>', 'where it listens (127.0.0.1)')
    .addOption(countOption('--port <port>', '(a free one)'))
    .addOption(choiceOption('--device <device>', 'cpu, cuda (cuda where there is one)', ['cpu', 'cuda']))
    .option(
      '--base <name=folder...>',
      'further models to train from, in the form of Hugging Face (warm and base are there)',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl trainer start\n  skillrl trainer start --base mine=/models/qwen3-0.6b --device cuda',
    )
    .action(action(start));
  withFolder(trainer.command('stop'), 'runs and checkpoints')
    .description('end it, and the training run that keeps it; what was not saved is lost')
    .action(action(stop));
  withFolder(trainer.command('status'), 'runs and checkpoints')
    .description('whether it is ready, where, and its models')
    .action(action(status));
  withFolder(trainer.command('logs'), 'runs and checkpoints')
    .description('its last lines')
    .addOption(countOption('--lines <count>', 'how many').default(50))
    .option('--follow', 'go on as it writes, until Ctrl-C')
    .action(action(logs));
}

async function start({ config, output, signal }: CommandContext, options: StartOptions): Promise<void> {
  const places = trainerPlaces(config.folder);
  const { host, port, device } = options;
  const bases = options.base?.map(absoluteBase);
  const isThere = readSupervisor(places) !== undefined;
  const given = Object.entries({ host, port, device, base: bases }).filter(([, value]) => value !== undefined);
  if (isThere && given.length > 0) {
    const names = given.map(([name]) => `--${name}`).join(' and ');
    throw trainerRuns(places, `, so ${names} cannot be applied`);
  }
  await refuseBusyPort({ host, port });
  const python = await trainerPython((line) => output.note(line), signal);
  if (device === 'cuda') await requireCuda(python, signal);
  if (options.foreground === true) {
    output.note('The trainer runs until Ctrl-C; skillrl trainer status tells when it is ready.');
    return superviseTrainer(python, places, { host, port, device, bases }, signal);
  }
  if (isThere) output.note('It was started before.');
  const supervisor = isThere ? undefined : startSupervisor(places, config.folder, { ...options, base: bases });
  const isStarting = (): boolean => supervisor?.exitCode === null && supervisor.signalCode === null;
  tell(await untilReady(places, signal, isStarting), { output });
}

/** NAME=FOLDER with the folder as the service, which runs elsewhere, finds it. */
function absoluteBase(pair: string): string {
  const [name = '', folder = ''] = pair.split(/=(.*)/s);
  if (name !== '' && existsSync(join(folder, 'config.json'))) return `${name}=${resolve(folder)}`;
  throw new InputError({
    code: 'OPTION_INVALID',
    message: `--base cannot be '${pair}'.`,
    hint: 'It is NAME=FOLDER, and the folder has config.json and *.safetensors.',
  });
}

/** The supervisor is this program once more, in the background. */
function startSupervisor(
  places: TrainerPlaces,
  folder: string,
  { host, port, device, base }: StartOptions,
): ChildProcess {
  const log = openLog(places);
  const args = ['trainer', 'start', '--foreground', '--folder', folder];
  if (host !== undefined) args.push('--host', host);
  if (port !== undefined) args.push('--port', String(port));
  if (device !== undefined) args.push('--device', device);
  if (base !== undefined) args.push('--base', ...base);
  const program = process.argv[1] ?? '';
  const supervisor = spawn(process.execPath, [...process.execArgv, program, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  supervisor.unref();
  return supervisor;
}

/** Makes the folder ready for a trainer that starts. */
function openLog(places: TrainerPlaces): number {
  makeFolder(places.folder);
  try {
    return openSync(places.log, 'a');
  } catch (cause) {
    throw notWritable(places, cause);
  }
}

async function stop({ config, output, signal }: CommandContext): Promise<void> {
  const places = trainerPlaces(config.folder);
  const supervisor = readSupervisor(places);
  if (supervisor === undefined) {
    output.data({ stopped: false });
    output.line('No trainer runs here.');
    return;
  }
  process.kill(supervisor.pid, 'SIGTERM');
  while (readSupervisor(places)?.pid === supervisor.pid) await sleep(50, undefined, { signal });
  output.data({ stopped: true });
  output.line('The trainer has ended.');
  if (supervisor.keeper === 'run')
    output.line(
      `The training run that kept it (process ${supervisor.pid}) was stopped with it; the same command goes on.`,
    );
}

async function status({ config, output, signal }: CommandContext): Promise<void> {
  const places = trainerPlaces(config.folder);
  const state = readTrainerState(places);
  if (state === undefined) {
    const starting = readSupervisor(places) !== undefined;
    output.data({ state: starting ? 'starting' : 'stopped' });
    output.line(starting ? 'The trainer is starting.' : 'No trainer runs here; skillrl trainer start starts one.');
    return;
  }
  tell(state, { output });
  const answer = await fetch(`${state.url}/training_runs`, {
    headers: { authorization: `Bearer ${state.token}` },
    signal,
  });
  const found = runs.parse(await answer.json()).training_runs;
  for (const run of found) output.data(run);
  if (found.length === 0) return;
  for (const line of table([
    ['model', 'base', 'trained', 'state'],
    ...found.map((run) => [
      run.training_run_id,
      run.base_model,
      run.is_lora ? 'LoRA' : 'all',
      run.loaded ? 'loaded' : 'unloaded',
    ]),
  ]))
    output.line(line);
}

async function logs(
  { config, output, signal }: CommandContext,
  { lines, follow }: { readonly lines: number; readonly follow?: boolean },
): Promise<void> {
  const places = trainerPlaces(config.folder);
  if (!existsSync(places.log))
    throw new InputError({
      code: 'LOG_MISSING',
      message: `There is no log in ${places.folder}.`,
      hint: 'skillrl trainer start starts a trainer.',
    });
  let place = statSync(places.log).size;
  for (const line of lastLogLines(places.log, lines)) print(line, { output });
  while (follow === true && !signal.aborted) {
    await sleep(300, undefined, { signal }).catch(() => undefined);
    const size = statSync(places.log, { throwIfNoEntry: false })?.size ?? 0;
    if (size < place) place = 0;
    const file = await open(places.log);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - place), 0, size - place, place);
    await file.close();
    place += bytesRead;
    for (const line of buffer.toString('utf8', 0, bytesRead).split('\n').filter(Boolean)) print(line, { output });
  }
}

function print(line: string, { output }: Pick<CommandContext, 'output'>): void {
  output.data({ line });
  output.line(line);
}

/** The token is for programs that read the state file; it is never printed. */
function tell({ url, pid, device, started_at }: TrainerState, { output }: Pick<CommandContext, 'output'>): void {
  output.data({ state: 'ready', url, pid, device, startedAt: started_at });
  output.line(`The trainer is ready: ${url} (${device}, process ${pid}, since ${started_at}).`);
}
