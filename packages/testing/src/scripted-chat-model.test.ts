import { describe, expect, it } from 'vitest';

import { testChatModel } from './chat-model-suite.ts';
import { scriptedChatModel } from './scripted-chat-model.ts';

describe('scriptedChatModel', () => {
  testChatModel({
    create: () => scriptedChatModel((request) => (request.jsonSchema === undefined ? 'one two three four' : '"yes"')),
    isVaried: false,
  });

  it('gives its replies in order and keeps the requests', async () => {
    const model = scriptedChatModel(['first', { text: 'second', completionTokens: 9 }, new Error('broken')]);
    expect((await model.chat({ prompt: 'a' })).text).toBe('first');
    expect(await model.chat({ prompt: 'b' })).toMatchObject({ text: 'second', completionTokens: 9 });
    await expect(model.chat({ prompt: 'c' })).rejects.toThrow('broken');
    await expect(model.chat({ prompt: 'd' })).rejects.toMatchObject({ code: 'SCRIPT_ENDED' });
    expect(model.requests.map(({ prompt }) => prompt)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('refuses what its capabilities rule out', async () => {
    const model = scriptedChatModel(['x'], { capabilities: { messages: false } });
    await expect(model.chat({ prompt: [{ role: 'user', content: 'a' }] })).rejects.toMatchObject({
      code: 'CAPABILITY_MISSING',
    });
  });
});
