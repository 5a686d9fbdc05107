import { type EpisodeStore, type Episode, newId } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import type { IterationManifest } from '@skillrl/training';

import type { Config } from '../config.ts';
import { projectFolder } from '../project-folder.ts';
import { filePlace } from './file-place.ts';
import type { RolloutRow } from './rollout-row.ts';
import { rolloutRows } from './rollout-rows.ts';
import { fileJournal } from './train-journal.ts';
import { readTrainManifest } from './train-job.ts';
import { type RolloutFormat, writeRollouts } from './write-rollouts.ts';

export interface ExportedRollouts {
  readonly rows: number;
  readonly episodes: number;
}

/**
 * Writes the rollouts of a run's finished iterations to a file, and registers what it holds, so that the erasure of an episode can name it.
 *
 * @throws {InputError} `RUN_UNKNOWN`, `NO_PLAIN_FILE`; {FileError} when it cannot be written, nothing is left then.
 */
export async function exportRollouts(
  config: Pick<Config, 'folder'>,
  run: string,
  path: string,
  format: RolloutFormat,
  signal?: AbortSignal,
): Promise<ExportedRollouts> {
  readTrainManifest(config, run);
  filePlace(path);
  const folder = projectFolder(config.folder).run(run);
  const iterations = await fileJournal(folder.root).manifests();
  const store = sqlite({ path: folder.database });
  try {
    const at = Date.now();
    const record = { id: newId('export', at), kind: `rollouts ${format}`, destination: path, at };
    const held: string[] = [];
    // The record comes first: what dies in between leaves an export that holds less.
    for (const { run: id, iteration } of iterations)
      for await (const { id: episodeId } of episodesOf(store.episodes, id, iteration)) held.push(episodeId);
    await store.episodes.registerExport(
      record,
      held.map((episodeId) => ({ episodeId })),
    );
    const rows = await writeRollouts(path, format, rowsOf(iterations, store.episodes, signal));
    return { rows, episodes: held.length };
  } finally {
    await store.close();
  }
}

async function* rowsOf(
  iterations: readonly IterationManifest[],
  episodes: EpisodeStore,
  signal?: AbortSignal,
): AsyncGenerator<RolloutRow> {
  for (const { run, iteration, recipe, versions, groups } of iterations) {
    signal?.throwIfAborted();
    const byGroup = Map.groupBy(await Array.fromAsync(episodesOf(episodes, run, iteration)), keyOf);
    for (const record of groups) {
      const own = byGroup.get(`${record.side} ${record.taskId}`) ?? [];
      const sorted = own.toSorted((a, b) => Number(a.tags['sample']) - Number(b.tags['sample']));
      yield* rolloutRows({ run, iteration, recipe, policyVersion: versions.rollouts, record }, sorted);
    }
  }
}

function keyOf({ task, tags }: Episode): string {
  return `${tags['arm']} ${task.id}`;
}

/** The episodes of an iteration's rollouts; of one that was tried again, the last try. */
async function* episodesOf(episodes: EpisodeStore, run: string, iteration: number): AsyncGenerator<Episode> {
  const last = new Map<string, Episode>();
  for await (const episode of episodes.episodes({ tags: { suite: `${run}/iteration-${iteration}` }, ended: true })) {
    const key = `${keyOf(episode)} ${episode.tags['sample']}`;
    const known = last.get(key);
    if (known === undefined || attemptOf(episode) > attemptOf(known)) last.set(key, episode);
  }
  yield* last.values();
}

function attemptOf({ tags }: Episode): number {
  return Number(tags['attempt'] ?? 1);
}
