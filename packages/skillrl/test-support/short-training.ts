import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type IterationManifest, type PhaseRecord, type TrainingRecipe, trainingRecipe } from '@skillrl/training';

import { loadConfig } from '../src/config.ts';
import { type TrainJobOptions, type TrainJobResult, runTrainJob } from '../src/jobs/train-job.ts';
import type { TrainPlan } from '../src/jobs/train-plan.ts';
import { fileJournal } from '../src/jobs/train-journal.ts';
import { projectFolder } from '../src/project-folder.ts';
import { smallSets } from './play-training-games.ts';

/** A dozen plays and four steps an iteration. */
export const shortRecipe: TrainingRecipe = trainingRecipe({
  name: 'short',
  memory: 'none',
  groups: 3,
  groupSize: 4,
  optimizer: { minibatches: 4 },
  canary: { pairs: 0 },
});

const shortSets = { ...smallSets, canary: 0 };

/** A training run of one iteration on few generated houses, of seconds beside the start of its trainer. The same plan again goes on with it. */
export async function shortTraining(
  folder: string,
  { recipe = shortRecipe, iterations = 1, ...plan }: Partial<TrainPlan> = {},
  options: TrainJobOptions = {},
): Promise<TrainJobResult> {
  const { config } = await loadConfig({ environment: {}, flags: { folder, workers: 2 } });
  const fixed = { question: 'Does it end the same?', base: 'warm', sets: shortSets };
  const rest = { evaluateEvery: 0, evaluationPlays: 1, publishes: false };
  return runTrainJob(config, { ...fixed, ...rest, ...plan, recipe, iterations }, options);
}

/** What a project's only run came to so far; times, and hashes of files that hold times, left out. */
export async function resultOf(folder: string): Promise<Partial<IterationManifest>[]> {
  return (await manifestsOf(folder)).map(
    ({ rollouts, groups, training, served, canary, versions, evolution }) =>
      JSON.parse(
        JSON.stringify({ rollouts, groups, training, served, canary, versions, evolution }),
      ) as Partial<IterationManifest>,
  );
}

/** The manifests of a project's only run. */
export function manifestsOf(folder: string): Promise<readonly IterationManifest[]> {
  return fileJournal(runFolder(folder)).manifests();
}

/** The folder of a project's only run. */
export function runFolder(folder: string): string {
  const { runs } = projectFolder(folder);
  return join(runs, readdirSync(runs)[0]!);
}

/** What stands at the project's trainer, half-written things too: `weights/NAME` of saves, `sampler_weights/NAME` of exports. */
export function checkpointsOf(folder: string): string[] {
  const runs = join(folder, 'trainer', 'runs');
  if (!existsSync(runs)) return [];
  const found = readdirSync(runs).flatMap((model) =>
    ['weights', 'sampler_weights'].flatMap((kind) => {
      const place = join(runs, model, kind);
      return existsSync(place) ? readdirSync(place).map((name) => `${kind}/${name}`) : [];
    }),
  );
  return found.toSorted();
}

/** So many records of a phase has an iteration under way; 0 when it is none. */
export function recordsOf(folder: string, iteration: number, phase: PhaseRecord['phase']): number {
  if (!existsSync(join(folder, 'runs'))) return 0;
  const path = join(runFolder(folder), `phases-${iteration}.jsonl`);
  return existsSync(path) ? readFileSync(path, 'utf8').split(`"phase":"${phase}"`).length - 1 : 0;
}

/** Waits, looking often. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}
