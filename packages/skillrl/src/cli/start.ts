import type { Command } from 'commander';

import { reportTable } from '@skillrl/bench';
import { isHnswAvailable } from '@skillrl/drivers';

import { mainJob, officialJob } from '../jobs/main-job.ts';
import { type MemoryJobPlan, runMemoryJob } from '../jobs/memory-job.ts';
import { action, type CommandContext, withPlaySettings } from './context.ts';
import { describeEntry } from './describe-entry.ts';

interface StartOptions {
  readonly official?: boolean;
  readonly panelSeed?: string;
  readonly houses?: number;
}

export function addStartCommand(program: Command): void {
  withPlaySettings(program.command('start'))
    .description('the main job: play unseen games without memory, learn, play them with memory, compare')
    .option('--panel-seed <seed>', 'draw other houses', '1')
    .option('--houses <count>', 'how many houses', (text) => Number.parseInt(text, 10), 30)
    .option('--official', 'also play the official valid_unseen games, where they are found')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl start\n  skillrl start --panel-seed 7\n  skillrl start --model ollama:qwen3:4b --houses 4',
    )
    .action(action(start));
}

async function start(
  context: CommandContext,
  { panelSeed = '1', houses = 30, official = false }: StartOptions,
): Promise<void> {
  const { config, output } = context;
  output.note(`Playing with ${config.model} on ${config.workers} threads. Stop it at any time; run it again to go on.`);
  if (!isHnswAvailable())
    output.note('hnswlib-node is not compiled here: the exact flat index answers instead, with the same results.');
  await show(context, mainJob({ panelSeed, houses, tasksPerHouse: 5, learningTasksPerHouse: 6 }));
  if (official) await show(context, officialJob({}));
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
}
