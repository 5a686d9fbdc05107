import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { contrastLine, type Protocol, type Report, reportTable } from '@skillrl/bench';
import { InputError } from '@skillrl/core';
import type { Command } from 'commander';

import { armDescriptions, type ArmName, armNames } from '../jobs/arms.ts';
import type { GamesSource } from '../jobs/games.ts';
import { mainJob, officialJob } from '../jobs/main-job.ts';
import type { MemoryJobPlan } from '../jobs/memory-job.ts';
import { projectFolder, unknownRun } from '../project-folder.ts';
import { action, type CommandContext, withPlaySettings, withSettings } from './context.ts';
import { choiceOption, countOption, oneOf } from './option-values.ts';
import { table } from './output.ts';
import { show } from './start.ts';

interface RunOptions {
  readonly suite: string;
  readonly arms: string;
  readonly protocol: Protocol;
  readonly panelSeed: string;
  readonly houses: number;
  readonly tasksPerHouse: number;
  readonly learningTasks: number;
  readonly learningGames: number;
  readonly samples: number;
  readonly seed: number;
  readonly data?: string;
}

const protocols = ['transfer', 'retry'] as const satisfies readonly Protocol[];
const suites = ['houses', 'valid_unseen', 'valid_seen', 'valid_train'];

export function addBenchCommands(program: Command): void {
  const bench = program.command('bench').description('run agents on tasks, with and without memory, and compare');
  withPlaySettings(bench.command('run'))
    .description('play a suite: without memory, learn, with memory')
    .addOption(
      choiceOption(
        '--suite <name>',
        'houses (generated), or an official split: valid_unseen, valid_seen, valid_train',
        suites,
      ).default('houses'),
    )
    .option('--arms <names>', `comma-separated, of: ${armNames.join(', ')}`, 'none,skills,placebo')
    .addOption(
      choiceOption(
        '--protocol <name>',
        'transfer (learn from other tasks) or retry (a second attempt)',
        protocols,
      ).default('transfer'),
    )
    .option('--panel-seed <seed>', 'draw other houses', '1')
    .addOption(countOption('--houses <count>', 'houses of the panel').default(30))
    .addOption(countOption('--tasks-per-house <count>', 'games compared, a house').default(5))
    .addOption(countOption('--learning-tasks <count>', 'other games of a house to learn from').default(6))
    .addOption(countOption('--learning-games <count>', 'official training games to learn from').default(200))
    .addOption(countOption('--samples <count>', 'plays of each game by each arm').default(1))
    .addOption(countOption('--seed <number>', 'changes every draw of the policy', 0).default(1))
    .option('--data <folder>', 'where the official games are')
    .addHelpText(
      'after',
      `\nArms:\n${table(Object.entries(armDescriptions).map(([name, meaning]) => [`  ${name}`, meaning])).join('\n')}\n\nExamples:\n  skillrl bench run --houses 200 --arms none,skills,facts-only,placebo,replay\n  skillrl bench run --suite valid_unseen --protocol retry --arms none,skills`,
    )
    .action(action<RunOptions>((context, options) => show(context, planOf(options))));
  withSettings(bench.command('report [run]'))
    .description('print a run’s report again; without a name, list the runs')
    .addHelpText('after', '\nExamples:\n  skillrl bench report\n  skillrl bench report RUN --json')
    .action(action(report));
  withSettings(bench.command('compare <run> <other>'))
    .description('two runs side by side, arm by arm')
    .addHelpText('after', '\nExample:\n  skillrl bench compare RUN OTHER')
    .action(action(compare));
}

function planOf(options: RunOptions): MemoryJobPlan {
  const { suite, panelSeed, houses, tasksPerHouse, learningTasks, learningGames, samples, seed, data, protocol } =
    options;
  const arms = options.arms.split(',').map((name): ArmName => oneOf('--arms', name.trim(), armNames));
  const plan =
    suite === 'houses'
      ? mainJob({ panelSeed, houses, tasksPerHouse, learningTasksPerHouse: learningTasks })
      : officialJob({ split: suite, learningGames, folder: data });
  const arm = arms.find((name) => name !== 'none') ?? 'skills';
  const question = protocol === 'retry' ? 'Does memory of a first attempt help at the second?' : plan.question;
  const size = suite === 'houses' ? `${houses} houses × ${tasksPerHouse} games` : `every game of ${suite}`;
  return {
    ...plan,
    question,
    protocol,
    arms,
    samples,
    seed,
    games: plan.games satisfies GamesSource,
    primary: { endpoint: 'success within 20', arm: arms.includes('skills') ? 'skills' : arm },
    sampleSize: `${size} × ${samples} plays × ${arms.length} arms`,
  };
}

async function report({ config, output }: CommandContext, _options: object, [run]: readonly string[]): Promise<void> {
  if (run !== undefined) {
    const found = readReport(config.folder, run);
    output.data(found);
    for (const line of reportTable(found)) output.line(line);
    output.line(`report: ${projectFolder(config.folder).run(run).page}`);
    return;
  }
  const reports = runIds(config.folder).map((id) => readReport(config.folder, id));
  for (const found of reports)
    output.data({ run: found.manifest.id, question: found.manifest.question, createdAt: found.manifest.createdAt });
  if (reports.length === 0) output.line('No finished runs. skillrl bench run makes one.');
  else
    for (const line of table([
      ['run', 'made', 'question'],
      ...reports.map(({ manifest }) => [manifest.id, manifest.createdAt.slice(0, 16), manifest.question]),
    ]))
      output.line(line);
}

async function compare(
  { config, output }: CommandContext,
  _options: object,
  [first = '', second = '']: readonly string[],
): Promise<void> {
  const reports = [first, second].map((run) => readReport(config.folder, run));
  output.data(reports.map(({ manifest, arms, contrasts }) => ({ run: manifest.id, arms, contrasts })));
  const [a, b] = reports as [Report, Report];
  if (a.manifest.protocol !== b.manifest.protocol) {
    throw new InputError({
      code: 'PROTOCOLS_DIFFER',
      message: 'One run is a transfer and the other a retry: they are never put into one table.',
    });
  }
  const samePanel = JSON.stringify(a.manifest.panel.tasks) === JSON.stringify(b.manifest.panel.tasks);
  const rows = reports.flatMap(({ manifest, arms }) =>
    arms.map((arm) => [
      manifest.id,
      arm.arm,
      ...arm.endpoints.map(({ endpoint, mean }) =>
        endpoint.startsWith('success') ? `${(100 * mean).toFixed(1)} %` : mean.toFixed(1),
      ),
    ]),
  );
  for (const line of table([['run', 'arm', ...(a.arms[0]?.endpoints.map(({ endpoint }) => endpoint) ?? [])], ...rows]))
    output.line(line);
  for (const found of reports)
    for (const contrast of found.contrasts.filter(({ primary }) => primary))
      output.line(`${found.manifest.id}: ${contrastLine(contrast)}`);
  if (!samePanel)
    output.line('The panels differ: the rows are not paired, and a difference between runs may be one between panels.');
}

function readReport(folder: string, id: string): Report {
  const project = projectFolder(folder);
  const run = project.run(id);
  try {
    return JSON.parse(readFileSync(run.report, 'utf8')) as Report;
  } catch (cause) {
    if (!existsSync(run.manifest)) throw unknownRun(id, project.root, cause);
    throw new InputError({
      code: 'RUN_UNFINISHED',
      message: `The run '${id}' has no report yet.`,
      hint: 'Give the command that began it once more: it goes on where it stopped.',
      cause,
    });
  }
}

/** The runs that have a report. */
function runIds(folder: string): string[] {
  const { runs } = projectFolder(folder);
  if (!existsSync(runs)) return [];
  return readdirSync(runs).filter((id) => existsSync(join(runs, id, 'report.json')));
}
