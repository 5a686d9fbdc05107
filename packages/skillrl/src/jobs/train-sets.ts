import { InputError, type Environment, type Task } from '@skillrl/core';
import { alfworld, type AlfworldGame, drawPanel, houseGame, openGames } from '@skillrl/environments';

import { type GeneratedHouses, officialGamesOf, spread } from './games.ts';

/** Some games, named so that everybody draws the same ones. */
export type GameSet =
  | GeneratedHouses
  | {
      readonly kind: 'official';
      /** Default: where the official tools put them. */
      readonly folder?: string;
      readonly split: string;
      /** So many, evenly over the split. Default: all. */
      readonly count?: number;
    };

/** Where the games of a training run come from. No game is in two of the sets. Survives being sent to another thread. */
export interface TrainingSets {
  readonly kind: 'training';
  /** Trained on. */
  readonly train: GameSet;
  /** Held out: what the curve is of. */
  readonly evaluation: GameSet;
  /** Held out: what new versions are watched and judged with. */
  readonly gate: GameSet;
  /** So many of the gate's games, evenly over it, are the canary's; the others decide about publishing. */
  readonly canary: number;
}

export interface OpenedSets {
  /** Plays all of them. */
  readonly environment: Environment;
  readonly train: readonly Task[];
  readonly evaluation: readonly Task[];
  readonly canary: readonly Task[];
  readonly gate: readonly Task[];
}

/** @throws {EnvironmentError} `GAMES_MISSING`; {InputError} `PANEL_LEAK` when a game is in two of the sets. */
export async function openTrainingSets(source: TrainingSets): Promise<OpenedSets> {
  const [train = [], evaluation = [], watched = []] = await Promise.all(
    [source.train, source.evaluation, source.gate].map(gamesOf),
  );
  const games = [...train, ...evaluation, ...watched];
  refuseShared(games);
  const environment = alfworld({ games });
  const tasksOf = (set: readonly AlfworldGame[]): Promise<Task[]> =>
    Promise.all(set.map(({ id }) => environment.task(id)));
  const canary = spread(watched, source.canary);
  return {
    environment,
    train: await tasksOf(train),
    evaluation: await tasksOf(evaluation),
    canary: await tasksOf(canary),
    gate: await tasksOf(watched.filter((game) => !canary.includes(game))),
  };
}

/** A set in words: `160 games of ALFWorld train`, `40 generated houses × 4 games (development, seed 1)`. */
export function describeGames(set: GameSet): string {
  if (set.kind === 'official') return `${set.count === undefined ? '' : `${set.count} games of `}ALFWorld ${set.split}`;
  return `${set.houses} generated houses × ${set.tasksPerHouse} games (${set.panel}, seed ${set.panelSeed})`;
}

/** The games of a set, in its order; an official game's file is read when it is first played. */
export async function gamesOf(set: GameSet): Promise<readonly AlfworldGame[]> {
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
