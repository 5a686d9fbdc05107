import { describe, expect, it } from 'vitest';

import { compileGame, playGame, type Turn } from '../engine/index.ts';
import { drawPanel } from './draw-panel.ts';
import { generateGame, type GeneratedGame } from './generate-game.ts';
import { generateHouse } from './generate-house.ts';
import { habitStrength } from './habits.ts';
import type { House } from './house.ts';
import { taskTypes } from './tasks.ts';

const panel = drawPanel('policy', { panelSeed: 'tests', houses: 40, tasksPerHouse: 5 });
const houseOf = new Map(panel.houses.map((house) => [house.id, house]));

describe('generateGame', () => {
  it('gives equal games for equal houses and numbers', () => {
    expect(generateGame(generateHouse('a'), 3)).toEqual(generateGame(generateHouse('a'), 3));
    expect(generateGame(generateHouse('a'), 3).hash).not.toBe(generateGame(generateHouse('b'), 3).hash);
  });

  it('covers the six task types', () => {
    expect(new Set(panel.games.map(({ taskType }) => taskType))).toEqual(new Set(taskTypes));
  });

  it('is won by its walkthrough, and not before the last command', () => {
    for (const game of panel.games) {
      const turns = played(game, game.walkthrough);
      expect(turns.map(({ done }) => done)).toEqual(turns.map((_, index) => index === turns.length - 1));
    }
  });

  it('tells its task and its furniture', () => {
    for (const game of panel.games.slice(0, 50)) {
      const [reset] = played(game, []);
      expect(reset?.observation.endsWith(`Your task is to: ${game.instruction}`)).toBe(true);
      for (const { name } of game.world.receptacles) expect(reset?.observation).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });

  it('keeps the furniture where it is in every game of a house', () => {
    const house = generateHouse('furniture');
    const worlds = [0, 1, 2, 3].map((index) => generateGame(house, index).world.receptacles);
    for (const world of worlds) expect(world).toEqual(house.receptacles);
  });

  it('puts eight of ten items where their house has the habit', () => {
    const placements = panel.games.flatMap(({ house, world, item: wanted }) =>
      world.items.filter(({ kind }) => kind !== wanted && canStray(houseOf.get(house), kind)),
    );
    const share = placements.filter(({ isHabitual }) => isHabitual).length / placements.length;
    expect(placements.length).toBeGreaterThan(4_000);
    expect(Math.abs(share - habitStrength)).toBeLessThan(0.02);
    for (const { house, world } of panel.games) {
      const places = new Map(houseOf.get(house)?.habits.map(({ item, receptacle }) => [item, receptacle]));
      for (const { kind, receptacle, isHabitual } of world.items) {
        expect(receptacle === places.get(kind)).toBe(isHabitual);
      }
    }
  });

  it('lets only the working appliance do its work', () => {
    const { games } = drawPanel('policy', { panelSeed: 'tests', houses: 20, tasksPerHouse: 2, rule: 'refusal' });
    for (const game of games) {
      const { process, works, refuses } = game.rules.refusal ?? { process: 'heat', works: '', refuses: [] };
      const before = game.walkthrough.slice(
        0,
        game.walkthrough.findIndex((command) => command.startsWith(process)),
      );
      const carried = before
        .findLast((command) => command.startsWith('take'))
        ?.split(' from ')[0]
        ?.slice(5);
      for (const name of [works, ...refuses]) {
        const last = played(game, [...before, `go to ${name}`, `${process} ${carried} with ${name}`]).at(-1);
        const verb = `${process.charAt(0).toUpperCase()}${process.slice(1)}`.toLowerCase();
        expect(last?.observation).toBe(
          name === works ? `You ${verb} the ${carried} using the ${name}.` : 'Nothing happens.',
        );
      }
    }
  });

  it('says a made-up verb instead of the process it stands for in the house', () => {
    const { games } = drawPanel('policy', { panelSeed: 'tests', houses: 20, tasksPerHouse: 3, rule: 'dialect' });
    for (const { instruction, verb, rules, item, target, walkthrough } of games) {
      expect(verb).toBeDefined();
      expect(instruction).toBe(`${verb?.word} some ${item} and put it in ${target}.`);
      expect(rules.dialect?.[verb?.means ?? 'heat']).toBe(verb?.word);
      expect(walkthrough.some((command) => command.startsWith(`${verb?.means} ${item}`))).toBe(true);
    }
  });

  it('refuses task types that the house cannot carry', () => {
    const bathroom = panel.houses.find(({ scene }) => scene === 'bathroom') as House;
    expect(() => generateGame(bathroom, 0, { taskTypes: ['pick_heat_then_place_in_recep'] })).toThrow(
      /carries no task of type pick_heat_then_place_in_recep/,
    );
  });
});

function played(game: GeneratedGame, commands: readonly string[]): Turn[] {
  const play = playGame(compileGame(game));
  return [play.reset(), ...commands.map((command) => play.step(command))];
}

function canStray(house: House | undefined, kind: string): boolean {
  return (house?.habits.find(({ item }) => item === kind)?.elsewhere.length ?? 0) > 0;
}
