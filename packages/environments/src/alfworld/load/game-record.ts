import type { GameFile } from '../engine/index.ts';

/** The official parts of the benchmark. `valid_seen`: rooms of training; `valid_unseen`: rooms of its own. */
export const splits = ['train', 'valid_train', 'valid_seen', 'valid_unseen'] as const;
export type Split = (typeof splits)[number];

/** One game of a collection, not yet compiled. */
export interface GameRecord {
  /** `SPLIT/TASK/TRIAL`, such as `valid_unseen/pick_and_place_simple-Mug-None-Desk-308/trial_T20190909_210238_431966`. */
  readonly id: string;
  readonly split: string;
  /** Such as `pick_heat_then_place_in_recep`. */
  readonly type: string;
  /** The room's scene number, such as `308`; games of one scene share their furniture. */
  readonly scene: string;
  /** The goal as the game prints it, such as `put a mug in desk.` */
  readonly goal: string;
  readonly file: GameFile;
}

/** Split, type and scene from an id `SPLIT/TYPE-Object-Movable-Receptacle-SCENE/TRIAL`. */
export function readGameId(id: string): Pick<GameRecord, 'id' | 'split' | 'type' | 'scene'> {
  const [split = '', task = ''] = id.split('/');
  const parts = task.split('-');
  return { id, split, type: parts[0] ?? '', scene: parts.at(-1) ?? '' };
}

/**
 * The ids a name may stand for, the likeliest first. Accepts an id, one with its split once more in front, with a leading folder
 * `json_2.1.1/`, with the file name behind it, or without its split.
 */
export function possibleGameIds(name: string): string[] {
  const parts = name
    .replaceAll('\\', '/')
    .replace(/^.*?json_2\.1\.\d\//, '')
    .replace(/\/game\.tw-pddl$/, '')
    .split('/')
    .filter((part) => part !== '');
  const isSplit = (part: string | undefined) => (splits as readonly (string | undefined)[]).includes(part);
  while (isSplit(parts[0]) && isSplit(parts[1])) parts.shift();
  if (isSplit(parts[0]) || parts.length > 2) return [parts.join('/')];
  return splits.toReversed().map((split) => [split, ...parts].join('/'));
}

/** The official loader leaves out games with a movable receptacle or a sliced object. */
export function isLeftOut(id: string): boolean {
  return id.includes('movable') || id.includes('Sliced');
}

/** The goal sentence inside a game's grammar; empty when it has none. */
export function goalOf(grammar: string): string {
  return /Your task is to: ([^"]*)"/.exec(grammar)?.[1] ?? '';
}
