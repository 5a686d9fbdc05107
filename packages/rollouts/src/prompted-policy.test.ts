import { type ChatMessage, type ChatModel, type ModelCall, ModelError, type PolicyTurn } from '@skillrl/core';
import { aTask, scriptedChatModel } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { promptedPolicy, type PromptFormat } from './prompted-policy.ts';

const format: PromptFormat = {
  version: 'plain',
  system: () => 'act',
  first: (_, observation) => observation,
  next: (observation) => observation,
  parse: (reply) => reply.trim(),
};

/** A model that takes so many messages and refuses more; it remembers what it was asked. */
function narrowModel(most: number): { readonly model: ChatModel; readonly asked: (readonly ChatMessage[])[] } {
  const asked: (readonly ChatMessage[])[] = [];
  const willing = scriptedChatModel(() => 'look');
  const model: ChatModel = {
    ...willing,
    async chat(request) {
      const messages = request.prompt as readonly ChatMessage[];
      if (messages.length > most) throw new ModelError({ code: 'CONTEXT_OVERFLOW', message: 'It does not fit.' });
      asked.push(messages);
      return willing.chat(request);
    },
  };
  return { model, asked };
}

const head: ChatMessage[] = [
  { role: 'system', content: 'act' },
  { role: 'user', content: 'a room' },
];

/** The turn after so many steps, told by one prompt that grew; the calls of `latest` are the last ones. */
function turnAfter(count: number, latest: readonly ModelCall[] = []): PolicyTurn {
  const steps = Array.from({ length: count }, (_, index) => {
    const parent = index === 0 ? undefined : `e.c${index - 1}`;
    const call: ModelCall = {
      id: `e.c${index}`,
      parent,
      model: 'm',
      newMessages: index === 0 ? head : [{ role: 'user', content: `seen ${index - 1}` }],
      completion: 'look',
      promptTokens: 1,
      completionTokens: 1,
    };
    const calls = [latest[index - count + latest.length] ?? call];
    return {
      index,
      actionId: `e.a${index}`,
      action: 'look',
      callIds: [`e.c${index}`],
      observation: `seen ${index}`,
      reward: 0,
      calls,
    };
  });
  return { episodeId: 'e', task: aTask(), initialObservation: 'a room', steps };
}

describe('promptedPolicy', () => {
  it('tells the whole episode while it fits, each prompt continuing the one before', async () => {
    const { model, asked } = narrowModel(100);
    const policy = promptedPolicy(model, format);
    const { calls } = await policy.act(turnAfter(3), { seed: 1 });
    expect(asked[0]).toHaveLength(2 + 2 * 3);
    expect(calls[0]).toMatchObject({ parent: 'e.c2', newMessages: [{ role: 'user', content: 'seen 2' }] });
  });

  it('leaves out the older half of the turns when the context is full, and keeps to that', async () => {
    const { model, asked } = narrowModel(10);
    const policy = promptedPolicy(model, format);
    const full = await policy.act(turnAfter(6), { seed: 1 });
    expect(asked[0]!.map(({ content }) => content)).toEqual([
      'act',
      'a room',
      'look',
      'seen 3',
      'look',
      'seen 4',
      'look',
      'seen 5',
    ]);
    // The prompt is a new one: it continues nothing.
    expect(full.calls[0]).toMatchObject({ parent: undefined, newMessages: asked[0] });
    // The next one continues it, for as long as it fits; the turn tells where it began.
    const again = promptedPolicy(model, format);
    const after = await again.act(turnAfter(7, full.calls), { seed: 1 });
    expect(asked[1]!.map(({ content }) => content)).toEqual([
      ...asked[0]!.map(({ content }) => content),
      'look',
      'seen 6',
    ]);
    expect(after.calls[0]).toMatchObject({ parent: 'e.c6', newMessages: [{ role: 'user', content: 'seen 6' }] });
  });

  it('gives up when not even the beginning fits, and passes other errors on', async () => {
    const policy = promptedPolicy(narrowModel(1).model, format);
    await expect(policy.act(turnAfter(5), { seed: 1 })).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' });
  });
});
