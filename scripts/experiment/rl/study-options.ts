import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { InputError } from '@skillrl/core';

/** What every study with training runs can be told. */
export interface StudyOptions {
  readonly quick: boolean;
  readonly seeds: readonly number[];
  readonly games: 'official' | 'houses';
  /** Where the project's data, or the official games, are; absent where nothing says and nothing lies beside the checkout. */
  readonly data?: string;
  readonly panelSeed: string;
  readonly plays: number;
  readonly iterations?: number;
  readonly workers: number;
  /** Where one trainer answers for all runs, up to and with `/api/v1`. Default: each run starts its own. */
  readonly trainer?: string;
  readonly folder: string;
  readonly json: boolean;
}

/** What a study takes where nothing is said. */
export interface StudyDefaults {
  readonly seeds: number;
  readonly plays?: number;
}

const options = {
  quick: { type: 'boolean', default: false },
  seeds: { type: 'string' },
  games: { type: 'string', default: 'official' },
  data: { type: 'string' },
  'panel-seed': { type: 'string', default: '1' },
  plays: { type: 'string' },
  iterations: { type: 'string' },
  workers: { type: 'string', default: '2' },
  trainer: { type: 'string' },
  folder: { type: 'string', default: '.skillrl/experiments' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** A quick study tries the way, it finds nothing: two seeds of two plays. */
const quickSeeds = 2;
const quickPlays = 2;

/** @returns `help` when help is asked for. @throws {InputError} `OPTION_INVALID` */
export function studyOptions(args: readonly string[], defaults: StudyDefaults): StudyOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const { quick, games, workers, folder, json } = values;
  if (games !== 'official' && games !== 'houses') throw invalid('--games', games, 'Choose of: official, houses.');
  const count = quick ? quickSeeds : defaults.seeds;
  const data = values.data ?? process.env['SKILLRL_DATA'] ?? besideCheckout();
  return {
    quick,
    games,
    json,
    seeds:
      values.seeds === undefined
        ? Array.from({ length: count }, (_, index) => index + 1)
        : values.seeds.split(',').map((text) => whole('--seeds', text, 0)),
    panelSeed: values['panel-seed'],
    plays: values.plays === undefined ? (quick ? quickPlays : (defaults.plays ?? 3)) : whole('--plays', values.plays),
    ...(data !== undefined && { data }),
    ...(values.iterations !== undefined && { iterations: whole('--iterations', values.iterations) }),
    workers: whole('--workers', workers),
    ...(values.trainer !== undefined && { trainer: values.trainer }),
    folder,
  };
}

/** The options in words, with what a study takes by default. */
export function studyHelp(name: string, description: string, { seeds, plays = 3 }: StudyDefaults): string {
  return `npm run experiment -- ${name} [options]

${description}
The same command again goes on where it stopped, after a kill too. Results: FOLDER/${name}/result.json. A run that another
study has made in the same way, by the same code, is read from FOLDER/rl-runs. Two commands side by side share the work: give
one the seeds in another order, and go on with either when it meets the other (LOCKED).

  --quick             2 iterations on few games, 2 plays, seeds 1,2: tries the way, finds nothing; in FOLDER/${name}-quick
  --seeds 1,2,…       one training run of every arm each (1 … ${seeds}); may be added to later
  --games NAME        official or houses, generated ones (official)
  --data FOLDER       where the official games are ($SKILLRL_DATA, else ../shared/data, else $ALFWORLD_DATA)
  --panel-seed SEED   draws other held-out houses (1)
  --plays N           of each held-out game (${plays})
  --iterations N      of each run
  --workers N         threads that play (2)
  --trainer URL       a trainer that runs, in place of one for each run; its token in SKILLRL_TRAINER_TOKEN
  --folder FOLDER     of all experiments (.skillrl/experiments)
  --json              the result as one line of JSON, the last one`;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new InputError({
      code: 'OPTION_INVALID',
      message: error instanceof Error ? error.message : String(error),
      hint: '--help lists the options.',
      cause: error,
    });
  }
}

function whole(option: string, text: string, least = 1): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw invalid(option, text, `It is a whole number, ${least} or more.`);
}

function invalid(option: string, value: string, hint: string): InputError {
  return new InputError({ code: 'OPTION_INVALID', message: `${option} cannot be '${value}'.`, hint });
}

function besideCheckout(): string | undefined {
  const folder = resolve(import.meta.dirname, '../../../../shared/data');
  return existsSync(join(folder, 'alfworld')) ? folder : undefined;
}
