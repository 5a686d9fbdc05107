import { SkillError } from '@skillrl/core';
import { openGames } from '@skillrl/environments';

import type { TrainingSets } from './train-sets.ts';

/** Which games a training run is on. */
export interface TrainingGamesChoice {
  /** `official`, `houses`; by default official where they are found. */
  readonly games?: 'official' | 'houses';
  /** Folder of the official games. */
  readonly data?: string;
  /** Draws the generated houses that are held out. */
  readonly panelSeed: string;
  /** Games that are trained on, about. */
  readonly trainGames: number;
  /** Games that are held out, about. */
  readonly heldOut: number;
}

/**
 * The games of a run by default: official training games with the houses' official unseen rooms held out, or generated houses of panels that share
 * no house. The gate's games are of neither.
 */
export async function defaultTrainingSets(choice: TrainingGamesChoice): Promise<TrainingSets> {
  const { data, panelSeed, trainGames, heldOut } = choice;
  const games = choice.games ?? ((await areThere(data)) ? 'official' : 'houses');
  if (games === 'official') {
    const folder = data === undefined ? {} : { folder: data };
    return {
      kind: 'training',
      train: { kind: 'official', ...folder, split: 'train', count: trainGames },
      evaluation: { kind: 'official', ...folder, split: 'valid_unseen', count: heldOut },
      gate: { kind: 'official', ...folder, split: 'valid_train' },
      canary: 74,
    };
  }
  const houses = (count: number): number => Math.max(1, Math.round(count / 4));
  return {
    kind: 'training',
    train: {
      kind: 'generated',
      panel: 'development',
      panelSeed: 'train',
      houses: houses(trainGames),
      tasksPerHouse: 4,
    },
    evaluation: { kind: 'generated', panel: 'test', panelSeed, houses: houses(heldOut), tasksPerHouse: 4 },
    gate: { kind: 'generated', panel: 'bank', panelSeed: 'gate', houses: 50, tasksPerHouse: 4 },
    canary: 74,
  };
}

async function areThere(folder: string | undefined): Promise<boolean> {
  try {
    const { splits } = await openGames({ folder });
    return ['train', 'valid_train', 'valid_unseen'].every((split) => splits.includes(split));
  } catch (error) {
    if (error instanceof SkillError && error.code === 'GAMES_MISSING') return false;
    throw error;
  }
}
