import { testEnvironment } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { alfworld } from './alfworld.ts';
import { drawPanel } from './houses/index.ts';
import { observedFacts } from './observed-facts.ts';

const { games } = drawPanel('development', { panelSeed: 'adapter', houses: 2, tasksPerHouse: 2 });
const listed = games.map((game) => ({
  id: game.id,
  instruction: game.instruction,
  family: game.family,
  type: game.taskType,
  split: game.split,
  file: game,
}));

describe('alfworld', () => {
  testEnvironment({
    create: () => alfworld({ games: listed }),
    winning: (task) => games.find((game) => game.id === task.id)?.walkthrough ?? [],
    idle: 'look',
  });

  it('tells what was seen, whether the world changed, and what is understood', async () => {
    const environment = alfworld({ games: listed });
    const [task] = await environment.tasks();
    const session = await environment.start(task!);
    const idle = await session.step('sing a song');
    expect(idle).toMatchObject({ observation: 'Nothing happens.', changed: false, stateKey: session.first.stateKey });
    const [command = ''] = session.first.admissible?.filter((each) => each.startsWith('go to')) ?? [];
    const arrived = await session.step(command);
    expect(arrived.changed).toBe(true);
    expect(arrived.facts).toEqual(observedFacts(arrived.observation));
    expect(arrived.admissible).toContain('inventory');
  });
});

describe('observedFacts', () => {
  it('reads surfaces, opened receptacles and empty ones', () => {
    expect(observedFacts('You arrive at cabinet 3. On the cabinet 3, you see a mug 1, and a plate 12.')).toEqual([
      { subject: 'mug 1', relation: 'in', object: 'cabinet 3' },
      { subject: 'plate 12', relation: 'in', object: 'cabinet 3' },
    ]);
    expect(observedFacts('You open the fridge 1. The fridge 1 is open. In it, you see a egg 2.')).toEqual([
      { subject: 'egg 2', relation: 'in', object: 'fridge 1' },
    ]);
    expect(observedFacts('The drawer 1 is open. In it, you see nothing.')).toEqual([]);
    expect(observedFacts('The fridge 1 is closed.')).toEqual([]);
  });
});
