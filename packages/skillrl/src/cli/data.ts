import { homedir } from 'node:os';
import { join } from 'node:path';

import { InputError } from '@skillrl/core';
import type { Command } from 'commander';

import { fetchAlfworld, type SplitCheck, verifyAlfworld } from '../jobs/fetch-alfworld.ts';
import { action, type CommandContext, withJson } from './context.ts';
import { table } from './output.ts';

interface DataOptions {
  readonly to?: string;
  readonly data?: string;
  readonly url?: string;
}

export function addDataCommands(program: Command): void {
  const data = program.command('data').description('official data of benchmarks');
  withJson(data.command('fetch <environment>'))
    .description('download the official release, with progress and checksums; goes on where it stopped')
    .option('--to <folder>', 'where to ($ALFWORLD_DATA, else ~/.cache/alfworld)')
    .option('--url <url>', 'of a mirror')
    .addHelpText('after', '\nExample:\n  skillrl data fetch alfworld')
    .action(action(fetchData));
  withJson(data.command('verify <environment>'))
    .description('compare the games that are there with the official release')
    .option('--data <folder>', 'where they are ($ALFWORLD_DATA, else ~/.cache/alfworld)')
    .addHelpText('after', '\nExample:\n  skillrl data verify alfworld --data ~/.cache/alfworld')
    .action(action(verify));
}

async function fetchData(
  { output, signal, progress }: CommandContext,
  { to, url }: DataOptions,
  [environment = '']: readonly string[],
): Promise<void> {
  onlyAlfworld(environment);
  const folder = to ?? process.env['ALFWORLD_DATA'] ?? join(homedir(), '.cache', 'alfworld');
  print({ output }, await fetchAlfworld({ folder, url, signal, progress }));
  output.line(`The games are in ${folder}.`);
}

async function verify(
  { output, progress }: CommandContext,
  { data }: DataOptions,
  [environment = '']: readonly string[],
): Promise<void> {
  onlyAlfworld(environment);
  const checks = await verifyAlfworld({ folder: data, progress });
  print({ output }, checks);
  const wrong = checks.filter((check) => !check.official);
  if (wrong.length > 0) {
    throw new InputError({
      code: 'CHECKSUM_WRONG',
      message: `${wrong.map(({ split }) => split).join(', ')}: not the official games, or not all of them.`,
      hint: 'skillrl data fetch alfworld gets them.',
    });
  }
}

function print({ output }: Pick<CommandContext, 'output'>, checks: readonly SplitCheck[]): void {
  for (const check of checks) output.data(check);
  for (const line of table([
    ['split', 'games', 'official', 'checksum'],
    ...checks.map(({ split, games, official, hash }) => [split, games, official ? 'yes' : 'no', hash.slice(0, 16)]),
  ]))
    output.line(line);
}

function onlyAlfworld(environment: string): void {
  if (environment !== 'alfworld')
    throw new InputError({
      code: 'ENVIRONMENT_UNKNOWN',
      message: `No official data is known for '${environment}'.`,
      hint: 'There is: alfworld.',
    });
}
