import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { FileError, InputError } from '@skillrl/core';

/** Where a project keeps what it learned: paths, nothing is made. */
export interface ProjectFolder {
  readonly root: string;
  /** Episodes and the bank: the truth. */
  readonly database: string;
  /** Indexes of the bank, saved: may be deleted at any time. */
  readonly indexes: string;
  readonly runs: string;
  /** Every version of the policy. */
  readonly policies: string;
  /** What servers answer with, a folder for each kind of server that reads files. */
  readonly served: { readonly 'llama-cpp': string; readonly vllm: string; readonly trainer: string };
  /** @throws {InputError} `RUN_UNKNOWN` when the id cannot be one. */
  run(id: string): RunFolder;
}

export interface RunFolder {
  readonly root: string;
  readonly database: string;
  /** Held by the process that plays the run. */
  readonly lock: string;
  readonly manifest: string;
  readonly report: string;
  readonly page: string;
  /** Weights of a training run on their way to the server of versions. */
  readonly weights: string;
}

export function projectFolder(path: string): ProjectFolder {
  const root = resolve(path);
  const runs = join(root, 'runs');
  return {
    root,
    database: join(root, 'bank.db'),
    indexes: join(root, 'indexes'),
    runs,
    policies: join(root, 'policies'),
    served: {
      'llama-cpp': join(root, 'served', 'llama-cpp'),
      vllm: join(root, 'served', 'vllm'),
      trainer: join(root, 'served', 'trainer'),
    },
    run(id) {
      if (!/^[\w-]+$/.test(id)) throw unknownRun(id, root);
      const folder = join(runs, id);
      return {
        root: folder,
        database: join(folder, 'run.db'),
        lock: join(folder, 'run.lock'),
        manifest: join(folder, 'manifest.json'),
        report: join(folder, 'report.json'),
        page: join(folder, 'report.html'),
        weights: join(folder, 'weights'),
      };
    },
  };
}

/** Makes a folder, and those above it, when it is not there. @throws {FileError} `FOLDER_FAILED` */
export function makeFolder(path: string): void {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new FileError({
      code: 'FOLDER_FAILED',
      message: `The folder ${path} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Make its place writable, or name another one with --folder or the variable SKILLRL_FOLDER.',
      cause,
    });
  }
}

/** The error for a run that is not in the project's folder. */
export function unknownRun(id: string, folder: string, cause?: unknown): InputError {
  return new InputError({
    code: 'RUN_UNKNOWN',
    message: `There is no run '${id}' in ${folder}.`,
    hint: 'skillrl bench report and skillrl train report list the runs.',
    cause,
  });
}
