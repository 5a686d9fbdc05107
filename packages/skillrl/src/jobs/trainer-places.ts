import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { FileError, ModelError, StoreError } from '@skillrl/core';
import { type FileLock, fileLock, isLocked } from '@skillrl/drivers';
import { z } from 'zod';

import { projectFolder } from '../project-folder.ts';
import { replaceFile } from './durable-file.ts';

/** Where the service keeps things: paths, nothing is made. */
export interface TrainerPlaces {
  /** Runs and checkpoints. */
  readonly folder: string;
  /** Written by the service while it is ready: address, process, token. */
  readonly state: string;
  /** Who supervises it. */
  readonly supervisor: string;
  /** Held by the supervisor as long as it lives. */
  readonly lock: string;
  /** What the service printed; the log before it is `….1`. */
  readonly log: string;
}

const state = z.object({
  url: z.url(),
  port: z.number(),
  pid: z.number(),
  token: z.string(),
  boot_id: z.string(),
  device: z.string(),
  started_at: z.string(),
});

/** What the service writes when it is ready. */
export type TrainerState = z.infer<typeof state>;

const supervisor = z.object({
  pid: z.number(),
  /** What it is beside a supervisor: a command that keeps the trainer, or a training run that ends with it. */
  keeper: z.enum(['command', 'run']),
});

/** The process that keeps the service running. */
export type Supervisor = z.infer<typeof supervisor>;

export function trainerPlaces(path: string): TrainerPlaces {
  const { root } = projectFolder(path);
  const folder = join(root, 'trainer');
  return {
    folder,
    state: join(root, 'trainer.json'),
    supervisor: join(folder, 'supervisor.json'),
    lock: join(folder, 'supervisor.lock'),
    log: join(folder, 'service.log'),
  };
}

/** The state file; `undefined` while the service is not ready, or when what wrote it is gone. */
export function readTrainerState(places: TrainerPlaces): TrainerState | undefined {
  const found = state.safeParse(readJson(places.state));
  // The service does not outlive its supervisor; the number of its process may be another's by now.
  return found.success && isLocked(places.lock) && isAlive(found.data.pid) ? found.data : undefined;
}

/** The supervisor, if one is at work. */
export function readSupervisor(places: TrainerPlaces): Supervisor | undefined {
  const found = supervisor.safeParse(readJson(places.supervisor));
  return found.success && isLocked(places.lock) ? found.data : undefined;
}

/**
 * Takes the supervisor's place, for as long as this process lives or until what is returned is called.
 *
 * @throws {ModelError} `TRAINER_RUNNING` when another has it; {FileError} `FILE_FAILED` where the folder cannot be written to.
 */
export function holdTrainer(places: TrainerPlaces, keeper: Supervisor['keeper']): () => void {
  let lock: FileLock | undefined;
  const release = (): void => {
    rmSync(places.state, { force: true });
    rmSync(places.supervisor, { force: true });
    lock?.release();
  };
  try {
    lock = fileLock(places.lock, 'the trainer');
    replaceFile(places.supervisor, JSON.stringify({ pid: process.pid, keeper } satisfies Supervisor));
    return release;
  } catch (cause) {
    if (cause instanceof StoreError && cause.code === 'LOCKED') throw trainerRuns(places, '', cause);
    lock?.release();
    throw notWritable(places, cause);
  }
}

/** The port of a service that died; one that ended in order has taken its state file away. */
export function lastPort(places: TrainerPlaces): number | undefined {
  const found = state.pick({ port: true }).safeParse(readJson(places.state));
  return found.success ? found.data.port : undefined;
}

/** The error for a start where a trainer is at work already. @param what - what follows from that. */
export function trainerRuns(places: TrainerPlaces, what: string, cause?: unknown): ModelError {
  return new ModelError({
    code: 'TRAINER_RUNNING',
    message: `A trainer runs in ${places.folder} already${what}.`,
    hint: 'skillrl trainer stop ends it.',
    cause,
  });
}

/** The error for a folder in which the trainer cannot keep its files. */
export function notWritable(places: TrainerPlaces, cause: unknown): FileError {
  return new FileError({
    code: 'FILE_FAILED',
    message: `The trainer cannot write to ${places.folder}: ${cause instanceof Error ? cause.message : String(cause)}.`,
    hint: 'Make it writable and see that the disk has room, or name another folder with --folder or the variable SKILLRL_FOLDER.',
    cause,
  });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
