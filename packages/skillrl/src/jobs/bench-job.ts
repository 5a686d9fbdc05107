import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

import {
  type BankEntry,
  type EntryStore,
  type EpisodeStore,
  FileError,
  noProgress,
  type Progress,
  type Rollout,
  servedStatuses,
  type Task,
} from '@skillrl/core';
import { buildReport, type Manifest, refuseLeaks, type Report, reportHtml, runSuite } from '@skillrl/bench';

import type { RunFolder } from '../project-folder.ts';
import type { PlaySetup } from './open-play.ts';
import { type WorkerPool, workerPool } from './worker-pool.ts';

export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** Where a run's episodes and its bank are. */
export interface Stores {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
}

/** The worker's module beside this one, as source in a checkout and as JavaScript in a package. */
const workerModule = new URL(
  import.meta.url.endsWith('.ts') ? './rollout-worker.ts' : './rollout-worker.js',
  import.meta.url,
);

/** Plays something with a pool of workers and closes the pool, whatever happens. */
export async function withWorkers<Result>(
  setup: PlaySetup,
  work: (runner: WorkerPool) => Promise<Result>,
): Promise<Result> {
  const runner = await workerPool(workerModule, setup, setup.config.workers);
  try {
    return await work(runner);
  } finally {
    await runner.close();
  }
}

/** Plays some arms of a manifest on its panel, after checking that no entry was learned from it. */
export async function playArms(
  manifest: Manifest,
  arms: readonly string[],
  tasks: readonly Task[],
  setup: PlaySetup,
  stores: Stores,
  { signal, progress = noProgress, stage }: JobOptions & { readonly stage?: string } = {},
): Promise<readonly Rollout[]> {
  if (manifest.protocol === 'transfer')
    refuseLeaks(tasks, await servedEntries(stores.entries, setup.config.namespace, setup.revision));
  return withWorkers(setup, (runner) =>
    runSuite(manifest, tasks, runner, stores.episodes, { arms, signal, progress, stage }),
  );
}

/** Every entry that may reach a prompt at a revision. */
export async function servedEntries(entries: EntryStore, namespace: string, revision: number): Promise<BankEntry[]> {
  const view = await entries.view(namespace, revision);
  return Array.fromAsync(view.list({ statuses: servedStatuses }));
}

/**
 * Writes the manifest before the run, or finds the one of a run that is gone on with.
 *
 * @returns the manifest as it was first written.
 * @throws {FileError} `RUN_DIFFERS` when what is there is not this plan.
 */
export function keepManifest(folder: RunFolder, manifest: Manifest): Manifest {
  if (!existsSync(folder.manifest)) {
    writeWhole(folder.manifest, `${JSON.stringify(manifest, undefined, 2)}\n`);
    return manifest;
  }
  const known = readManifest(folder.manifest);
  if (known?.id === manifest.id) return known;
  throw new FileError({
    code: 'RUN_DIFFERS',
    message: `${folder.manifest} is not the manifest of the run ${manifest.id}${known === undefined ? '' : `, but of ${known.id}`}.`,
    hint: `Remove ${folder.root}, and the run starts anew.`,
  });
}

function readManifest(path: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** A process that dies on the way leaves the old file or the new one, never a part. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}

/** Writes `report.json` and `report.html` of a run. */
export function keepReport(
  folder: RunFolder,
  manifest: Manifest,
  rollouts: readonly Rollout[],
  entries: Report['entries'],
  notes: readonly string[] = [],
): Report {
  const report = buildReport(manifest, rollouts, entries, notes);
  writeWhole(folder.report, `${JSON.stringify(report, undefined, 2)}\n`);
  writeWhole(folder.page, reportHtml(report));
  return report;
}
