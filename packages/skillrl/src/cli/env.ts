import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { FileError, InputError } from '@skillrl/core';
import { compileGame, type Games, openGames, playGame, type Turn } from '@skillrl/environments';
import type { Command } from 'commander';
import { z } from 'zod';

import { environmentNames, type GamesSource, openGamesFrom } from '../jobs/games.ts';
import { action, type CommandContext, withSettings } from './context.ts';
import { table } from './output.ts';

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
}

export function addEnvCommands(program: Command): void {
  const env = program.command('env').description('the benchmarks');
  withSettings(env.command('list [environment]'))
    .description('the environments, or the tasks of one')
    .option('--split <name>', 'official split; without it, generated games')
    .option('--data <folder>', 'where the official games are')
    .option('--limit <count>', 'how many', (text) => Number.parseInt(text, 10), 20)
    .addHelpText('after', '\nExamples:\n  skillrl env list\n  skillrl env list alfworld --split valid_unseen --limit 5')
    .action(action(list));
  withSettings(env.command('play <environment>'))
    .description('play a game yourself')
    .option('--game <id>', 'an official game; without it, a generated one')
    .option('--data <folder>', 'where the official games are')
    .option('--panel-seed <seed>', 'draw another generated game', '1')
    .action(action(play));
  withSettings(env.command('replay <environment>'))
    .description('play recorded commands: one JSON line a step')
    .option('--data <folder>', 'where the official games are')
    .option('--game <id>', 'SPLIT/ID, the id in the data')
    .option('--commands <file>', 'a JSON list of commands')
    .option('--batch <file>', 'many: one {"game","commands"} a line')
    .addHelpText(
      'after',
      '\nExample:\n  skillrl env replay alfworld --data DIR --game valid_seen/pick_…/trial_… --commands FILE.json --json',
    )
    .action(action(replay));
}

async function list(
  { output }: CommandContext,
  { split, data, limit }: ListOptions,
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
      ? generatedGames('1', Math.ceil(limit / 5))
      : { kind: 'official', folder: data, split, learningSplit: split, learningGames: 0 };
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
  const games = await openGamesFrom(
    game === undefined
      ? generatedGames(panelSeed, 1)
      : { kind: 'official', folder: data, split: game.split('/')[0] ?? '', learningSplit: '', learningGames: 0 },
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
    output.line(`${current.observation}\n\n(? shows what you can do, quit ends)`);
    while (current.type !== 'last') {
      input.prompt();
      const line = await typed.next();
      signal.throwIfAborted();
      const command = line.done === true ? 'quit' : line.value.trim();
      if (command === 'quit' || command === 'exit') break;
      if (command === '?') output.line(current.admissible?.join('\n') ?? '');
      else {
        const step = await session.step(command);
        output.data({ command, observation: step.observation, type: step.type, reward: step.reward });
        output.line(step.observation);
        if (step.type === 'last') output.line(step.success ? 'You won.' : 'You lost: the steps are used up.');
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
    const lines = [...readText(batch).split('\n').entries()].filter(([, line]) => line.trim() !== '');
    if (lines.length === 0) throw new InputError({ code: 'BATCH_EMPTY', message: `${batch} names no games.` });
    for (const [index, line] of lines) {
      const one = parseJson(line, recorded, `line ${index + 1} of ${batch}`);
      await replayOne(context, games, one.game, one.commands, true);
    }
    return;
  }
  if (game === undefined || commands === undefined)
    throw new InputError({ code: 'OPTION_MISSING', message: 'A replay needs --game and --commands, or --batch.' });
  await replayOne(context, games, game, parseJson(readText(commands), z.array(z.string()), commands), false);
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

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, ''); // Some editors and shells begin a file with a mark.
  } catch (cause) {
    throw new FileError({
      code: 'FILE_FAILED',
      message: `${file} could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
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
