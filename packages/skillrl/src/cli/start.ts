import type { Command } from 'commander';

import { reportTable } from '@skillrl/bench';
import { SkillError } from '@skillrl/core';
import { openGames } from '@skillrl/environments';

import { mainJob, officialJob, rlJob } from '../jobs/main-job.ts';
import { runTrainJob } from '../jobs/train-job.ts';
import { type MemoryJobPlan, runMemoryJob } from '../jobs/memory-job.ts';
import { action, type CommandContext, withPlaySettings } from './context.ts';
import { describeEntry } from './describe-entry.ts';
import { countOption } from './option-values.ts';
import { jobOptions, showTraining } from './train.ts';

interface StartOptions {
  readonly official?: boolean;
  readonly rl?: boolean;
  readonly panelSeed: string;
  readonly houses: number;
  readonly data?: string;
}

export function addStartCommand(program: Command): void {
  withPlaySettings(program.command('start'))
    .description('the main job: play unseen games without memory, learn, play them with memory, compare')
    .option('--panel-seed <seed>', 'draw other houses', '1')
    .addOption(countOption('--houses <count>', 'how many houses').default(30))
    .option('--official', 'also play the official valid_unseen games, where they are found')
    .option('--rl', 'also train the policy `warm` for some minutes; the first time, its Python environment is made')
    .option('--data <folder>', 'where the official games are ($ALFWORLD_DATA, else ~/.cache/alfworld)')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl start\n  skillrl start --panel-seed 7\n  skillrl start --rl\n  skillrl start --official --data DIR\n  skillrl start --model ollama:qwen3:4b --houses 4',
    )
    .action(action(start));
}

async function start(
  context: CommandContext,
  { panelSeed, houses, official = false, rl = false, data }: StartOptions,
): Promise<void> {
  const { config, output } = context;
  output.note(`Playing with ${config.model} on ${config.workers} threads. Stop it at any time; run it again to go on.`);
  const missing = official ? await missingGames(data) : undefined;
  if (missing !== undefined) output.note(`The official games are left out: ${missing}`);
  await show(context, mainJob({ panelSeed, houses, tasksPerHouse: 5, learningTasksPerHouse: 6 }));
  if (official && missing === undefined) await show(context, officialJob({ folder: data }));
  if (rl) {
    const training = await rlJob({ panelSeed, data });
    output.note(`Training ${training.base}: ${training.question}`);
    await showTraining(context, await runTrainJob(config, training, jobOptions(context)));
  }
  if (missing !== undefined) output.line(`official: left out. ${missing}`);
}

/** Why the official games cannot be played here; `undefined` when they can. */
async function missingGames(folder: string | undefined): Promise<string | undefined> {
  try {
    await openGames({ folder });
    return undefined;
  } catch (error) {
    if (error instanceof SkillError && error.code === 'GAMES_MISSING') return `${error.message} ${error.hint ?? ''}`;
    throw error;
  }
}

/** Runs a job and prints its table, its gain, what was learned, and where the page is. */
export async function show({ config, output, signal, progress }: CommandContext, plan: MemoryJobPlan): Promise<void> {
  const { report, folder, examples } = await runMemoryJob(config, plan, { signal, progress });
  output.data(report);
  output.line();
  for (const line of reportTable(report)) output.line(line);
  output.line();
  output.line(
    `learned: ${
      Object.entries(report.entries.learned)
        .map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`)
        .join(', ') || 'nothing'
    }`,
  );
  for (const entry of [examples.lesson, examples.demonstration]) {
    if (entry === undefined) continue;
    output.line();
    for (const line of describeEntry(entry)) output.line(line);
  }
  output.line();
  output.line(`report: ${folder.page}`);
  // Nothing was compared: whoever runs this in a script must learn of it. The notes say why; it is the model in nearly all cases.
  if (report.arms.every(({ plays }) => plays === 0)) process.exitCode = 5;
}
