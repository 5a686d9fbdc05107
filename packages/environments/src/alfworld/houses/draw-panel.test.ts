import { describe, expect, it } from 'vitest';

import { layoutHash } from './canonical.ts';
import { drawPanel, type Panel } from './draw-panel.ts';
import { panelNames } from './panel-name.ts';
import { processes } from './tasks.ts';
import { commonVerbs, reservedVerbs } from './verbs.ts';

const panels = panelNames.flatMap((name) =>
  [1, 2].map((panelSeed) => drawPanel(name, { panelSeed, houses: 80, tasksPerHouse: 4, learningTasksPerHouse: 4 })),
);
const all = (panel: Panel) => [...panel.learning, ...panel.games];

describe('drawPanel', () => {
  it('never gives two panels the same house, layout or game, whatever their seeds', () => {
    const owner = new Map<string, string>();
    const claim = (thing: string, name: string): void => {
      expect([undefined, name]).toContain(owner.get(thing));
      owner.set(thing, name);
    };
    for (const panel of panels) {
      for (const house of panel.houses) {
        claim(house.id, panel.name);
        claim(layoutHash(house.receptacles), panel.name);
      }
      for (const game of all(panel)) claim(game.hash, panel.name);
    }
    expect(panels.flatMap(all)).toHaveLength(5_120);
  });

  it('never plays a game, or a task of a house, twice', () => {
    for (const panel of panels) {
      const tasks = all(panel).map(({ house, taskType, item, target }) => `${house} ${taskType} ${item} ${target}`);
      expect(new Set(tasks).size).toBe(640);
      expect(new Set(all(panel).map(({ hash }) => hash)).size).toBe(640);
    }
  });

  it('draws other houses for another seed, and the same for the same', () => {
    const ids = (seed: number): string[] =>
      drawPanel('test', { panelSeed: seed, houses: 5, tasksPerHouse: 1 }).games.map(({ id }) => id);
    expect(ids(7)).toEqual(ids(7));
    expect(ids(7).filter((id) => ids(8).includes(id))).toEqual([]);
  });

  it('keeps reserved verbs out of the policy panel, and has both kinds in the others', () => {
    for (const name of panelNames) {
      const spoken = panels.filter((panel) => panel.name === name).flatMap((panel) => panel.games);
      const words = new Set<string>(spoken.flatMap(({ verb }) => verb?.word ?? []));
      expect(commonVerbs.some((verb) => words.has(verb))).toBe(true);
      expect(reservedVerbs.some((verb) => words.has(verb))).toBe(name !== 'policy');
    }
  });

  it('gives only games that a rule bears on, when asked for them', () => {
    const dialects = drawPanel('test', { panelSeed: 1, houses: 20, tasksPerHouse: 3, rule: 'dialect' });
    for (const { verb, instruction } of dialects.games)
      expect(instruction.startsWith(`${verb?.word} some `)).toBe(true);

    const refusals = drawPanel('test', { panelSeed: 1, houses: 20, tasksPerHouse: 3, rule: 'refusal' });
    for (const { taskType, rules } of refusals.games) expect(processes[taskType]).toBe(rules.refusal?.process);
  });

  it('refuses to invent tasks that no house has', () => {
    const tooMany = { panelSeed: 1, houses: 1, tasksPerHouse: 10_000 };
    expect(() => drawPanel('test', tooMany)).toThrow(/carry fewer than 10000 different tasks/);
  });
});
