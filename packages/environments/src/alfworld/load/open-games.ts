import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { atBoundary, EnvironmentError } from '@skillrl/core';
import { withCommandStyle, type CommandStyle } from './command-style.ts';
import { gameIdsIn, readGameIn } from './game-folder.ts';
import { possibleGameIds, splits, type GameRecord } from './game-record.ts';
import { packedGames, type PackedGames } from './packed-games.ts';

export interface OpenGamesOptions {
  /**
   * A folder with `json_2.1.1/` as `alfworld-download` makes it, that folder itself, or one with packed `SPLIT.jsonl.br` files; where a
   * split is packed, the packed file is used. Where it has none of them, a folder `alfworld` in it. Default `$ALFWORLD_DATA`, else
   * `~/.cache/alfworld`.
   */
  readonly folder?: string;
  /** Default: as the files have it. */
  readonly commandStyle?: CommandStyle;
}

/** A collection of official games, of release 2.1.1, 2.1.2 or 2.1.3. */
export interface Games {
  readonly folder: string;
  /** The splits that are there. */
  readonly splits: readonly string[];
  /** The games of one split, or of all, in the order of their ids; read as they are asked for. @throws {EnvironmentError} `SPLIT_MISSING` */
  records(split?: string, signal?: AbortSignal): AsyncGenerator<GameRecord>;
  /** @param name - an id, in any of the spellings of `possibleGameIds`. @throws {EnvironmentError} `TASK_UNKNOWN` */
  get(name: string): Promise<GameRecord>;
}

/**
 * Finds official games on disk. The games that the official loader leaves out (movable, sliced, not solvable) are left out here too.
 *
 * @throws {EnvironmentError} `GAMES_MISSING` when the folder holds none.
 */
export async function openGames(options: OpenGamesOptions = {}): Promise<Games> {
  const named = resolve(options.folder ?? (process.env['ALFWORLD_DATA'] || join(homedir(), '.cache', 'alfworld')));
  const place = (await placeIn(named)) ?? (await placeIn(join(named, 'alfworld')));
  if (place === undefined) throw gamesMissing(named);
  const { folder, packed, files } = place;
  const found = splits.filter((split) => packed.has(split) || (files !== undefined && existsSync(join(files, split))));
  const styled = (record: GameRecord): GameRecord =>
    options.commandStyle === undefined
      ? record
      : { ...record, file: withCommandStyle(record.file, options.commandStyle) };
  return {
    folder,
    splits: found,
    async *records(split, signal) {
      if (split !== undefined && !found.some((name) => name === split)) throw splitMissing(split, folder, found);
      for (const each of split === undefined ? found : [split]) {
        const pack = packed.get(each);
        for await (const record of pack?.records(signal) ?? fileRecords(files ?? folder, each, signal))
          yield styled(record);
      }
    },
    async get(name) {
      for (const id of possibleGameIds(name)) {
        const pack = packed.get(id.split('/')[0] ?? '');
        const inPack = await pack?.get(id);
        const record = inPack ?? (files === undefined ? undefined : await readGameIn(files, id));
        if (record !== undefined) return styled(record);
      }
      throw new EnvironmentError({
        code: 'TASK_UNKNOWN',
        message: `There is no ALFWorld game "${name}" in ${folder}.`,
        hint: 'A game is named SPLIT/TASK/TRIAL; "skillrl env list alfworld" shows the names.',
      });
    },
  };
}

interface Place {
  readonly folder: string;
  /** By split. */
  readonly packed: ReadonlyMap<string, PackedGames>;
  /** The folder that holds the splits of original files. */
  readonly files: string | undefined;
}

/** What a folder has; undefined when there are no games in it. */
async function placeIn(folder: string): Promise<Place | undefined> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const names = await atBoundary('file', `list ${folder}`, () => readdir(folder));
  const packed = new Map(
    splits
      .filter((split) => names.includes(`${split}.jsonl.br`))
      .map((split) => [split as string, packedGames(join(folder, `${split}.jsonl.br`))]),
  );
  const files = ['json_2.1.1', 'json_2.1.2', 'json_2.1.3', '.']
    .map((name) => join(folder, name))
    .find((place) => splits.some((split) => existsSync(join(place, split))));
  return packed.size === 0 && files === undefined ? undefined : { folder, packed, files };
}

async function* fileRecords(folder: string, split: string, signal?: AbortSignal): AsyncGenerator<GameRecord> {
  for (const id of await gameIdsIn(folder, split)) {
    signal?.throwIfAborted();
    const record = await readGameIn(folder, id);
    if (record !== undefined) yield record;
  }
}

function splitMissing(split: string, folder: string, found: readonly string[]): EnvironmentError {
  return new EnvironmentError({
    code: 'SPLIT_MISSING',
    message: `There is no split "${split}" of ALFWorld in ${folder}.`,
    hint: `There is: ${found.join(', ')}.`,
  });
}

function gamesMissing(folder: string): EnvironmentError {
  return new EnvironmentError({
    code: 'GAMES_MISSING',
    message: `There are no ALFWorld games in ${folder}.`,
    hint: 'Set ALFWORLD_DATA to the folder that holds json_2.1.1, get the release with "skillrl data fetch alfworld", or play generated games.',
  });
}
