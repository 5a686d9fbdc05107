import { contentHash } from '@skillrl/core';

import { habitsOf } from './habits.ts';
import { locate } from './locations.ts';
import { randomFor, type Random } from './random.ts';
import type { House } from './house.ts';
import { panelOf } from './panel-of.ts';
import { appliances, drawDialect, drawRefusal } from './rules.ts';
import { bathroom } from './scenes/bathroom.ts';
import { bedroom } from './scenes/bedroom.ts';
import { kitchen } from './scenes/kitchen.ts';
import { livingroom } from './scenes/livingroom.ts';
import type { Scene, SceneName } from './scenes/scene.ts';
import { tasksOf } from './tasks.ts';
import { verbsOf } from './verbs.ts';

export const scenes: Readonly<Record<SceneName, Scene>> = { kitchen, bedroom, livingroom, bathroom };

/**
 * How often each kind of room is drawn. Kitchens have three task types of their own (heat, cool, clean), so that with these weights the six
 * types come out about as often as in the official evaluation games.
 */
export const sceneWeights: readonly (readonly [SceneName, number])[] = [
  ['kitchen', 60],
  ['bedroom', 20],
  ['livingroom', 8],
  ['bathroom', 12],
];

// Smaller rooms are drawn again: official rooms have six receptacles at least, and tasks of a house should not run out.
const fewestReceptacles = 7;
const fewestTasks = 24;

/** The house of a seed: equal seeds give equal houses. It carries at least 24 different tasks. */
export function generateHouse(seed: string): House {
  const random = randomFor(`house/${seed}`);
  const scene = random.draw(sceneWeights);
  for (;;) {
    const house = drawHouse(random, seed, scene);
    if (house.receptacles.length >= fewestReceptacles && tasksOf(house).length >= fewestTasks) return house;
  }
}

function drawHouse(random: Random, seed: string, scene: SceneName): House {
  const refusal = drawRefusal(random, scene);
  const counts = new Map(scenes[scene].receptacles.map(({ kind, count }) => [kind, random.draw(count)]));
  if (refusal) counts.set(appliances[refusal.process], refusal.refuses.length + 1);
  const receptacles = locate(random, counts);
  const habits = habitsOf(random, scenes[scene], receptacles);
  const panel = panelOf(receptacles);
  const dialect = drawDialect(random, scene, verbsOf(panel, random));
  return {
    id: `${scene}-${contentHash(`house/${seed}`).slice(0, 10)}`,
    seed,
    scene,
    panel,
    receptacles,
    habits,
    rules: { ...(refusal && { refusal }), ...(dialect && { dialect }) },
  };
}
