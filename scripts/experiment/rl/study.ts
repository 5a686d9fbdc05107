import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { contentHash, InputError, SkillError } from '@skillrl/core';
import type { TrainingRecipe } from '@skillrl/training';

import { interruptionSignal } from '../../../packages/skillrl/src/cli/interruption.ts';
import { exitCodeOf, printError, terminalOutput } from '../../../packages/skillrl/src/cli/output.ts';
import { trainingProgress } from '../../../packages/skillrl/src/cli/training-progress.ts';
import { type Config, loadConfig } from '../../../packages/skillrl/src/config.ts';
import { codeVersion } from '../../../packages/skillrl/src/jobs/code-version.ts';
import { defaultTrainingSets } from '../../../packages/skillrl/src/jobs/default-training.ts';
import { replaceFile } from '../../../packages/skillrl/src/jobs/durable-file.ts';
import { reportTraining, runTrainJob, type TrainJobOptions } from '../../../packages/skillrl/src/jobs/train-job.ts';
import type { TrainPlan } from '../../../packages/skillrl/src/jobs/train-plan.ts';
import type { TrainReport } from '../../../packages/skillrl/src/jobs/train-report.ts';
import { describeGames, openTrainingSets, type TrainingSets } from '../../../packages/skillrl/src/jobs/train-sets.ts';
import { projectFolder, type RunFolder } from '../../../packages/skillrl/src/project-folder.ts';
import { type StudyDefaults, studyHelp, type StudyOptions, studyOptions } from './study-options.ts';

/** What an experiment with training runs asks, fixed before any of them. */
export interface StudyPlan {
  readonly name: string;
  readonly description: string;
  readonly question: string;
  readonly endpoint: string;
  /** Recipes by the name of their arm. Each is run with every seed. */
  readonly arms: Readonly<Record<string, TrainingRecipe>>;
  readonly sampleSize: string;
  readonly defaults: StudyDefaults;
  /** Default 21: with 128 rollouts each, 2,688 episodes. */
  readonly iterations?: number;
  /** Default: at the start and at the end. */
  readonly evaluateEvery?: number;
  /** Whether versions that are shown to be better go live. Default: none does. */
  readonly publishes?: boolean;
}

export interface StudyRun {
  readonly arm: string;
  readonly seed: number;
  readonly report: TrainReport;
  readonly folder: RunFolder;
  /** The version that the run ended with, as a model. */
  readonly model: string;
}

/** What a study came to: rows of figures for `result.json`, and lines for people. */
export interface Conclusion {
  readonly rows: unknown;
  readonly lines: readonly string[];
}

/** Where a study is, for what it measures besides its runs. */
export interface StudyPlace {
  readonly options: StudyOptions;
  readonly folder: string;
}

/** For arms whose canary is off: it is a safety of long runs, and its plays are no training episodes. */
export function withoutCanary(recipe: TrainingRecipe): TrainingRecipe {
  return { ...recipe, canary: { ...recipe.canary, pairs: 0 } };
}

/**
 * A study from its command line to its result: manifest first, then every arm with every seed, seed by seed, so that a study that is cut short
 * compares equally many; what a run's folder holds is not done again. Runs are shared: what another study has trained in the same way by the same
 * code is read. What is refused is said as the program says it.
 */
export async function runStudy(
  args: readonly string[],
  plan: StudyPlan,
  conclude: (runs: readonly StudyRun[], place: StudyPlace) => Promise<Conclusion> | Conclusion,
): Promise<void> {
  let isJson = false;
  try {
    const options = studyOptions(args, plan.defaults);
    if (options === 'help') return console.log(studyHelp(plan.name, plan.description, plan.defaults));
    isJson = options.json;
    const folder = resolve(options.folder, folderName(plan, options));
    const runs = await playAll(plan, options, folder);
    const { rows, lines } = await conclude(runs, { options, folder });
    replaceFile(join(folder, 'result.json'), `${JSON.stringify(rows, undefined, 2)}\n`);
    console.log(
      isJson ? JSON.stringify(rows) : ['', ...lines, '', `result: ${join(folder, 'result.json')}`].join('\n'),
    );
  } catch (error) {
    printError(error, isJson);
    process.exitCode = exitCodeOf(error);
  }
}

/** Milliseconds of training: everything but the held-out games. */
export function trainingMs({ report }: StudyRun): number {
  return report.durationsMs.reduce((sum, { ms }) => sum + ms, 0);
}

function folderName({ name }: StudyPlan, { games, quick }: StudyOptions): string {
  return `${name}${games === 'houses' ? '-houses' : ''}${quick ? '-quick' : ''}`;
}

async function playAll(plan: StudyPlan, options: StudyOptions, folder: string): Promise<readonly StudyRun[]> {
  const { data, games, panelSeed, quick } = options;
  const size = quick ? { trainGames: 16, heldOut: 8 } : { trainGames: 160, heldOut: 134 };
  const sets = await defaultTrainingSets({ games, data, panelSeed, ...size });
  await refuseMissing(sets);
  const iterations = options.iterations ?? (quick ? 2 : (plan.iterations ?? 21));
  const evaluateEvery = quick ? 1 : (plan.evaluateEvery ?? iterations);
  const arms = quick
    ? Object.entries(plan.arms).map(([arm, recipe]) => [arm, shortened(recipe)] as const)
    : Object.entries(plan.arms);
  mkdirSync(folder, { recursive: true });
  const code = codeVersion();
  const fixed = { ...plan, arms: Object.fromEntries(arms), iterations, evaluateEvery };
  keepStudyManifest(folder, fixed, options, sets, code);

  const output = terminalOutput(options.json);
  const follow = { signal: interruptionSignal(), ...trainerOf(options) };
  const runs: StudyRun[] = [];
  for (const seed of options.seeds)
    for (const [arm, recipe] of arms) {
      output.line(`\n${plan.name}: ${arm}, seed ${seed}`);
      const job = {
        question: `What does '${recipe.name}' make of the policy warm in ${iterations} iterations?`,
        recipe: { ...recipe, seed },
        base: 'warm',
        sets,
        iterations,
        evaluateEvery,
        evaluationPlays: options.plays,
        publishes: plan.publishes ?? false,
      };
      const flags = { folder: runPlace(options.folder, job, code), workers: String(options.workers) };
      const { config } = await loadConfig({ environment: {}, flags });
      runs.push({ arm, seed, ...(await finished(config, job, { ...follow, progress: trainingProgress(output) })) });
    }
  return runs;
}

/** The folder of a run, one for all studies that have it. */
function runPlace(folder: string, job: TrainPlan, code: string): string {
  const { name, seed } = job.recipe;
  const hash = contentHash(JSON.stringify([job, code])).slice(0, 8);
  return resolve(folder, 'rl-runs', `${name}-${seed}-${hash}`);
}

/** A run to its end. One that was brought there before is read, not opened again: a trainer takes seconds to start. */
async function finished(
  config: Config,
  job: TrainPlan,
  follow: TrainJobOptions,
): Promise<Pick<StudyRun, 'report' | 'folder' | 'model'>> {
  const mark = join(config.folder, 'finished.json');
  if (!existsSync(mark)) {
    const { state, report } = await runTrainJob(config, job, follow);
    replaceFile(mark, `${JSON.stringify({ run: report.manifest.id, model: state.served.model })}\n`);
  }
  const { run, model } = JSON.parse(readFileSync(mark, 'utf8')) as { readonly run: string; readonly model: string };
  return { report: await reportTraining(config, run), folder: projectFolder(config.folder).run(run), model };
}

function trainerOf({ trainer }: StudyOptions): Pick<TrainJobOptions, 'trainer'> {
  return trainer === undefined ? {} : { trainer: { url: trainer, token: process.env['SKILLRL_TRAINER_TOKEN'] } };
}

/** The same in a minute: it goes through every part. */
function shortened(recipe: TrainingRecipe): TrainingRecipe {
  return { ...recipe, groups: 4, canary: { ...recipe.canary, pairs: Math.min(4, recipe.canary.pairs) } };
}

async function refuseMissing(sets: TrainingSets): Promise<void> {
  try {
    await (await openTrainingSets(sets)).environment.close();
  } catch (error) {
    if (!(error instanceof SkillError) || error.code !== 'GAMES_MISSING') throw error;
    throw new InputError({
      code: 'GAMES_MISSING',
      message: `The study is on official games, and they are not there. ${error.message}`,
      hint: 'Give --data FOLDER (skillrl data fetch alfworld gets the release), or --games houses for generated ones.',
      cause: error,
    });
  }
}

function keepStudyManifest(
  folder: string,
  { description: _description, defaults: _defaults, ...plan }: StudyPlan,
  { plays, quick, seeds }: StudyOptions,
  sets: TrainingSets,
  code: string,
): void {
  const path = join(folder, 'manifest.json');
  const decisive = {
    ...plan,
    quick,
    sets,
    panels: { train: describeGames(sets.train), heldOut: describeGames(sets.evaluation) },
    plays,
    stoppingRule: 'every arm with every seed; seeds may be added, which is said then',
    code,
  };
  const id = contentHash(JSON.stringify(decisive)).slice(0, 16);
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { readonly id: string }) : undefined;
  if (known?.id === id) return;
  if (known !== undefined)
    throw new InputError({
      code: 'STUDY_DIFFERS',
      message: `${path} is of another plan or other code.`,
      hint: `Move ${folder} away, and the study starts anew.`,
    });
  replaceFile(
    path,
    `${JSON.stringify({ id, ...decisive, seeds, createdAt: new Date().toISOString() }, undefined, 2)}\n`,
  );
}
