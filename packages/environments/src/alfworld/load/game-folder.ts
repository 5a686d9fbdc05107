import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atBoundary, FileError } from '@skillrl/core';
import type { GameFile } from '../engine/index.ts';
import { goalOf, isLeftOut, readGameId, type GameRecord } from './game-record.ts';

/**
 * The ids of the official files `SPLIT/TASK/TRIAL/game.tw-pddl` of a split under a folder, sorted by path: the official order is that of the
 * disk, which no two machines share.
 */
export async function gameIdsIn(folder: string, split: string): Promise<string[]> {
  const namesIn = (id: string) =>
    atBoundary('file', `list ${join(folder, id)}`, () => readdir(join(folder, id)).catch(noneWhenMissing));
  const ids: string[] = [];
  for (const task of await namesIn(split)) {
    for (const trial of await namesIn(`${split}/${task}`)) {
      const id = `${split}/${task}/${trial}`;
      if (!isLeftOut(id) && existsSync(join(folder, id, 'game.tw-pddl'))) ids.push(id);
    }
  }
  return ids.sort();
}

/**
 * Reads one official game.
 *
 * @returns undefined when it is not there, or not marked solvable: the official loader leaves those out.
 */
export async function readGameIn(folder: string, id: string): Promise<GameRecord | undefined> {
  const path = join(folder, id, 'game.tw-pddl');
  const text = await atBoundary('file', `read ${path}`, () => readFile(path, 'utf8').catch(undefinedWhenMissing));
  if (text === undefined || isLeftOut(id)) return undefined;
  const file = readGameFile(text, path);
  return file.solvable === true ? { ...readGameId(id), goal: goalOf(file.grammar), file } : undefined;
}

/** Reads the JSON of a `game.tw-pddl`. @throws {FileError} `GAME_FILE_INVALID` */
export function readGameFile(text: string, path: string): GameFile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw invalid(path, 'is not JSON', error);
  }
  const file = data as Partial<Record<keyof GameFile, unknown>> | null;
  for (const field of ['pddl_domain', 'grammar', 'pddl_problem'] as const) {
    if (typeof file?.[field] !== 'string') throw invalid(path, `has no text "${field}"`);
  }
  return file as unknown as GameFile;
}

function invalid(path: string, what: string, cause?: unknown): FileError {
  return new FileError({
    code: 'GAME_FILE_INVALID',
    message: `${path} ${what}, so it is no ALFWorld game.`,
    hint: 'A game.tw-pddl is one JSON object with pddl_domain, grammar and pddl_problem; get the release again with "skillrl data fetch alfworld".',
    cause,
  });
}

function undefinedWhenMissing(error: unknown): undefined {
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}

/** The names in what is no folder: a file lies among the tasks, and folders of other tools may. */
function noneWhenMissing(error: unknown): string[] {
  return undefinedWhenMissing(error) ?? [];
}
