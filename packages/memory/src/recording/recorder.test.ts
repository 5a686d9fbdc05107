import { aModelCall, aTask, memoryEpisodeStore, verifiedFailure, verifiedSuccess } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { closeInterrupted } from './close-interrupted.ts';
import { recorder } from './recorder.ts';

const policy = { name: 'scripted', version: '1' };
const opening = { task: aTask(), purpose: 'train', policy } as const;

function setUp(redact?: (text: string) => string) {
  const episodes = memoryEpisodeStore();
  const clock = { time: 1_000, now: () => clock.time };
  return { episodes, clock, record: recorder({ episodes, clock, redact }) };
}

describe('recorder', () => {
  it('tells an episode from start to outcome', async () => {
    const { episodes, record } = setUp();
    const id = await record.start({ ...opening, bankRevision: 3, tags: { suite: 's' } });
    await record.observe(id, { observation: 'You are in a kitchen.' });
    const call = aModelCall();
    await record.modelCall(id, call);
    const actionId = await record.act(id, { action: 'take mug 1 from table 1', callIds: [call.id] });
    await record.answer(id, actionId, { observation: 'You take the mug 1.', changed: true, reward: 1 });
    await record.end(id, 'terminated');
    await record.outcome(id, verifiedSuccess);

    expect(await episodes.episode(id)).toMatchObject({
      bankRevision: 3,
      tags: { suite: 's' },
      initialObservation: 'You are in a kitchen.',
      calls: [{ id: call.id }],
      steps: [{ index: 0, action: 'take mug 1 from table 1', observation: 'You take the mug 1.', reward: 1 }],
      end: 'terminated',
      outcome: { status: 'success' },
    });
  });

  it('goes on with an episode that another recorder started', async () => {
    const { episodes, record } = setUp();
    const id = await record.start(opening);
    await record.act(id, { action: 'look' });
    await recorder({ episodes }).act(id, { action: 'go' });
    expect((await episodes.episode(id))?.steps.map(({ index, action }) => [index, action])).toEqual([
      [0, 'look'],
      [1, 'go'],
    ]);
  });

  it('counts a position for each of several actions taken at once, and matches their answers by id', async () => {
    const { episodes, record } = setUp();
    const id = await record.start(opening);
    const ids = await Promise.all(['a', 'b', 'c'].map((action) => record.act(id, { action })));
    await Promise.all(
      ids.toReversed().map((actionId, index) => record.answer(id, actionId, { observation: `answer ${2 - index}` })),
    );
    expect(
      (await episodes.episode(id))?.steps.map(({ index, action, observation }) => [index, action, observation]),
    ).toEqual([
      [0, 'a', 'answer 0'],
      [1, 'b', 'answer 1'],
      [2, 'c', 'answer 2'],
    ]);
  });

  it('stores once what is written twice', async () => {
    const { episodes, record } = setUp();
    const id = await record.start({ ...opening, episodeId: 'e1' });
    await record.start({ ...opening, episodeId: 'e1' });
    await record.act(id, { action: 'look', actionId: 'a1' });
    await record.act(id, { action: 'look', actionId: 'a1' });
    await record.end(id, 'terminated');
    await record.end(id, 'errored');
    await record.outcome(id, verifiedSuccess);
    await record.outcome(id, verifiedSuccess);
    expect(await episodes.events(id)).toHaveLength(4);
    expect((await episodes.episode(id))?.end).toBe('terminated');
  });

  it('takes an outcome back to an earlier one when the latest word says so', async () => {
    const { episodes, record, clock } = setUp();
    const id = await record.start(opening);
    for (const outcome of [verifiedSuccess, verifiedFailure, verifiedSuccess]) {
      clock.time += 1;
      await record.outcome(id, outcome);
    }
    expect((await episodes.episode(id))?.outcome?.status).toBe('success');
  });

  it('accepts ids as long as the store allows', async () => {
    const { episodes, record } = setUp();
    const id = await record.start({ ...opening, episodeId: 'e'.repeat(400) });
    await record.act(id, { action: 'look', actionId: 'a'.repeat(512) });
    expect((await episodes.episode(id))?.steps).toHaveLength(1);
  });
});

describe('redaction at write', () => {
  const hide = (text: string): string => text.replaceAll(/sk-\w+/gu, '[key]');

  it('keeps a secret out of every text of every event', async () => {
    const { episodes, record } = setUp(hide);
    const secret = 'sk-12345';
    const id = await record.start({ ...opening, task: aTask({ instruction: `use ${secret}` }), tags: { key: secret } });
    const facts = [{ subject: secret, relation: 'in', object: secret }];
    await record.observe(id, { observation: secret, facts, admissible: [secret] });
    await record.modelCall(id, aModelCall({ newMessages: [{ role: 'user', content: secret }], completion: secret }));
    const actionId = await record.act(id, { action: `say ${secret}` });
    await record.answer(id, actionId, { observation: secret });
    await record.outcome(id, { status: 'errored', error: { code: 'X', message: secret } });
    expect(JSON.stringify(await episodes.events(id))).not.toContain('12345');
  });

  it('drops the sampled tokens of a call whose text it changed, and keeps those of others', async () => {
    const { episodes, record } = setUp(hide);
    const id = await record.start(opening);
    const tokens = { completionIds: [1], logprobs: [-1], tokenizer: 't' };
    await record.modelCall(id, aModelCall({ completion: 'sk-1', tokens, newPromptIds: [5] }));
    await record.modelCall(id, aModelCall({ completion: 'fine', tokens, newPromptIds: [5] }));
    const calls = (await episodes.episode(id))?.calls;
    expect(calls?.map((call) => [call.tokens !== undefined, call.newPromptIds !== undefined])).toEqual([
      [false, true],
      [true, true],
    ]);
  });
});

describe('closeInterrupted', () => {
  it('closes what has been silent for long, and leaves what is still written to or has ended', async () => {
    const { episodes, record, clock } = setUp();
    const dead = await record.start(opening);
    const ended = await record.start(opening);
    await record.end(ended, 'terminated');
    const alive = await record.start(opening);
    clock.time = 10_000;
    await record.act(alive, { action: 'look' });

    expect(await closeInterrupted(episodes, clock, { olderThanMs: 5_000 })).toEqual([dead]);
    expect((await episodes.episode(dead))?.end).toBe('interrupted');
    expect((await episodes.episode(alive))?.end).toBeUndefined();
    expect((await episodes.episode(ended))?.end).toBe('terminated');
    expect(await closeInterrupted(episodes, clock, { olderThanMs: 5_000 })).toEqual([]);
  });
});
