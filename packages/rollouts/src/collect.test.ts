import {
  ModelError,
  NetworkError,
  type EpisodeStore,
  type Policy,
  type Rollout,
  type RolloutSpec,
} from '@skillrl/core';
import { memoryEpisodeStore, scriptedEnvironment } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { collect, type RolloutRunner } from './collect.ts';
import { localRunner } from './local-runner.ts';
import { planRollouts } from './plan.ts';
import { episodeIdOf } from './run-episode.ts';

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

/** What of a rollout does not tell which attempt it was. */
function played({ episode: { task, outcome, end, steps } }: Rollout): unknown {
  return { task, outcome, end, actions: steps.map(({ action, observation }) => [action, observation]) };
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
        progress: (event) => void (event.type === 'stage-advance' && event.done === 4 && stop.abort()),
      }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    const second = counting(localRunner(environment, policies));
    const resumed = await collect(await plan(), second, store);

    expect(first.ran.slice(0, 4).some((id) => second.ran.includes(id))).toBe(false);
    expect(second.ran).toHaveLength(8);
    expect(withoutTimes(resumed)).toEqual(withoutTimes(whole));
  });

  it('tries what errored again when it is called again, identically planned, and keeps the log of the first attempt', async () => {
    const whole = await collect(await plan(), localRunner(environment, policies), memoryEpisodeStore());
    let isDown = true;
    const outage: Policy = {
      ...speller,
      act: (turn, options) => {
        if (isDown && turn.task.id === 'two') throw new NetworkError({ code: 'MODEL_DOWN', message: 'No answer.' });
        return speller.act(turn, options);
      },
    };
    const store = memoryEpisodeStore();
    const during = await collect(await plan(), localRunner(environment, { x: outage, y: speller }), store);
    expect(during.filter(({ episode }) => episode.outcome?.status === 'errored')).toHaveLength(6);

    isDown = false;
    const runner = counting(localRunner(environment, { x: outage, y: speller }));
    const after = await collect(await plan(), runner, store);
    const retried = during.filter(({ episode }) => episode.outcome?.status === 'errored').map(({ spec }) => spec);
    expect(runner.ran).toEqual(retried.map(({ id }) => id));
    expect(after.map(played)).toEqual(whole.map(played));
    expect(after.map(({ spec }) => spec)).toEqual(whole.map(({ spec }) => spec));
    for (const spec of retried) {
      expect((await store.episode(episodeIdOf(spec)))?.outcome?.status).toBe('errored');
      expect((await store.episode(episodeIdOf({ ...spec, attempt: 2 })))?.tags.attempt).toBe('2');
    }

    // What is broken for good is tried once a call, each time as one more attempt.
    const again = counting(localRunner(environment, policies));
    await collect(await plan(), again, store);
    expect(again.ran).toHaveLength(4);
    expect((await store.episode(episodeIdOf({ ...retried.at(-1)!, attempt: 3 })))?.outcome?.status).toBe('errored');
  });

  it('leaves errored rollouts as they are when it is told to', async () => {
    const store = memoryEpisodeStore();
    const first = await collect(await plan(), localRunner(environment, policies), store);
    const runner = counting(localRunner(environment, policies));
    expect(await collect(await plan(), runner, store, { retryErrored: false })).toEqual(first);
    expect(runner.ran).toEqual([]);
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

  it('truncates an episode whose prompt no longer fits the context of the model', async () => {
    const full: Policy = {
      ...speller,
      act: async (turn, options) => {
        if (turn.steps.length === 1) throw new ModelError({ code: 'CONTEXT_OVERFLOW', message: 'Too long.' });
        return speller.act(turn, options);
      },
    };
    const specs = (await plan()).filter(({ arm, task }) => arm === 'x' && task.id === 'two').slice(0, 1);
    const store = memoryEpisodeStore();
    const [rollout] = await collect(specs, localRunner(environment, { x: full }), store);
    expect(rollout?.episode).toMatchObject({ end: 'truncated', outcome: { status: 'truncated' } });
    const again = counting(localRunner(environment, { x: full }));
    await collect(specs, again, store);
    expect(again.ran).toEqual([]);
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
