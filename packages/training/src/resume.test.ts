import type { TrainerFault } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import {
  endOf,
  endsAlike,
  everySecond,
  iterations,
  shortRecipe,
  small,
  untouched,
} from '../test-support/killed-run.ts';
import { lab } from '../test-support/lab.ts';
import { type Death, Killed, mortal } from '../test-support/mortal.ts';
import { runLab } from '../test-support/run.ts';
import { trainingRecipe } from './recipe.ts';

describe('a run that is killed and goes on', () => {
  it('ends as if nothing had happened, whichever call it dies before or after', async () => {
    const whole = await untouched();
    expect(whole.calls).toBeGreaterThan(80);
    expect(whole.end.bank.length).toBeGreaterThan(0);
    expect(whole.end.surplusSaves).toBe(0);
    const differing: Death[] = [];
    // Every call in turn: `resume.long.test.ts`.
    for (let at = 1; at <= whole.calls; at += 7) {
      const death: Death = { at, when: at % 2 === 0 ? 'before' : 'after' };
      if (!(await endsAlike(death, whole.end))) differing.push(death);
    }
    expect(differing).toEqual([]);
  });

  it('ends as if nothing had happened when it dies again and again', async () => {
    const whole = await untouched();
    const world = lab(small);
    let deaths = 0;
    for (let isDone = false; !isDone; deaths += isDone ? 0 : 1) {
      const process = mortal(await world.ports(), everySecond, { at: 17 + (deaths % 5), when: 'after' });
      isDone = await runLab(world, shortRecipe, iterations, process.ports, process.promote).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          return false;
        },
      );
    }
    expect(deaths).toBeGreaterThan(5);
    expect(await endOf(world)).toEqual(whole.end);
  });

  it.each(['dies-before', 'dies-after'] as const)(
    'outlives a trainer that %s any one of its calls, gathered gradients and steps lost',
    async (fault) => {
      const whole = await untouched();
      for (const name of ['load', 'forward', 'forwardBackward', 'step', 'save', 'exportWeights'] as const) {
        for (const nth of [1, 2, 3]) {
          const world = lab({ ...small, trainer: { faults: faultAt(name, nth, fault) } });
          await runLab(world, shortRecipe, iterations, await world.ports(), everySecond);
          expect(await endOf(world), `${fault} ${name} ${nth}`).toEqual(whole.end);
        }
      }
    },
  );

  it('stands still while the disk is full, and goes on when it is not', async () => {
    const whole = await untouched();
    for (const name of ['save', 'exportWeights'] as const) {
      const world = lab({ ...small, trainer: { faults: faultAt(name, 2, 'disk-full') } });
      await expect(runLab(world, shortRecipe, iterations, await world.ports(), everySecond)).rejects.toMatchObject({
        code: 'DISK_FULL',
      });
      await runLab(world, shortRecipe, iterations, await world.ports(), everySecond);
      expect(await endOf(world)).toEqual(whole.end);
    }
  });

  it('refuses to go on with another plan than was begun', async () => {
    const world = lab(small);
    const process = mortal(await world.ports(), everySecond, { at: 16, when: 'after' });
    await expect(runLab(world, shortRecipe, iterations, process.ports, everySecond)).rejects.toThrow(Killed);
    const other = trainingRecipe({ ...shortRecipe, seed: 2 });
    await expect(runLab(world, other, iterations, await world.ports(), everySecond)).rejects.toMatchObject({
      code: 'PLAN_DIFFERS',
    });
  });
});

/** A fault at the nth call of one method, after the base was saved and served. */
function faultAt(method: string, nth: number, fault: TrainerFault) {
  const isOfStart = method === 'save' || method === 'exportWeights' || method === 'load';
  let seen = isOfStart ? -1 : 0;
  return ({ name }: { readonly name: string }) => {
    if (name !== method) return undefined;
    seen += 1;
    return seen === nth ? fault : undefined;
  };
}
