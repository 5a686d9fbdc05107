import { createInterface } from 'node:readline';

import { InputError } from '@skillrl/core';
import { compileGame, type Games, openGames, playGame, type Turn } from '@skillrl/environments';
import type { Command } from 'commander';
import { z } from 'zod';

import { environmentNames, type GamesSource, openGamesFrom } from '../jobs/games.ts';
import { action, type CommandContext, withJson } from './context.ts';
import { countOption, oneOf } from './option-values.ts';
import { table } from './output.ts';
import { readLines, readText } from './read-file.ts';

const splits = ['train', 'valid_train', 'valid_seen', 'valid_unseen'] as const;

/** Generated houses that `env list` shows and `env play` finds games in. */
const listedHouses = 4;

interface ReplayOptions {
  readonly data?: string;
  readonly game?: string;
  readonly commands?: string;
  readonly batch?: string;
}

interface PlayOptions {
  readonly game?: string;
  readonly data?: string;
  readonly panelSeed: string;
}

interface ListOptions {
  readonly split?: string;
  readonly data?: string;
  readonly limit: number;
  readonly panelSeed: string;
}

export function addEnvCommands(program: Command): void {
  const env = program.command('env').description('the benchmarks');
  withJson(env.command('list [environment]'))
    .description('the environments, or the tasks of one')
    .option('--split <name>', 'official split; without it, generated games')
    .option('--panel-seed <seed>', 'list other generated games', '1')
    .option('--data <folder>', 'where the official games are')
    .addOption(countOption('--limit <count>', 'how many').default(20))
    .addHelpText('after', '\nExamples:\n  skillrl env list\n  skillrl env list alfworld --split valid_unseen --limit 5')
    .action(action(list));
  withJson(env.command('play <environment>'))
    .description('play a game yourself')
    .option('--game <id>', 'as env list names it; without it, the first generated one')
    .option('--data <folder>', 'where the official games are')
    .option('--panel-seed <seed>', 'draw other generated games', '1')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl env play alfworld --panel-seed 7\n  skillrl env play alfworld --game valid_unseen/pick_…/trial_…',
    )
    .action(action(play));
  withJson(env.command('replay <environment>'))
    .description('play recorded commands: one JSON line a step')
    .option('--data <folder>', 'where the official games are')
    .option('--game <id>', 'SPLIT/ID, the id in the data')
    .option('--commands <file>', 'a JSON list of commands')
    .option('--batch <file>', 'many: one {"game","commands"} a line')
    .addHelpText(
      'after',
      '\nExamples:\n  skillrl env replay alfworld --data DIR --game valid_seen/pick_…/trial_… --commands FILE.json --json\n  skillrl env replay alfworld --data DIR --batch FILE.jsonl --json',
    )
    .action(action(replay));
}

async function list(
  { output }: CommandContext,
  { split, data, limit, panelSeed }: ListOptions,
  [environment]: readonly string[],
): Promise<void> {
  if (environment === undefined) {
    for (const { name, description } of environmentNames) {
      output.data({ name, description });
      output.line(`${name}  ${description}`);
    }
    return;
  }
  knownEnvironment(environment);
  const source: GamesSource =
    split === undefined
      ? generatedGames(panelSeed, Math.max(listedHouses, Math.ceil(limit / 5)))
      : officialGames(data, oneOf('--split', split, splits));
  const games = await openGamesFrom(source);
  const tasks = games.tasks.slice(0, limit);
  await games.environment.close();
  for (const task of tasks) output.data(task);
  for (const line of table([
    ['id', 'family', 'instruction'],
    ...tasks.map((task) => [task.id, task.family ?? '', task.instruction]),
  ]))
    output.line(line);
  if (games.tasks.length > limit) output.line(`… and ${games.tasks.length - limit} more (--limit)`);
}

async function play(
  { output, signal }: CommandContext,
  { game, data, panelSeed }: PlayOptions,
  [environment = '']: readonly string[],
): Promise<void> {
  knownEnvironment(environment);
  const split = splits.find((name) => game?.startsWith(`${name}/`));
  const games = await openGamesFrom(
    split === undefined ? generatedGames(panelSeed, listedHouses) : officialGames(data, split),
  );
  const task = game === undefined ? games.tasks[0] : await games.environment.task(game);
  if (task === undefined) throw new InputError({ code: 'TASK_UNKNOWN', message: 'There is no game to play.' });
  const session = await games.environment.start(task);
  const input = createInterface({
    input: process.stdin,
    output: output.json ? process.stderr : process.stdout,
    prompt: '> ',
    signal,
  });
  const typed = input[Symbol.asyncIterator]();
  try {
    let current: { readonly observation: string; readonly admissible?: readonly string[]; readonly type: string } =
      session.first;
    output.data({ command: null, observation: current.observation, type: current.type });
    output.line(`${current.observation}\n\n(? shows what you can do, quit ends)`);
    while (current.type !== 'last') {
      input.prompt();
      const line = await typed.next();
      signal.throwIfAborted();
      const command = line.done === true ? 'quit' : line.value.trim();
      if (command === 'quit' || command === 'exit') break;
      if (command === '') continue;
      if (command === '?') output.line(current.admissible?.join('\n') ?? '');
      else {
        const step = await session.step(command);
        output.data({ command, observation: step.observation, type: step.type, reward: step.reward });
        output.line(step.observation);
        if (step.type === 'last')
          output.line(step.success ? 'You won.' : `You lost: the ${task.maxSteps} steps are used up.`);
        current = step;
      }
    }
  } finally {
    input.close();
    await games.environment.close();
  }
}

const recorded = z.object({ game: z.string(), commands: z.array(z.string()) });

async function replay(
  context: CommandContext,
  { data, game, commands, batch }: ReplayOptions,
  [environment = '']: readonly string[],
): Promise<void> {
  knownEnvironment(environment);
  const games = await openGames({ folder: data });
  if (batch !== undefined) {
    if (game !== undefined || commands !== undefined)
      throw new InputError({
        code: 'OPTION_CONFLICT',
        message: 'A replay takes --batch, or --game and --commands, not both.',
      });
    let line = 0;
    let played = 0;
    for await (const text of readLines(batch)) {
      line += 1;
      if (text.trim() === '') continue;
      const one = parseJson(text, recorded, `line ${line} of ${batch}`);
      played += 1;
      await replayOne(context, games, one.game, one.commands, true);
    }
    if (played === 0) throw new InputError({ code: 'BATCH_EMPTY', message: `${batch} names no games.` });
    return;
  }
  if (game === undefined || commands === undefined)
    throw new InputError({
      code: 'OPTION_MISSING',
      message: 'A replay needs --game and --commands, or --batch.',
      hint: 'See skillrl env replay --help.',
    });
  await replayOne(context, games, game, parseJson(await readText(commands), z.array(z.string()), commands), false);
}

async function replayOne(
  { output, signal }: CommandContext,
  games: Games,
  id: string,
  commands: readonly string[],
  named: boolean,
): Promise<void> {
  signal.throwIfAborted();
  const record = await games.get(id);
  const game = playGame(compileGame(record.file));
  const tell = (command: string | null, { observation, admissible, score, done }: Turn): void => {
    output.data({ ...(named ? { game: id } : {}), command, observation, admissible, score, done });
    output.line(`${command === null ? '' : `> ${command}\n`}${observation}${done ? '\n(won)' : ''}`);
  };
  tell(null, game.reset());
  for (const command of commands) tell(command, game.step(command));
}

function officialGames(folder: string | undefined, split: string): GamesSource {
  return { kind: 'official', folder, split, learningSplit: split, learningGames: 0 };
}

function generatedGames(panelSeed: string, houses: number): GamesSource {
  return { kind: 'generated', panel: 'development', panelSeed, houses, tasksPerHouse: 5, learningTasksPerHouse: 0 };
}

function knownEnvironment(name: string): void {
  if (!environmentNames.some((environment) => environment.name === name)) {
    throw new InputError({
      code: 'ENVIRONMENT_UNKNOWN',
      message: `There is no environment '${name}'.`,
      hint: `There is: ${environmentNames.map((environment) => environment.name).join(', ')}.`,
    });
  }
}

function parseJson<Value>(text: string, schema: z.ZodType<Value>, what: string): Value {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError({
      code: 'JSON_INVALID',
      message: `${what} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw new InputError({
      code: 'JSON_INVALID',
      message: `${what} does not have the expected shape: ${result.error.issues[0]?.message}.`,
      hint: 'See skillrl env replay --help.',
    });
  return result.data;
}
