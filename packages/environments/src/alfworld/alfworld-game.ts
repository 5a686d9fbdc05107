import type { Task } from '@skillrl/core';
import type { GameFile } from './engine/index.ts';
import type { GeneratedGame } from './houses/index.ts';
import type { GameRecord } from './load/index.ts';

/** A game, and what an agent is told about it before it begins. */
export interface AlfworldGame {
  readonly id: string;
  /** As the game prints it, without `Your task is to:`. */
  readonly instruction: string;
  /** Where it is played, such as a house's id: games of one family share knowledge. */
  readonly family?: string;
  /** Such as `pick_heat_then_place_in_recep`; with a made-up verb `pick_made_up_then_place_in_recep`: the verb's meaning is for the agent to find out. */
  readonly type?: string;
  readonly split?: string;
  /** Read when the game is played for the first time. */
  readonly file: GameFile | (() => Promise<GameFile>);
}

/** An official game; its family is its scene. */
export function officialGame({ id, scene, type, split, goal, file }: GameRecord): AlfworldGame {
  return { id, instruction: goal, family: `scene-${scene}`, type, split, file };
}

/** A game of a generated house; its family is the house. */
export function houseGame(game: GeneratedGame): AlfworldGame {
  const { id, instruction, family, taskType, split, verb } = game;
  const type = verb === undefined ? taskType : 'pick_made_up_then_place_in_recep';
  return { id, instruction, family, type, split, file: game };
}

export function taskOf({ id, instruction, family, type, split }: AlfworldGame, maxSteps: number): Task {
  return { id, environment: 'alfworld', instruction, family, type, split, domainKind: 'convergent', maxSteps };
}
