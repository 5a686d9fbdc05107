import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';

import { InputError, SkillError } from '@skillrl/core';
import { type BaselineName, baselineNames, baselineSwitches, trainingRecipe } from '@skillrl/training';
import type { Command } from 'commander';

import { defaultTrainingSets } from '../jobs/default-training.ts';
import { exportRollouts } from '../jobs/export-rollouts.ts';
import { reportTraining, resumeTrainJob, runTrainJob, type TrainJobResult } from '../jobs/train-job.ts';
import type { TrainPlan } from '../jobs/train-plan.ts';
import { gainLine, trainReportTable } from '../jobs/train-report-table.ts';
import { describeGames } from '../jobs/train-sets.ts';
import { rolloutFormats, type RolloutFormat } from '../jobs/write-rollouts.ts';
import type { Config } from '../config.ts';
import { projectFolder } from '../project-folder.ts';
import { action, type CommandContext, withEmbedder, withSettings } from './context.ts';
import { choiceOption, countOption } from './option-values.ts';
import { type Output, table } from './output.ts';
import { switchedRecipe, switchesOf } from './recipe-switches.ts';
import { trainingProgress } from './training-progress.ts';

interface TrainerOptions {
  readonly trainer?: string;
}

interface RunOptions extends TrainerOptions {
  readonly base: string;
  readonly iterations: number;
  readonly seed: number;
  readonly recipe: BaselineName;
  readonly memory?: 'none' | 'half';
  readonly set?: readonly string[];
  readonly games?: 'official' | 'houses';
  readonly data?: string;
  readonly panelSeed: string;
  readonly trainGames: number;
  readonly heldOut: number;
  readonly evaluateEvery: number;
  readonly evaluationPlays: number;
  readonly publish: boolean;
  readonly server?: string;
  readonly lora?: number;
}

export function addTrainCommands(program: Command): void {
  const train = program.command('train').description('reinforcement learning of a local policy, beside its memory');
  withTrainSettings(withEmbedder(train.command('run')))
    .description('train, and play held-out games in between; the same command again goes on')
    .option(
      '--base <base>',
      'what is trained: warm, base, a folder with model-f16.gguf and *.safetensors, or NAME=FOLDER where the trainer knows it by a name',
      'warm',
    )
    .addOption(countOption('--iterations <count>', 'how many').default(21))
    .addOption(countOption('--seed <number>', 'changes every draw', 0).default(1))
    .addOption(
      choiceOption('--recipe <name>', `what is done: ${baselineNames.join(', ')}`, baselineNames).default(
        'grpo-memory',
      ),
    )
    .addOption(
      choiceOption(
        '--memory <name>',
        'half (half of each group sees entries) or none, in place of what the recipe says',
        ['none', 'half'],
      ),
    )
    .option('--set <switch=value...>', 'a switch of the recipe, such as reward.brier=0.5 or gate.byDifficulty=false')
    .addOption(
      choiceOption('--games <name>', 'official or houses (generated); official where they are found', [
        'official',
        'houses',
      ]),
    )
    .option('--data <folder>', 'where the official games are ($ALFWORLD_DATA, else ~/.cache/alfworld)')
    .option('--panel-seed <seed>', 'draw other held-out houses', '1')
    .addOption(
      countOption('--train-games <count>', 'games to train on, always the same; of generated houses in fours').default(
        160,
      ),
    )
    .addOption(countOption('--held-out <count>', 'held-out games; of generated houses in fours').default(134))
    .addOption(countOption('--evaluate-every <count>', 'iterations between two looks at the held-out games').default(7))
    .addOption(countOption('--evaluation-plays <count>', 'plays of each held-out game').default(1))
    .option(
      '--server <server>',
      'where versions answer and rollouts are sampled: llama-cpp, ollama:NAME@URL, vllm:NAME@URL (adapters), or trainer, the one that trains (llama-cpp)',
    )
    .addOption(countOption('--lora <rank>', 'train an adapter of this rank instead of all parameters'))
    .option('--no-publish', 'nothing that is trained goes live; where nothing is live, what training starts from does')
    .addHelpText(
      'after',
      `\nSwitches of the recipe and their values now:\n${switchHelp()}\n\nExamples:\n  skillrl train run\n  skillrl train run --iterations 100 --set optimizer.learningRate=1e-4\n  skillrl train run --recipe grpo --games houses --no-publish\n  skillrl train run --recipe sft-informed\n  skillrl train run --server trainer\n  skillrl train run --lora 16 --server vllm:my-policy@http://127.0.0.1:8000/v1`,
    )
    .action(action(run));
  withTrainSettings(withEmbedder(train.command('resume <run>')))
    .description('go on with a run, as far as it was planned or further')
    .addOption(countOption('--iterations <count>', 'up to this one'))
    .addHelpText('after', '\nExample:\n  skillrl train resume RUN --iterations 100')
    .action(action(resume));
  withSettings(train.command('report [run]'))
    .description('what a run found out so far; without a name, list the runs')
    .addHelpText('after', '\nExamples:\n  skillrl train report\n  skillrl train report RUN --json')
    .action(action(report));
  withSettings(train.command('export <run> <file>'))
    .description('a run’s rollouts as tokens, for Python’s training libraries')
    .addOption(
      choiceOption('--format <name>', `${rolloutFormats.join(' or ')}; else by the file's ending`, rolloutFormats),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl train export RUN rollouts.parquet\n  skillrl train export RUN rollouts.jsonl\n\nIn Python: datasets.load_dataset("parquet", data_files="rollouts.parquet"); input_ids and completion_mask are as TRL wants them.',
    )
    .action(action(exportRun));
}

function withTrainSettings(command: Command): Command {
  return command
    .option('--workers <count>', 'threads that play episodes')
    .option('--budget-tokens <count>', 'most tokens of entries in one prompt')
    .option(
      '--trainer <url>',
      'a trainer service elsewhere instead of the one of this project; its token in SKILLRL_TRAINER_TOKEN',
    );
}

/** Every switch with its default, `seed` left out: it has a flag of its own. */
function switchHelp(): string {
  const { name: _name, seed: _seed, memory: _memory, ...switches } = trainingRecipe({ name: 'default' });
  return table(switchesOf(switches).map(([path, value]) => [`  ${path}`, String(value)])).join('\n');
}

async function run(context: CommandContext, options: RunOptions): Promise<void> {
  const { config, output } = context;
  const sets = await defaultTrainingSets(options);
  const { seed, memory, base, iterations, evaluateEvery, evaluationPlays, publish, server, lora } = options;
  const recipe = switchedRecipe(options.set ?? [], {
    ...baselineSwitches[options.recipe],
    name: options.recipe,
    seed,
    ...(memory !== undefined && { memory }),
  });
  const plan: TrainPlan = {
    question: `Does ${base} play ${describeGames(sets.evaluation)} better for being trained on ${describeGames(sets.train)}?`,
    recipe,
    base,
    sets,
    iterations,
    evaluateEvery,
    evaluationPlays,
    publishes: publish,
    ...(server !== undefined && { server }),
    ...(lora !== undefined && { rank: lora }),
  };
  output.note(`Training ${base} with ${config.workers} threads that play. Stop it at any time; run it again to go on.`);
  await showTraining(context, await runTrainJob(config, plan, jobOptions(context, options)));
}

async function resume(
  context: CommandContext,
  options: TrainerOptions & { readonly iterations?: number },
  [id = '']: readonly string[],
): Promise<void> {
  const { iterations } = options;
  await showTraining(
    context,
    await resumeTrainJob(context.config, id, { iterations, ...jobOptions(context, options) }),
  );
}

/** How a command follows a training run. */
export function jobOptions({ signal, output }: CommandContext, { trainer }: TrainerOptions = {}) {
  const token = process.env['SKILLRL_TRAINER_TOKEN'];
  return {
    signal,
    progress: trainingProgress(output),
    ...(trainer !== undefined && { trainer: { url: trainer, token } }),
  };
}

/** Prints what a run found out, and where its page is. */
export async function showTraining(
  { output }: CommandContext,
  { report: found, folder, state }: TrainJobResult,
): Promise<void> {
  output.data({ type: 'report', ...found });
  output.line();
  for (const line of trainReportTable(found)) output.line(line);
  output.line();
  output.line(`report: ${folder.page}`);
  output.line(`run: ${found.manifest.id}`);
  const { served, live } = state;
  const isLive = served.version === live.version;
  output.line(
    `version: ${served.version}${isLive ? ', live' : `; skillrl policy publish ${served.version} makes it live`}`,
  );
}

async function report({ config, output }: CommandContext, _: object, [id]: readonly string[]): Promise<void> {
  if (id !== undefined) {
    const found = await reportTraining(config, id);
    output.data(found);
    for (const line of trainReportTable(found)) output.line(line);
    output.line(`report: ${projectFolder(config.folder).run(id).page}`);
    return;
  }
  const { runs } = projectFolder(config.folder);
  const lines = existsSync(runs) ? await Promise.all(readdirSync(runs).map((run) => listRun(config, run, output))) : [];
  if (lines.every((line) => line === undefined)) output.line('No training runs. skillrl train run makes one.');
  for (const line of lines.flat()) if (line !== undefined) output.line(line);
}

/** A training run in some lines; of one that cannot be read, why. @returns `undefined` for what is none. */
async function listRun(
  config: Pick<Config, 'folder'>,
  id: string,
  output: Output,
): Promise<readonly string[] | undefined> {
  try {
    const { manifest, iterations, gains } = await reportTraining(config, id);
    const { recipe, createdAt } = manifest;
    output.data({ id, recipe: recipe.name, iterations, gains });
    return [
      `${id}  ${createdAt.slice(0, 16)}  ${iterations} of ${manifest.iterations} iterations  ${recipe.name}`,
      ...gains.map((gain) => `  ${gainLine(gain)}`),
    ];
  } catch (error) {
    if (!(error instanceof SkillError)) throw error;
    if (error.code === 'RUN_UNKNOWN') return undefined;
    output.data({ id, error: { code: error.code, message: error.message } });
    return [`${id}  cannot be read: ${error.message}`];
  }
}

async function exportRun(
  { config, output, signal }: CommandContext,
  { format }: { readonly format?: RolloutFormat },
  [id = '', file = '']: readonly string[],
): Promise<void> {
  const path = resolve(file);
  const chosen = format ?? rolloutFormats.find((name) => path.endsWith(`.${name}`));
  if (chosen === undefined)
    throw new InputError({
      code: 'OPTION_INVALID',
      message: `The ending of '${file}' names no format.`,
      hint: `End it in ${rolloutFormats.map((name) => `.${name}`).join(' or ')}, or give --format.`,
    });
  const written = await exportRollouts(config, id, path, chosen, signal);
  output.data({ path, format: chosen, ...written });
  output.line(`${path}: ${written.rows} sequences of ${written.episodes} episodes.`);
}
