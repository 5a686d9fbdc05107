import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { contentHash } from '@skillrl/core';
import type { TrainingRecipe } from '@skillrl/training';

import { loadConfig } from '../../../packages/skillrl/src/config.ts';
import { codeVersion } from '../../../packages/skillrl/src/jobs/code-version.ts';
import { defaultTrainingSets } from '../../../packages/skillrl/src/jobs/default-training.ts';
import { replaceFile } from '../../../packages/skillrl/src/jobs/durable-file.ts';
import { runTrainJob, type TrainJobResult } from '../../../packages/skillrl/src/jobs/train-job.ts';
import { describeGames, type TrainingSets } from '../../../packages/skillrl/src/jobs/train-sets.ts';
import { interruptionSignal } from '../../../packages/skillrl/src/cli/interruption.ts';
import { terminalOutput } from '../../../packages/skillrl/src/cli/output.ts';
import { trainingProgress } from '../../../packages/skillrl/src/cli/training-progress.ts';

/** What an experiment with training runs asks, fixed before any of them. */
export interface StudyPlan {
  readonly name: string;
  readonly question: string;
  readonly endpoint: string;
  /** Recipes by the name of their arm. Each is run with every seed. */
  readonly arms: Readonly<Record<string, TrainingRecipe>>;
  readonly sampleSize: string;
  /** Default 21: with 128 rollouts each, 2,688 episodes. */
  readonly iterations?: number;
  /** Default: at the start and at the end. */
  readonly evaluateEvery?: number;
}

export interface StudyRun {
  readonly arm: string;
  readonly seed: number;
  readonly result: TrainJobResult;
}

/** The options that every such experiment takes. */
export function studyOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '1,2,3,4,5,6,7,8' },
      games: { type: 'string' },
      data: { type: 'string', default: process.env['SKILLRL_DATA'] },
      'panel-seed': { type: 'string', default: '1' },
      plays: { type: 'string', default: '3' },
      iterations: { type: 'string' },
      workers: { type: 'string', default: '2' },
      folder: { type: 'string', default: '.skillrl/experiments' },
    },
  });
  const games: 'official' | 'houses' | undefined =
    values.games === 'official' || values.games === 'houses' ? values.games : undefined;
  return { ...values, games, seeds: values.seeds.split(',').map(Number), plays: Number(values.plays) };
}

export type StudyOptions = ReturnType<typeof studyOptions>;

/**
 * Runs every arm with every seed, one after the other, seed by seed, so that a study that is cut short compares equally many. Written first is
 * the manifest; what a run's folder holds is not done again.
 */
export async function runStudy(plan: StudyPlan, options: StudyOptions): Promise<readonly StudyRun[]> {
  const sets = await defaultTrainingSets({
    games: options.games,
    data: options.data,
    panelSeed: options['panel-seed'],
    trainGames: 160,
    heldOut: 134,
  });
  const folder = resolve(options.folder, plan.name);
  mkdirSync(folder, { recursive: true });
  keepStudyManifest(folder, plan, options, sets);

  const signal = interruptionSignal();
  const output = terminalOutput(false);
  const iterations = Number(options.iterations ?? plan.iterations ?? 21);
  const runs: StudyRun[] = [];
  for (const seed of options.seeds) {
    for (const [arm, recipe] of Object.entries(plan.arms)) {
      output.line(`\n${plan.name}: ${arm}, seed ${seed}`);
      const { config } = await loadConfig({
        environment: {},
        flags: { folder: join(folder, `${arm}-${seed}`), workers: options.workers },
      });
      const result = await runTrainJob(
        config,
        {
          question: `${plan.question} (${arm}, seed ${seed})`,
          recipe: { ...recipe, seed },
          base: 'warm',
          sets,
          iterations,
          evaluateEvery: plan.evaluateEvery ?? iterations,
          evaluationPlays: options.plays,
          publishes: false,
        },
        { signal, progress: trainingProgress(output) },
      );
      runs.push({ arm, seed, result });
    }
  }
  return runs;
}

/** Milliseconds of training: everything but the held-out games. */
export function trainingMs({ result }: StudyRun): number {
  return result.report.durationsMs.reduce((sum, { ms }) => sum + ms, 0);
}

function keepStudyManifest(folder: string, plan: StudyPlan, options: StudyOptions, sets: TrainingSets): void {
  const path = join(folder, 'manifest.json');
  const decisive = {
    ...plan,
    sets,
    panels: { train: describeGames(sets.train), heldOut: describeGames(sets.evaluation) },
    plays: options.plays,
    stoppingRule: 'every arm with every seed; seeds may be added, which is said then',
    code: codeVersion(),
  };
  const id = contentHash(JSON.stringify(decisive)).slice(0, 16);
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { readonly id: string }) : undefined;
  if (known?.id === id) return;
  if (known !== undefined)
    throw new Error(`${path} is of another plan or other code. Move ${folder} away, and the experiment starts anew.`);
  replaceFile(
    path,
    `${JSON.stringify({ id, ...decisive, seeds: options.seeds, createdAt: new Date().toISOString() }, undefined, 2)}\n`,
  );
}
