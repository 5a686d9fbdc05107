import { testEnvironment } from '@skillrl/testing';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';

import { alfworld } from './alfworld.ts';
import { houseGame } from './alfworld-game.ts';
import { drawPanel } from './houses/index.ts';
import { observedFacts } from './observed-facts.ts';

const { games } = drawPanel('development', { panelSeed: 'adapter', houses: 2, tasksPerHouse: 2 });
const listed = games.map(houseGame);
const winning = (id: string) => games.find((game) => game.id === id)?.walkthrough ?? [];

describe('alfworld', () => {
  testEnvironment({ create: () => alfworld({ games: listed }), winning: ({ id }) => winning(id), idle: 'look' });

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

  it('lists the tasks of a family, a type, a split', async () => {
    const environment = alfworld({ games: listed });
    const [first] = listed;
    expect(await environment.tasks({ family: first!.family })).toHaveLength(2);
    expect(await environment.tasks({ split: 'development', limit: 3 })).toHaveLength(3);
    expect(await environment.tasks({ split: 'test' })).toEqual([]);
    expect((await environment.tasks({ type: first!.type })).map(({ type }) => type)).toContain(first!.type);
  });

  it('does not tell by the type what a made-up verb means', () => {
    const spoken = drawPanel('development', { panelSeed: 'adapter', houses: 8, tasksPerHouse: 4 }).games.filter(
      ({ verb }) => verb,
    );
    expect(spoken.length).toBeGreaterThan(0);
    expect(new Set(spoken.map((game) => houseGame(game).type))).toEqual(new Set(['pick_made_up_then_place_in_recep']));
  });

  it('reads a file that is given as a function once, when the game is first played', async () => {
    let reads = 0;
    const lazy = { ...listed[0]!, file: async () => ((reads += 1), games[0]!) };
    const environment = alfworld({ games: [lazy] });
    const task = await environment.task(lazy.id);
    expect(reads).toBe(0);
    await environment.start(task);
    await environment.start(task);
    expect(reads).toBe(1);
  });

  it('stops at the limit of the task it is given', async () => {
    const environment = alfworld({ games: listed, maxSteps: 30 });
    const task = { ...(await environment.task(listed[0]!.id)), maxSteps: 2 };
    const session = await environment.start(task);
    expect(await session.step('look')).toMatchObject({ type: 'mid' });
    expect(await session.step('look')).toMatchObject({ type: 'last', ended: 'terminated', success: false });
  });

  it('can be restored after its end to before it', async () => {
    const environment = alfworld({ games: listed });
    const task = await environment.task(listed[0]!.id);
    const session = await environment.start(task);
    const commands = winning(task.id);
    for (const command of commands.slice(0, -1)) await session.step(command);
    const before = session.snapshot?.();
    const won = await session.step(commands.at(-1)!);
    const after = session.snapshot?.();
    session.restore?.(before);
    expect(await session.step(commands.at(-1)!)).toEqual(won);
    session.restore?.(after);
    await expect(session.step('look')).rejects.toMatchObject({ code: 'EPISODE_ENDED' });
  });

  it('does not start when it is aborted', async () => {
    const environment = alfworld({ games: listed });
    const task = await environment.task(listed[0]!.id);
    await expect(environment.start(task, { signal: AbortSignal.abort() })).rejects.toThrowError('abort');
  });
});

describe('alfworld in worker threads', () => {
  testEnvironment({
    create: () => alfworld({ games: listed, threads: 2 }),
    winning: ({ id }) => winning(id),
    idle: 'look',
  });

  it('answers as in this thread', async () => {
    const here = alfworld({ games: listed });
    const there = alfworld({ games: listed, threads: 2 });
    for (const task of await here.tasks()) {
      const [a, b] = [await here.start(task), await there.start(task)];
      expect(b.first).toEqual(a.first);
      for (const command of ['nonsense', ...winning(task.id)])
        expect(await b.step(command)).toEqual(await a.step(command));
    }
    await there.close();
  });

  it('says so when a game cannot be played', async () => {
    const broken = { ...listed[0]!, file: { pddl_domain: '', grammar: '', pddl_problem: '' } };
    const environment = alfworld({ games: [broken], threads: 1 });
    await expect(environment.start(await environment.task(broken.id))).rejects.toMatchObject({ code: 'GAME_INVALID' });
    await environment.close();
  });

  it('says so when it was closed', async () => {
    const environment = alfworld({ games: listed, threads: 1 });
    const session = await environment.start(await environment.task(listed[0]!.id));
    await environment.close();
    await expect(session.step('look')).rejects.toMatchObject({ code: 'WORKER_ENDED', retryable: true });
    await session.close();
  });

  it('starts another thread in place of one that died', async () => {
    const posted = vi.spyOn(Worker.prototype, 'postMessage');
    const environment = alfworld({ games: listed, threads: 1 });
    const task = await environment.task(listed[0]!.id);
    const session = await environment.start(task);
    await (posted.mock.contexts[0] as Worker).terminate();
    posted.mockRestore();
    await expect(session.step('look')).rejects.toMatchObject({ code: 'WORKER_ENDED' });
    expect((await environment.start(task)).first).toEqual(session.first);
    await environment.close();
  });

  it('does not count a game that could not be started', async () => {
    const broken = { ...listed[0]!, id: 'broken', file: { pddl_domain: '', grammar: '', pddl_problem: '' } };
    const started = vi.spyOn(Worker.prototype, 'ref');
    const environment = alfworld({ games: [broken, ...listed], threads: 2 });
    const start = async (id: string) => environment.start(await environment.task(id));
    await expect(start(broken.id)).rejects.toMatchObject({ code: 'GAME_INVALID' });
    await (await start(listed[0]!.id)).close();
    expect(new Set(started.mock.contexts).size).toBe(1);
    started.mockRestore();
    await environment.close();
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

  it('reads where something was set down, in both styles', () => {
    const fact = { subject: 'mug 1', relation: 'in', object: 'desk 2' };
    expect(observedFacts('You move the mug 1 to the desk 2.')).toEqual([fact]);
    expect(observedFacts('You put the mug 1 in/on the desk 2.')).toEqual([fact]);
    expect(observedFacts('You pick up the mug 1 from the desk 2.')).toEqual([]);
  });

  it('reads nothing from what surrounds the agent', () => {
    const room = 'You are in the middle of a room. Looking quickly around you, you see a bed 1, and a desk 1.';
    expect(observedFacts(room)).toEqual([]);
    expect(observedFacts('You are facing the desk 1. Next to it, you see nothing.')).toEqual([]);
  });
});
