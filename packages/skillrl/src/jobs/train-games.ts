import { InputError, type Environment, type Task } from '@skillrl/core';
import { alfworld, type AlfworldGame, drawPanel, houseGame, openGames, type PanelName } from '@skillrl/environments';

import { officialGamesOf, spread } from './games.ts';

/** Some games, named so that everybody draws the same ones. */
export type GameSet =
  | {
      readonly kind: 'generated';
      readonly panel: PanelName;
      readonly panelSeed: string;
      readonly houses: number;
      readonly tasksPerHouse: number;
    }
  | {
      readonly kind: 'official';
      /** Default: where the official tools put them. */
      readonly folder?: string;
      readonly split: string;
      /** So many, evenly over the split. Default: all. */
      readonly count?: number;
    };

/** The games of a training run. No game is in two of the sets. Survives being sent to another thread. */
export interface TrainingGames {
  readonly kind: 'training';
  readonly training: GameSet;
  /** Step limit of the training games: part of their task, so that reaching it is a failure. */
  readonly trainingSteps: number;
  /** Held out: what the curve is of. */
  readonly evaluation: GameSet;
  /** Held out: what decides whether a version is published. */
  readonly gate: GameSet;
}

export interface OpenedTrainingGames {
  readonly environment: Environment;
  readonly training: readonly Task[];
  readonly evaluation: readonly Task[];
  readonly gate: readonly Task[];
}

/** @throws {EnvironmentError} `GAMES_MISSING`; {InputError} `PANEL_LEAK` when a game is in two of the sets. */
export async function openTrainingGames(source: TrainingGames): Promise<OpenedTrainingGames> {
  const sets = await Promise.all([source.training, source.evaluation, source.gate].map(gamesOf));
  const [training = [], evaluation = [], gate = []] = sets;
  const games = sets.flat();
  refuseShared(games);
  const environment = alfworld({ games });
  const tasksOf = (set: readonly AlfworldGame[]): Promise<Task[]> =>
    Promise.all(set.map(({ id }) => environment.task(id)));
  return {
    environment,
    training: (await tasksOf(training)).map((task) => ({ ...task, maxSteps: source.trainingSteps })),
    evaluation: await tasksOf(evaluation),
    gate: await tasksOf(gate),
  };
}

/** A set in words: `160 of ALFWorld train`, `40 generated houses (development, seed 1) × 4`. */
export function describeGames(set: GameSet): string {
  if (set.kind === 'official') return `${set.count === undefined ? '' : `${set.count} games of `}ALFWorld ${set.split}`;
  return `${set.houses} generated houses × ${set.tasksPerHouse} games (${set.panel}, seed ${set.panelSeed})`;
}

async function gamesOf(set: GameSet): Promise<readonly AlfworldGame[]> {
  if (set.kind === 'generated') return drawPanel(set.panel, set).games.map(houseGame);
  const games = await officialGamesOf(await openGames({ folder: set.folder }), set.split);
  return set.count === undefined ? games : spread(games, set.count);
}

function refuseShared(games: readonly AlfworldGame[]): void {
  const ids = new Set<string>();
  for (const { id } of games) {
    if (ids.has(id))
      throw new InputError({
        code: 'PANEL_LEAK',
        message: `The game '${id}' is in two sets of the run: it would be trained on and tested on.`,
        hint: 'Give training, evaluation and gate splits or seeds of their own.',
      });
    ids.add(id);
  }
}
