import { describe, expect, it } from 'vitest';

import { gameHash, layoutHash } from './canonical.ts';
import { generateGame } from './generate-game.ts';
import { generateHouse } from './generate-house.ts';
import { randomFor } from './random.ts';
import type { HouseTask } from './tasks.ts';
import type { World } from './world.ts';

const house = generateHouse('canonical');
const game = generateGame(house, 0);
const task: HouseTask = { type: game.taskType, item: game.item, target: game.target };

describe('gameHash', () => {
  it('stays the same when everything is renamed and listed in another order', () => {
    for (let variant = 0; variant < 20; variant += 1) {
      expect(gameHash(renamed(game.world, `variant ${variant}`), task)).toBe(game.hash);
    }
  });

  it('changes with the place of one item', () => {
    const [first, ...rest] = game.world.items;
    const other = game.world.receptacles.find(({ kind }) => first && !first.receptacle.startsWith(`${kind} `));
    if (!first || !other) throw new Error('The house is too small for this test.');
    const moved = { ...game.world, items: [{ ...first, receptacle: other.name }, ...rest] };
    expect(gameHash(moved, task)).not.toBe(game.hash);
  });

  it('changes with the task', () => {
    expect(gameHash(game.world, { ...task, item: 'spoon' })).not.toBe(game.hash);
    expect(gameHash(game.world, { ...task, target: 'shelf' })).not.toBe(game.hash);
  });

  it('tells apart which of two alike receptacles shares a location', () => {
    const receptacle = (name: string, kind: string, location: number) => ({ name, kind, location });
    const toaster = receptacle('toaster 1', 'toaster', 0);
    const on = (counter: string): World => ({
      receptacles: [toaster, receptacle('countertop 1', 'countertop', 0), receptacle('countertop 2', 'countertop', 1)],
      items: [{ name: 'mug 1', kind: 'mug', receptacle: counter, isHabitual: true }],
    });
    expect(gameHash(on('countertop 1'), task)).not.toBe(gameHash(on('countertop 2'), task));
    expect(layoutHash(on('countertop 1').receptacles)).toBe(layoutHash(on('countertop 2').receptacles));
  });
});

/** The same world with other numbers for receptacles, items and locations, in another order. */
function renamed(world: World, key: string): World {
  const random = randomFor(key);
  const shuffledNumbers = (names: readonly string[]): Map<string, string> => {
    const byKind = [...Map.groupBy(names, (name) => name.split(' ')[0] ?? '').values()];
    return new Map(
      byKind.flatMap((alike) => random.shuffle(alike).map((name, index) => [alike[index] ?? '', name] as const)),
    );
  };
  const receptacleName = shuffledNumbers(world.receptacles.map(({ name }) => name));
  const itemName = shuffledNumbers(world.items.map(({ name }) => name));
  const locations = [...new Set(world.receptacles.map(({ location }) => location))];
  const locationName = new Map(random.shuffle(locations).map((location, index) => [locations[index], location]));
  return {
    receptacles: random.shuffle(world.receptacles).map((receptacle) => ({
      ...receptacle,
      name: receptacleName.get(receptacle.name) ?? '',
      location: locationName.get(receptacle.location) ?? -1,
    })),
    items: random.shuffle(world.items).map((item) => ({
      ...item,
      name: itemName.get(item.name) ?? '',
      receptacle: receptacleName.get(item.receptacle) ?? '',
    })),
  };
}
