import { type Environment, type Task, type TimeStep } from '@skillrl/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface EnvironmentSuite {
  create(): Environment | Promise<Environment>;
  /** Actions that win the task within its limit. */
  winning(task: Task): readonly string[] | Promise<readonly string[]>;
  /** An action that every task of the environment takes and that changes nothing. */
  readonly idle: string;
}

/** What every environment promises: semantics of time steps, of endings, and that equal actions give equal answers. */
export function testEnvironment({ create, winning, idle }: EnvironmentSuite): void {
  describe('as an Environment', () => {
    let environment: Environment;
    let task: Task;
    beforeAll(async () => {
      environment = await create();
      task = (await environment.tasks({ limit: 1 }))[0] as Task;
    });
    afterAll(() => environment.close());

    it('lists tasks that it knows by id and that name it', async () => {
      expect(task.environment).toBe(environment.name);
      expect(await environment.task(task.id)).toEqual(task);
    });

    it('refuses an unknown task by name', async () => {
      await expect(environment.task('no such task')).rejects.toMatchObject({ code: 'TASK_UNKNOWN' });
    });

    it('is won by winning actions, and only the last step ends it', async () => {
      const steps = await playThrough(environment, task, await winning(task));
      expect(steps.slice(0, -1).every((step) => step.type === 'mid')).toBe(true);
      expect(steps.at(-1)).toMatchObject({ type: 'last', ended: 'terminated', success: true, score: 1 });
    });

    it('gives equal answers to equal actions', async () => {
      const actions = [idle, ...(await winning(task))];
      expect(await playThrough(environment, task, actions)).toEqual(await playThrough(environment, task, actions));
    });

    it('takes its own step limit for a failure with reward 0, not for a truncation', async (context) => {
      const limit = task.maxSteps;
      if (limit === undefined) return context.skip('the tasks have no step limit');
      const steps = await playThrough(
        environment,
        task,
        Array.from({ length: limit }, () => idle),
      );
      expect(steps).toHaveLength(limit);
      expect(steps.at(-1)).toMatchObject({ type: 'last', ended: 'terminated', success: false, reward: 0 });
    });

    it('refuses to step on after the end', async () => {
      const session = await environment.start(task);
      for (const action of await winning(task)) await session.step(action);
      await expect(session.step(idle)).rejects.toMatchObject({ code: 'EPISODE_ENDED' });
      await session.close();
    });

    it('goes on from a snapshot as it did the first time', async (context) => {
      const session = await environment.start(task);
      if (session.snapshot === undefined || session.restore === undefined)
        return context.skip('the environment has no snapshots');
      const actions = await winning(task);
      const [head = idle, ...rest] = actions;
      if (rest.length > 0) await session.step(head);
      const snapshot = session.snapshot();
      const remaining = rest.length > 0 ? rest : actions;
      const once: TimeStep[] = [];
      for (const action of remaining) once.push(await session.step(action));
      session.restore(snapshot);
      const again: TimeStep[] = [];
      for (const action of remaining) again.push(await session.step(action));
      expect(again).toEqual(once);
      await session.close();
    });

    it('plays several sessions side by side', async () => {
      const [a, b] = await Promise.all([environment.start(task), environment.start(task)]);
      const actions = await winning(task);
      for (const action of actions) {
        const [one, two] = await Promise.all([a.step(action), b.step(action)]);
        expect(one).toEqual(two);
      }
      await Promise.all([a.close(), b.close()]);
    });
  });
}

async function playThrough(environment: Environment, task: Task, actions: readonly string[]): Promise<TimeStep[]> {
  const session = await environment.start(task, { seed: 1 });
  const steps: TimeStep[] = [];
  for (const action of actions) steps.push(await session.step(action));
  await session.close();
  return steps;
}
