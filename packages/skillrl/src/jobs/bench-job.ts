import { readFileSync, writeFileSync } from 'node:fs';

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
import type { RolloutRunner } from '@skillrl/rollouts';

import type { RunFolder } from '../project-folder.ts';
import type { PlaySetup } from './open-play.ts';
import { workerPool } from './worker-pool.ts';

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
  work: (runner: RolloutRunner) => Promise<Result>,
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
  const view = await entries.view(revision);
  return Array.fromAsync(view.list({ namespace, statuses: servedStatuses }));
}

/** Writes the manifest, or checks that the one that is there is the same plan. @throws {FileError} `RUN_DIFFERS` */
export function keepManifest(folder: RunFolder, manifest: Manifest): void {
  let known: Manifest | undefined;
  try {
    known = JSON.parse(readFileSync(folder.manifest, 'utf8')) as Manifest;
  } catch {
    writeFileSync(folder.manifest, `${JSON.stringify(manifest, undefined, 2)}\n`);
    return;
  }
  if (known.id !== manifest.id) {
    throw new FileError({
      code: 'RUN_DIFFERS',
      message: `${folder.root} holds the run ${known.id}, not ${manifest.id}.`,
      hint: 'Give the new run a folder of its own.',
    });
  }
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
  writeFileSync(folder.report, `${JSON.stringify(report, undefined, 2)}\n`);
  writeFileSync(folder.page, reportHtml(report));
  return report;
}
