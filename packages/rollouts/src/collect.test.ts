import type { EpisodeStore, Policy, RolloutSpec } from '@skillrl/core';
import { memoryEpisodeStore, scriptedEnvironment } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { collect, type RolloutRunner } from './collect.ts';
import { localRunner } from './local-runner.ts';
import { planRollouts } from './plan.ts';

const environment = scriptedEnvironment([
  { id: 'one', wins: ['a'], family: 'f' },
  { id: 'two', wins: ['a', 'b'], family: 'f' },
  { id: 'broken', wins: ['a', 'b', 'c'], breaksOn: 'b' },
]);

/** Says a, b, c, … in turn. */
const speller: Policy = {
  name: 'speller',
  version: '1',
  act: async (turn) => ({ action: 'abcdefghij'.charAt(turn.steps.length), calls: [] }),
};

async function plan(): Promise<RolloutSpec[]> {
  return planRollouts({ suite: 's', arms: ['x', 'y'], tasks: await environment.tasks(), samples: 2, purpose: 'train' });
}

function counting(runner: RolloutRunner): RolloutRunner & { readonly ran: string[] } {
  const ran: string[] = [];
  return { ...runner, ran, run: (spec, signal) => (ran.push(spec.id), runner.run(spec, signal)) };
}

function withoutTimes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (['startedAt', 'endedAt'].includes(key) ? undefined : inner)),
  );
}

describe('planRollouts', () => {
  it('gives the arms of a task equal seeds and different ids', async () => {
    const [x, y] = await plan();
    expect(x?.task).toEqual(y?.task);
    expect(x?.seed).toBe(y?.seed);
    expect(x?.id).not.toBe(y?.id);
  });

  it('gives every rollout an id of its own, the same in every plan', async () => {
    const specs = await plan();
    expect(new Set(specs.map(({ id }) => id)).size).toBe(12);
    expect(await plan()).toEqual(specs);
  });

  it('refuses a task that is listed twice', async () => {
    const [task] = await environment.tasks();
    expect(() => planRollouts({ suite: 's', arms: ['x'], tasks: [task!, task!], purpose: 'train' })).toThrow(/twice/);
  });
});

describe('collect', () => {
  const policies = { x: speller, y: speller };

  it('records an error on its own episode and goes on with the others', async () => {
    const rollouts = await collect(
      await plan(),
      localRunner(environment, policies, { parallel: 3 }),
      memoryEpisodeStore(),
    );
    expect(rollouts.filter(({ episode }) => episode.outcome?.status === 'success')).toHaveLength(8);
    const errored = rollouts.filter(({ episode }) => episode.outcome?.status === 'errored');
    expect(errored).toHaveLength(4);
    expect(errored[0]?.episode).toMatchObject({ end: 'errored', outcome: { error: { code: 'ENVIRONMENT_BROKEN' } } });
    expect(errored[0]?.episode.steps).toHaveLength(2);
  });

  it('does not repeat finished rollouts after an abort, and ends with the same result', async () => {
    const whole = await collect(await plan(), localRunner(environment, policies), memoryEpisodeStore());

    const store: EpisodeStore = memoryEpisodeStore();
    const stop = new AbortController();
    const first = counting(localRunner(environment, policies));
    await expect(
      collect(await plan(), first, store, {
        signal: stop.signal,
        progress: (event) => void (event.type === 'stage-advance' && event.done === 5 && stop.abort()),
      }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    const second = counting(localRunner(environment, policies));
    const resumed = await collect(await plan(), second, store);

    expect(first.ran.slice(0, 5).some((id) => second.ran.includes(id))).toBe(false);
    expect(second.ran).toHaveLength(7);
    expect(withoutTimes(resumed)).toEqual(withoutTimes(whole));
  });

  it('stops every worker when the runner itself is broken', async () => {
    const runner: RolloutRunner = {
      parallel: 4,
      run: async () => {
        throw new Error('no memory left');
      },
      close: async () => {},
    };
    await expect(collect(await plan(), runner, memoryEpisodeStore())).rejects.toThrow('no memory left');
  });

  it('truncates, and does not fail, an episode that reaches a limit of ours', async () => {
    const mute: Policy = { ...speller, act: async () => ({ action: 'z', calls: [] }) };
    const specs = (await plan()).slice(0, 1);
    const [rollout] = await collect(
      specs,
      localRunner(environment, { x: mute }, { limits: { maxSteps: 3 } }),
      memoryEpisodeStore(),
    );
    expect(rollout?.episode).toMatchObject({ end: 'truncated', outcome: { status: 'truncated', limit: '3 steps' } });
  });
});
