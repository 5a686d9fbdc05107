import type { ModelCall, PolicyTurn } from '@skillrl/core';
import { aTask, scriptedChatModel } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { compactPolicy } from './compact-policy.ts';

const room =
  'You are in the middle of a room. Looking quickly around you, you see a desk 2, a desk 1, and a bed 1.\n\nYour task is to: put a mug in desk.';

/** Plays what the model is told to say, and returns its calls with the prompts it was asked and whether its thread was cut before. */
async function play(said: readonly string[]) {
  const calls: (ModelCall & { readonly prompt: string; readonly wasReleased: boolean })[] = [];
  const model = scriptedChatModel(said);
  let wasReleased = false;
  const released: boolean[] = [];
  const policy = compactPolicy({
    ...model,
    chat: (request) => {
      released.push(wasReleased);
      wasReleased = false;
      return model.chat(request);
    },
    release: () => {
      wasReleased = true;
    },
  });
  const steps: PolicyTurn['steps'][number][] = [];
  while (calls.length < said.length) {
    const turn = { episodeId: 'e', task: aTask(), initialObservation: room, steps };
    const { action, calls: made } = await policy.act(turn, { seed: 1 });
    for (const call of made) {
      const prompt = model.requests[calls.length]?.prompt as string;
      calls.push({ ...call, prompt, wasReleased: released[calls.length] === true });
    }
    steps.push({
      index: steps.length,
      actionId: `a${steps.length}`,
      action,
      callIds: [],
      observation: 'Nothing happens.',
      reward: 0,
      calls: made,
    });
  }
  return calls;
}

describe('the thread of calls', () => {
  it('goes on where each prompt continues all that was said, so that what was sampled stays what it is', async () => {
    const calls = await play(['sure 4\n', ' look\n', ' go to desk 1\n']);
    expect(calls.map(({ parent }) => parent)).toEqual([undefined, 'e.c0', 'e.c1']);
    expect(calls.map(({ confidence }) => confidence)).toEqual([0.4, undefined, undefined]);
    for (const [index, call] of calls.slice(1).entries()) {
      const before = calls[index]!;
      expect(call.prompt).toBe(before.prompt + before.completion + call.newMessages[0]!.content);
      expect(call.wasReleased).toBe(false);
    }
  });

  it.each([
    ['a confidence that is none', ['maybe', ' look\n'], 1],
    ['an empty line in its place', ['\n', ' look\n'], 1],
    ['an action that does not begin with a blank', ['sure 4\n', 'look\n', ' look\n'], 2],
    ['an empty action', ['sure 4\n', '\n', ' look\n'], 2],
  ])(
    'begins anew after %s: the next call is told the whole prompt, and the model forgets the thread',
    async (...row) => {
      const [, said, broken] = row;
      const call = (await play(said))[broken]!;
      expect(call.parent).toBeUndefined();
      expect(call.newMessages[0]!.content).toBe(call.prompt);
      expect(call.wasReleased).toBe(true);
    },
  );
});
