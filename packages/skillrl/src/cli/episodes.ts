import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { type Episode, InputError } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';

import { makeFolder, projectFolder, unknownRun } from '../project-folder.ts';
import { sayOutcome } from './episode-outcome.ts';
import { action, type CommandContext, withSettings } from './context.ts';
import { choiceOption, countOption } from './option-values.ts';
import { table } from './output.ts';

const outcomes = ['success', 'failure', 'truncated', 'errored', 'unknown'] as const;

interface ListOptions {
  readonly status?: (typeof outcomes)[number];
  readonly limit: number;
  readonly run?: string;
}

export function addEpisodesCommands(program: Command): void {
  const episodes = program.command('episodes').description('what happened to the agent');
  withSettings(episodes.command('list'))
    .description('the latest episodes')
    .addOption(choiceOption('--status <status>', outcomes.join(', '), outcomes))
    .addOption(countOption('--limit <count>', 'how many').default(50))
    .option('--run <id>', 'of a benchmark run instead of the project')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl episodes list --status failure\n  skillrl episodes list --run RUN --json',
    )
    .action(action(list));
  withSettings(episodes.command('show <id>'))
    .description('one episode, step by step')
    .option('--run <id>', 'of a benchmark run instead of the project')
    .addHelpText('after', '\nExample:\n  skillrl episodes show EPISODE --run RUN')
    .action(action(show));
  withSettings(episodes.command('outcome <id> <outcome>'))
    .description('say how an episode ended: success, failure, or a score from 0 to 1')
    .addHelpText(
      'after',
      '\nYour word counts where no environment and no grader said anything.\n\nExample:\n  skillrl episodes outcome EPISODE success',
    )
    .action(action(sayOutcome));
}

/** The database of the project, made when there is none yet, or of one of its runs. @throws {InputError} `RUN_UNKNOWN` */
export function databaseOf({ config }: CommandContext, run: string | undefined): string {
  const folder = projectFolder(config.folder);
  if (run === undefined) {
    makeFolder(folder.root);
    return folder.database;
  }
  const { database } = folder.run(run);
  if (!existsSync(database)) throw unknownRun(run, folder.root);
  return database;
}

async function list(context: CommandContext, { status, limit, run }: ListOptions): Promise<void> {
  const store = sqlite({ path: databaseOf(context, run) });
  try {
    const latest: Episode[] = [];
    for await (const episode of store.episodes.episodes({ status })) {
      latest.push(episode);
      if (latest.length > limit) latest.shift();
    }
    for (const episode of latest) context.output.data(summary(episode));
    if (latest.length === 0) context.output.line('No episodes.');
    else
      for (const line of table([
        ['id', 'outcome', 'steps', 'purpose', 'task'],
        ...latest.map((episode) => [
          episode.id,
          episode.outcome?.status ?? 'unknown',
          episode.steps.length,
          episode.purpose,
          episode.task.instruction.slice(0, 70),
        ]),
      ]))
        context.output.line(line);
  } finally {
    await store.close();
  }
}

async function show(
  context: CommandContext,
  { run }: { readonly run?: string },
  [id = '']: readonly string[],
): Promise<void> {
  const store = sqlite({ path: databaseOf(context, run) });
  try {
    const episode = await store.episodes.episode(id);
    if (episode === undefined)
      throw new InputError({
        code: 'EPISODE_UNKNOWN',
        message: `There is no episode '${id}'.`,
        hint: 'skillrl episodes list shows the ids.',
      });
    context.output.data(episode);
    const { output } = context;
    output.line(`${episode.id}: ${episode.task.instruction}`);
    output.line(
      `${episode.policy.name}, ${episode.purpose}, ${episode.end ?? 'open'}, ${episode.outcome?.status ?? 'unknown'}`,
    );
    for (const call of episode.calls) {
      for (const exposure of call.recall?.shown ?? [])
        output.line(`  shown ${exposure.entryId} (probability ${exposure.propensity})`);
      for (const exposure of call.recall?.withheld ?? [])
        output.line(`  withheld ${exposure.entryId} (probability of showing ${exposure.propensity})`);
    }
    if (episode.initialObservation !== undefined) output.line(episode.initialObservation);
    for (const step of episode.steps) {
      output.line(`> ${step.action}`);
      if (step.observation !== undefined) output.line(step.observation);
    }
  } finally {
    await store.close();
  }
}

function summary(episode: Episode): Record<string, unknown> {
  const { id, task, purpose, policy, end, outcome, steps, startedAt, tags } = episode;
  return {
    id,
    task: task.id,
    instruction: task.instruction,
    purpose,
    policy: policy.name,
    end,
    outcome,
    steps: steps.length,
    startedAt,
    tags,
  };
}
