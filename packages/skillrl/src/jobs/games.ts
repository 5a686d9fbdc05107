import type { Environment, Task } from '@skillrl/core';
import {
  alfworld,
  type AlfworldGame,
  type Games,
  drawPanel,
  houseGame,
  officialGame,
  openGames,
  type PanelName,
} from '@skillrl/environments';

/** Generated houses, drawn anew by whoever has the seed. */
export interface GeneratedHouses {
  readonly kind: 'generated';
  readonly panel: PanelName;
  readonly panelSeed: string;
  readonly houses: number;
  readonly tasksPerHouse: number;
}

/** Which games a job plays, and which it may learn from. Survives being sent to another thread. */
export type GamesSource =
  | (GeneratedHouses & { readonly learningTasksPerHouse: number })
  | {
      readonly kind: 'official';
      /** Default: where the official tools put them. */
      readonly folder?: string;
      readonly split: string;
      readonly learningSplit: string;
      readonly learningGames: number;
    };

export interface OpenedGames {
  /** Plays both the panel's tasks and the ones to learn from. */
  readonly environment: Environment;
  readonly tasks: readonly Task[];
  readonly learning: readonly Task[];
}

/** The environments there are, for lists and checks. */
export const environmentNames = [
  {
    name: 'alfworld',
    description: 'household tasks in text: the official games, and generated houses worth remembering',
  },
] as const;

/** @throws {EnvironmentError} `GAMES_MISSING` when official games are asked for and none are found. */
export async function openGamesFrom(source: GamesSource): Promise<OpenedGames> {
  const { panel, learning } = source.kind === 'generated' ? generated(source) : await official(source);
  const environment = alfworld({ games: [...panel, ...learning] });
  const tasks = await Promise.all([...panel, ...learning].map(({ id }) => environment.task(id)));
  return { environment, tasks: tasks.slice(0, panel.length), learning: tasks.slice(panel.length) };
}

interface Chosen {
  readonly panel: readonly AlfworldGame[];
  readonly learning: readonly AlfworldGame[];
}

function generated(source: Extract<GamesSource, { kind: 'generated' }>): Chosen {
  const { games, learning } = drawPanel(source.panel, source);
  return { panel: games.map(houseGame), learning: learning.map(houseGame) };
}

async function official({
  folder,
  split,
  learningSplit,
  learningGames,
}: Extract<GamesSource, { kind: 'official' }>): Promise<Chosen> {
  const games = await openGames({ folder });
  const pool = learningGames === 0 ? [] : await officialGamesOf(games, learningSplit);
  return { panel: await officialGamesOf(games, split), learning: spread(pool, learningGames) };
}

/** The games of a split, in the order of their ids; a file is read when its game is played. */
export async function officialGamesOf(games: Games, split: string): Promise<AlfworldGame[]> {
  const found: AlfworldGame[] = [];
  for await (const record of games.records(split))
    found.push({ ...officialGame(record), file: async () => (await games.get(record.id)).file });
  return found;
}

/** So many games evenly over a sorted list, so that every type and scene is there; equal for equal arguments. */
export function spread(games: readonly AlfworldGame[], count: number): AlfworldGame[] {
  const step = Math.max(1, games.length / Math.max(1, count));
  return Array.from({ length: Math.min(count, games.length) }, (_, index) => games[Math.floor(index * step)]).filter(
    (game) => game !== undefined,
  );
}
