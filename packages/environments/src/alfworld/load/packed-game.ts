import { FileError } from '@skillrl/core';
import type { GameFile } from '../engine/index.ts';
import { readGameId, type GameRecord } from './game-record.ts';

/** Beside the packed splits `SPLIT.jsonl.br`: what all their games share. */
export const domainFile = 'domain_2.1.2.pddl';
export const grammarFile = 'grammar_2.1.2_example.twl2';

export interface PackedTexts {
  readonly domain: string;
  /** Of some game: its goal sentence is replaced by each game's own. */
  readonly grammar: string;
}

/**
 * Reads one line `{id, task, walkthrough, pddl}` of a packed split.
 *
 * @param path - the file's, for the error.
 * @throws {FileError} `GAMES_DAMAGED`
 */
export function readPackedGame(line: string, { domain, grammar }: PackedTexts, path: string): GameRecord {
  let packed: { id?: unknown; task?: unknown; walkthrough?: unknown; pddl?: unknown };
  try {
    packed = JSON.parse(line) as typeof packed;
  } catch (error) {
    throw gamesDamaged(path, 'has a line that is not JSON', error);
  }
  const { id, task, walkthrough, pddl } = packed;
  if (typeof id !== 'string' || typeof task !== 'string' || typeof pddl !== 'string')
    throw gamesDamaged(path, 'has a line without id, task or pddl');
  const file: GameFile = {
    pddl_domain: domain,
    grammar: grammar.replace(/Your task is to: [^"]*"/, () => `Your task is to: ${task}"`),
    pddl_problem: pddl,
    solvable: true,
    walkthrough: Array.isArray(walkthrough) ? walkthrough.map(String) : [],
  };
  return { ...readGameId(id), goal: task, file };
}

/** The error of a packed split that cannot be read. */
export function gamesDamaged(path: string, what: string, cause?: unknown): FileError {
  return new FileError({
    code: 'GAMES_DAMAGED',
    message: `${path} ${what}.`,
    hint: 'Get the file again, or check it with "skillrl data verify alfworld".',
    cause,
  });
}
