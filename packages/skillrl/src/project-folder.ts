import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where a project keeps what it learned. */
export interface ProjectFolder {
  readonly root: string;
  /** Episodes and the bank: the truth. */
  readonly database: string;
  readonly runs: string;
  /** A run's folder, made when it is not there. */
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
}

/** The project's folder, made when it is not there. */
export function projectFolder(path: string): ProjectFolder {
  const root = resolve(path);
  const runs = join(root, 'runs');
  mkdirSync(root, { recursive: true });
  return {
    root,
    database: join(root, 'bank.db'),
    runs,
    run(id) {
      const folder = join(runs, id);
      mkdirSync(folder, { recursive: true });
      return {
        root: folder,
        database: join(folder, 'run.db'),
        lock: join(folder, 'run.lock'),
        manifest: join(folder, 'manifest.json'),
        report: join(folder, 'report.json'),
        page: join(folder, 'report.html'),
      };
    },
  };
}
