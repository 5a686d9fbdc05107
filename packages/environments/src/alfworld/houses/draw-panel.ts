import { layoutHash } from './canonical.ts';
import { generateGame, type GameOptions, type GeneratedGame } from './generate-game.ts';
import { generateHouse } from './generate-house.ts';
import type { House } from './house.ts';
import type { PanelName } from './panel-name.ts';
import { processes, tasksOf, taskTypes } from './tasks.ts';

export interface PanelOptions {
  /** Another seed draws other houses of the same panel. */
  readonly panelSeed: string | number;
  readonly houses: number;
  /** Games to be played per house. */
  readonly tasksPerHouse: number;
  /** Further games per house from which an agent may learn about it first. Default: 0. */
  readonly learningTasksPerHouse?: number;
  /** Only houses with such a rule, and only games it bears on. Default: houses as they come. */
  readonly rule?: 'refusal' | 'dialect';
}

/** Houses of one panel and their games, in the order of the houses. No two games of a panel are equal. */
export interface Panel {
  readonly name: PanelName;
  readonly panelSeed: string | number;
  readonly houses: readonly House[];
  /** `tasksPerHouse` games of each house. */
  readonly games: readonly GeneratedGame[];
  /** `learningTasksPerHouse` other games of each house: other tasks, other placements by the same habits. */
  readonly learning: readonly GeneratedGame[];
}

/**
 * Draws a panel: equal arguments give an equal panel, and panels of different names never share a layout or a game. Houses that carry fewer
 * different tasks than are asked for are passed over.
 *
 * @throws {RangeError} when so many are passed over that such houses do not seem to exist.
 */
export function drawPanel(name: PanelName, options: PanelOptions): Panel {
  const { panelSeed, tasksPerHouse, learningTasksPerHouse = 0, rule } = options;
  const count = learningTasksPerHouse + tasksPerHouse;
  const houses: House[] = [];
  const layouts = new Set<string>();
  for (let attempt = 0, passedOver = 0; houses.length < options.houses; attempt += 1) {
    const house = generateHouse(`${name}/${panelSeed}/${attempt}`);
    const layout = layoutHash(house.receptacles);
    if (house.panel !== name || layouts.has(layout) || (rule && !house.rules[rule])) continue;
    const available = tasksOf(house, gameOptions(house, rule).taskTypes).length;
    if (available >= count) {
      layouts.add(layout);
      houses.push(house);
      passedOver = 0;
    } else if ((passedOver += 1) === patience) {
      throw new RangeError(
        `${patience} houses in a row carry fewer than ${count} different tasks; the last ${available}.`,
      );
    }
  }

  const perHouse = houses.map((house) => {
    const games = Array.from({ length: count }, (_, index) => generateGame(house, index, gameOptions(house, rule)));
    return { learning: games.slice(0, learningTasksPerHouse), games: games.slice(learningTasksPerHouse) };
  });
  return {
    name,
    panelSeed,
    houses,
    games: perHouse.flatMap(({ games }) => games),
    learning: perHouse.flatMap(({ learning }) => learning),
  };
}

const patience = 200;

function gameOptions(house: House, rule: PanelOptions['rule']): GameOptions {
  if (!rule) return {};
  const { refusal } = house.rules;
  const bearsOn = taskTypes.filter(
    (type) => processes[type] && (rule === 'dialect' || processes[type] === refusal?.process),
  );
  return { taskTypes: bearsOn, ...(rule === 'dialect' && { madeUpVerb: true }) };
}
