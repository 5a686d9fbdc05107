import { ModelError, silentLogger, StoreError, type EpisodeStore } from '@skillrl/core';
import { aTask, hashEmbedder, memoryEntryStore, memoryEpisodeStore, scriptedChatModel } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { createMemory, type MemoryOptions, type MemoryPorts } from './create-memory.ts';

const task = { instruction: 'Name a prime above 90.' };

function setUp(ports: Partial<MemoryPorts> = {}, options: MemoryOptions = {}) {
  const episodes = ports.episodes ?? memoryEpisodeStore();
  const entries = ports.entries ?? memoryEntryStore();
  const told: string[] = [];
  const note = (message: string): void => void told.push(message);
  const logger = { ...silentLogger, warn: note, error: note };
  const memory = createMemory(
    { embedder: hashEmbedder(), logger, ...ports, episodes, entries },
    { recall: { withholdProbability: 0 }, ...options },
  );
  return { episodes, entries, memory, told };
}

/** A store whose chosen methods fail. */
function broken<Store extends object>(store: Store, ...methods: readonly (keyof Store)[]): Store {
  const fail = () => Promise.reject(new StoreError({ code: 'STORE_FAILED', message: 'disk gone' }));
  return { ...store, ...Object.fromEntries(methods.map((method) => [method, fail])) };
}

describe('the main story', () => {
  it('remembers a success and a failure, learns from both, and gives them back', async () => {
    const { memory, episodes } = setUp();
    const model = scriptedChatModel(['91', '97', '97']);
    const grade = (answer: string): boolean => answer.includes('97');
    const run = async () =>
      memory.run(
        task,
        async (episode) => episode.call(model, `${(await episode.recall()).text}\n${task.instruction}`),
        { grade },
      );

    const failure = await run();
    const success = await run();
    expect([failure.outcome?.status, success.outcome?.status]).toEqual(['failure', 'success']);
    expect(await memory.learn()).toMatchObject({ distilled: 2, added: [expect.any(String), expect.any(String)] });
    expect((await memory.search('prime')).map(({ kind }) => kind).toSorted()).toEqual(['demonstration', 'lesson']);

    const third = await run();
    const [call] = (await episodes.episode(third.episodeId))!.calls;
    expect(call?.newMessages[0]?.content).toContain('97');
    expect(call?.recall?.shown).toHaveLength(2);
    expect((await memory.stats()).entries).toMatchObject({
      total: 2,
      kinds: { demonstration: 1, lesson: 1 },
      statuses: { trial: 2 },
    });
    expect((await memory.stats()).episodes).toMatchObject({ success: 2, failure: 1 });
  });

  it('compares a failure with a success whichever came first', async () => {
    const { memory } = setUp();
    for (const answer of ['91', '97']) await memory.run(task, () => answer, { grade: (given) => given === '97' });
    await memory.learn();
    const lesson = (await memory.search('prime')).find(({ kind }) => kind === 'lesson');
    expect(lesson?.kind === 'lesson' && lesson.body.correction).toContain('97');
  });
});

describe('run', () => {
  it('records the calls, the steps and the answer as the last action', async () => {
    const { memory, episodes } = setUp();
    const { episodeId, answer } = await memory.run(
      { ...task, id: 'primes', family: 'arithmetic' },
      async (episode) => {
        await episode.step('search primes', { observation: '89, 97', trust: 'tool' });
        return { prime: Number(await episode.call(scriptedChatModel(['97']), 'Which?')) };
      },
      { tags: { user: 'ann' }, purpose: 'admit' },
    );
    expect(answer).toEqual({ prime: 97 });
    const episode = await episodes.episode(episodeId);
    expect(episode).toMatchObject({
      task: { id: 'primes', environment: 'user', family: 'arithmetic', domainKind: 'convergent' },
      purpose: 'admit',
      tags: { user: 'ann' },
      bankRevision: 0,
      end: 'terminated',
      steps: [
        { action: 'search primes', observation: '89, 97', trust: 'tool' },
        { action: '{"prime":97}', callIds: [episode!.calls[0]!.id] },
      ],
    });
    expect(episode?.outcome).toBeUndefined();
  });

  it('takes equal instructions for one task', async () => {
    const { memory, episodes } = setUp();
    const ids = await Promise.all([1, 2].map(async () => (await memory.run(task, () => 'x')).episodeId));
    const [one, other] = await Promise.all(ids.map((id) => episodes.episode(id)));
    expect(one?.task.id).toBe(other?.task.id);
    expect(one?.id).not.toBe(other?.id);
  });

  it.each([
    [true, 'success', 1],
    [false, 'failure', 0],
    [1, 'success', 1],
    [0.4, 'failure', 0.4],
  ] as const)('makes of the grade %s a %s of score %s', async (grade, status, score) => {
    const { memory } = setUp();
    const { outcome } = await memory.run(task, () => 'x', { grade: () => grade });
    expect(outcome).toEqual({ status, score, source: 'user', verified: true });
  });

  it('closes the episode as errored when the work throws, and throws on', async () => {
    const { memory, episodes } = setUp();
    let id = '';
    const failure = new ModelError({ code: 'MODEL_UNREACHABLE', message: 'nobody answers' });
    const work = memory.run(task, (episode) => {
      id = episode.id;
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(await episodes.episode(id)).toMatchObject({
      end: 'errored',
      outcome: { status: 'errored', error: { code: 'MODEL_UNREACHABLE' } },
    });
    expect(await memory.learn()).toMatchObject({ distilled: 0, skipped: { errored: 1 } });
  });

  it('closes the episode as errored when the grade throws or is none, and throws on', async () => {
    const { memory } = setUp();
    await expect(
      memory.run(task, () => 'x', {
        grade: () => {
          throw new TypeError('a bug');
        },
      }),
    ).rejects.toThrow('a bug');
    await expect(memory.run(task, () => 'x', { grade: () => Number.NaN })).rejects.toMatchObject({
      code: 'GRADE_INVALID',
    });
    expect((await memory.stats()).episodes.errored).toBe(2);
  });

  it('records no empty answer', async () => {
    const { memory, episodes } = setUp();
    for (const nothing of [undefined, '', () => 1]) {
      const { episodeId } = await memory.run<unknown>(task, () => nothing);
      expect((await episodes.episode(episodeId))?.steps).toEqual([]);
    }
  });

  it('hides secrets everywhere when it is told how', async () => {
    const { memory, episodes } = setUp({}, { redact: (text) => text.replaceAll('s3cret', '[hidden]') });
    const { episodeId } = await memory.run({ instruction: 'use s3cret' }, (episode) =>
      episode.call(scriptedChatModel(['s3cret']), 's3cret'),
    );
    expect(JSON.stringify(await episodes.events(episodeId))).not.toContain('s3cret');
  });
});

describe('a memory that fails', () => {
  it.each([
    ['append', { episodes: broken(memoryEpisodeStore(), 'append') }],
    ['events', { episodes: broken(memoryEpisodeStore(), 'events') }],
    ['revision and view', { entries: broken(memoryEntryStore(), 'revision', 'view') }],
    [
      'everything',
      {
        episodes: broken(memoryEpisodeStore(), 'append', 'events', 'episode'),
        entries: broken(memoryEntryStore(), 'revision', 'view', 'changesAfter'),
      },
    ],
  ])('never fails a run: %s', async (_what, ports) => {
    const { memory, told } = setUp(ports as Partial<MemoryPorts>);
    const run = await memory.run(
      task,
      async (episode) => {
        const advice = await episode.recall();
        await episode.step('think', { observation: 'ok' });
        return advice.text + (await episode.call(scriptedChatModel(['97']), 'Which?'));
      },
      { grade: (answer) => answer === '97' },
    );
    expect(run).toMatchObject({ answer: '97', outcome: { status: 'success' } });
    if (_what !== 'events') expect(told.length).toBeGreaterThan(0);
  });

  it('stores what waited once the store is back', async () => {
    const store = memoryEpisodeStore();
    let isDown = true;
    const flaky: EpisodeStore = {
      ...store,
      append: (events) => (isDown ? broken(store, 'append').append(events) : store.append(events)),
    };
    const { memory } = setUp({ episodes: flaky });
    const { episodeId } = await memory.run(task, () => '97', { grade: () => true });
    expect(await store.episode(episodeId)).toBeUndefined();
    isDown = false;
    await memory.close();
    expect(await store.episode(episodeId)).toMatchObject({
      end: 'terminated',
      steps: [{ action: '97' }],
      outcome: { status: 'success' },
    });
  });

  it('says in the note of the next call why nothing was recalled', async () => {
    const { memory, episodes } = setUp({ entries: broken(memoryEntryStore(), 'view') });
    const { episodeId } = await memory.run(task, async (episode) => {
      await episode.recall();
      return episode.call(scriptedChatModel(['97']), 'Which?');
    });
    expect((await episodes.episode(episodeId))?.calls[0]?.recall?.degraded).toContain('disk gone');
  });
});

describe('outcome', () => {
  it('may come later, and again', async () => {
    const { memory } = setUp();
    const { episodeId } = await memory.run(task, () => '97');
    expect(await memory.learn()).toMatchObject({ skipped: { unknown: 1 } });
    await memory.outcome(episodeId, true);
    await memory.outcome(episodeId, true);
    expect(await memory.learn()).toMatchObject({ distilled: 1, added: [expect.any(String)] });
  });

  it('refuses an episode that nobody knows, and a grade that is none', async () => {
    const { memory } = setUp();
    await expect(memory.outcome('nobody', true)).rejects.toMatchObject({ code: 'EPISODE_UNKNOWN' });
    const { episodeId } = await memory.run(task, () => '97');
    await expect(memory.outcome(episodeId, 1.5)).rejects.toMatchObject({ code: 'GRADE_INVALID' });
  });
});

describe('learning with a model', () => {
  it('lets the model write the lessons when one is given', async () => {
    const { memory } = setUp({ distillerModel: scriptedChatModel(['no JSON', 'still none']) });
    await memory.run(task, () => '91', { grade: () => false });
    expect((await memory.learn()).rejected).toMatchObject([{ distiller: 'chat-model', raw: 'still none' }]);
  });
});

describe('a bank that travels', () => {
  it('is the same in another memory', async () => {
    const { memory } = setUp();
    await memory.run(task, () => '97', { grade: () => true });
    await memory.learn();
    const { memory: other } = setUp();
    expect(await other.import(memory.export())).toMatchObject({ intact: true, added: 1 });
    expect(await Array.fromAsync(other.export())).toEqual(await Array.fromAsync(memory.export()));
  });
});

it("may be closed twice, and leaves the stores open, which are the caller's", async () => {
  const { memory, episodes } = setUp();
  {
    await using held = memory;
    await held.run(aTask(), () => 'x');
    await held.close();
  }
  expect(await Array.fromAsync(episodes.episodes())).toHaveLength(1);
});
