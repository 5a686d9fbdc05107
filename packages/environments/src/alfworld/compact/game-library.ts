import {
  generateGame,
  generateHouse,
  type House,
  drawPanel,
  type Panel,
  type PanelOptions,
  type PanelName,
} from '../houses/index.ts';
import { playableGeneratedGame } from './generated-game.ts';
import type { Split } from '../load/index.ts';
import { earlierGame, type OfficialFile, readOfficialFiles } from './official-files.ts';
import { playableOfficialGame } from './official-game.ts';
import type { RelatedGames } from './draw-guidance.ts';
import type { EarlierGames } from './evaluation-guidance.ts';
import type { PlayableGame } from './playable-game.ts';

/**
 * Names a game: an official one by id, one of a house by a seed and an index, or one of a drawn panel by its number. A house's seed means the
 * first house from it on that belongs to the policy panel, so that no seed reaches a house that is kept for tests.
 */
export type GameSpec =
  | { readonly source: 'official'; readonly id: string }
  | { readonly source: 'generated'; readonly house: string; readonly index: number }
  | ({ readonly source: 'panel'; readonly panel: PanelName; readonly number: number } & PanelOptions);

/** Loads games by their names and keeps the last ones. */
export interface GameLibrary {
  /** Ids of an official split, sorted. */
  official(split: Split): string[];
  panel(name: PanelName, options: PanelOptions): Panel;
  /** @throws {RangeError} when there is no such game. */
  load(spec: GameSpec): PlayableGame;
  /** Other official games of the same split, to show as earlier successes. */
  earlier(spec: GameSpec): EarlierGames;
  /** Games to draw guidance from, as for demonstrations: of the same house, or with the same goal. */
  related(spec: GameSpec): RelatedGames;
}

/** @param folder - the folder of the packed official games. */
export function createGameLibrary(folder: string, options: { readonly keep?: number } = {}): GameLibrary {
  const keep = options.keep ?? 300;
  const splits = new Map<string, ReadonlyMap<string, OfficialFile>>();
  const panels = new Map<string, Panel>();
  const loaded = new Map<string, PlayableGame>();

  function splitOf(name: string): ReadonlyMap<string, OfficialFile> {
    let split = splits.get(name);
    if (!split) {
      split = new Map(readOfficialFiles(folder, name as Split).map((file) => [file.id, file]));
      splits.set(name, split);
    }
    return split;
  }

  function panel(name: PanelName, panelOptions: PanelOptions): Panel {
    const { panelSeed, houses, tasksPerHouse, learningTasksPerHouse, rule } = panelOptions;
    const key = JSON.stringify([name, panelSeed, houses, tasksPerHouse, learningTasksPerHouse, rule]);
    const known = panels.get(key) ?? drawPanel(name, panelOptions);
    panels.set(key, known);
    return known;
  }

  function compile(spec: GameSpec): PlayableGame {
    if (spec.source === 'official') {
      const found = splitOf(spec.id.split('/')[0]!).get(spec.id);
      if (!found) throw new RangeError(`There is no official game ${spec.id}.`);
      return playableOfficialGame(found.id, found.file);
    }
    if (spec.source === 'generated') {
      const house = policyHouse(spec.house);
      return playableGeneratedGame(generateGame(house, spec.index), house);
    }
    const drawn = panel(spec.panel, spec);
    const game = drawn.games[spec.number];
    if (!game)
      throw new RangeError(`Panel ${spec.panel} has ${drawn.games.length} games; there is no number ${spec.number}.`);
    return playableGeneratedGame(
      game,
      drawn.houses.find((house) => house.id === game.house)!,
    );
  }

  function earlier(spec: GameSpec): EarlierGames {
    if (spec.source !== 'official') return { sameGoal: [], unrelated: [] };
    const split = splitOf(spec.id.split('/')[0]!);
    const { goalKey } = split.get(spec.id)!;
    const others = [...split.values()].filter(({ id }) => id.split('/')[1] !== spec.id.split('/')[1]);
    return {
      sameGoal: others.filter((other) => other.goalKey === goalKey).map(earlierGame),
      unrelated: others.filter((other) => other.goalKey.split('-')[0] !== goalKey.split('-')[0]).map(earlierGame),
    };
  }

  function housemates(spec: GameSpec): PlayableGame[] {
    if (spec.source === 'official') return [];
    if (spec.source === 'generated') {
      const house = policyHouse(spec.house);
      return [1, 2, 3].map((offset) => playableGeneratedGame(generateGame(house, spec.index + offset), house));
    }
    const drawn = panel(spec.panel, spec);
    const house = drawn.houses.find(({ id }) => id === drawn.games[spec.number]!.house)!;
    return drawn.games
      .filter((game, number) => game.house === house.id && number !== spec.number)
      .map((game) => playableGeneratedGame(game, house));
  }

  return {
    official: (split) => [...splitOf(split).keys()].sort(),
    panel,
    load(spec) {
      const key = JSON.stringify(spec);
      const game = loaded.get(key) ?? compile(spec);
      loaded.delete(key);
      loaded.set(key, game);
      if (loaded.size > keep) loaded.delete(loaded.keys().next().value!);
      return game;
    },
    earlier,
    related(spec) {
      const { sameGoal, unrelated } = earlier(spec);
      return { sameHouse: housemates(spec), sameGoal, any: unrelated };
    },
  };
}

function policyHouse(seed: string): House {
  for (let attempt = 0; ; attempt += 1) {
    const house = generateHouse(attempt === 0 ? seed : `${seed}/${attempt}`);
    if (house.panel === 'policy') return house;
  }
}
