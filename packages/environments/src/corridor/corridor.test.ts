import { testEnvironment } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';
import { boxOfCoin, corridor } from './corridor.ts';

/** From the box the task starts at to the one with the coin. */
function winning({ id, family = '' }: { readonly id: string; readonly family?: string }): string[] {
  const away = boxOfCoin(family, 5) - Number(id.split('-').at(-1));
  return [...Array.from({ length: Math.abs(away) }, () => (away < 0 ? 'left' : 'right')), 'open'];
}

describe('corridor', () => {
  testEnvironment({ create: () => corridor(), winning, idle: 'wait' });

  it('hides the coin of a corridor in the same box in every task, and says where it was found', async () => {
    const environment = corridor();
    const tasks = await environment.tasks({ family: 'corridor-2' });
    expect(tasks).toHaveLength(4);
    const found = new Set<unknown>();
    for (const task of tasks) {
      const session = await environment.start(task);
      const steps = await Array.fromAsync(winning(task), (action) => session.step(action));
      found.add(JSON.stringify(steps.at(-1)?.facts));
    }
    expect([...found]).toEqual([JSON.stringify([{ subject: 'coin 1', relation: 'in', object: 'box 5' }])]);
  });

  it('tells walls, empty boxes and words it does not know from what changes something', async () => {
    const environment = corridor();
    const session = await environment.start(await environment.task('corridor-2/task-1'));
    expect(await session.step('left')).toMatchObject({ observation: 'There is a wall.', changed: false });
    expect(await session.step('open')).toMatchObject({ observation: 'Box 1 is empty.', changed: false });
    expect(await session.step('dig')).toMatchObject({ observation: 'Nothing happens.', changed: false });
    expect(await session.step('right')).toMatchObject({
      observation: 'You stand at box 2.',
      changed: true,
      stateKey: '2',
    });
  });
});
