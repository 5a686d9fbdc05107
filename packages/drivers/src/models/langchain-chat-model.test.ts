import { join } from 'node:path';

import { AIMessage } from '@langchain/core/messages';
import { fakeModel } from '@langchain/core/testing';
import { ChatOllama } from '@langchain/ollama';
import {
  startOllamaWireServer,
  temporaryFolder,
  testChatModel,
  writeTinyModel,
  type OllamaWireServer,
} from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { langchainChatModel, type Sampling } from './langchain-chat-model.ts';

const modelPath = join(temporaryFolder(), 'tiny.gguf');
let server: OllamaWireServer;
beforeAll(async () => {
  writeTinyModel(modelPath);
  server = await startOllamaWireServer({ models: { 'tiny:1': modelPath } });
});
afterAll(() => server.close());

const prompt = [{ role: 'user', content: 'Where are the mugs?' }] as const;

describe('ChatOllama over the wire of Ollama', () => {
  const create = () =>
    langchainChatModel(
      ({ temperature, maxTokens, seed }: Sampling) =>
        new ChatOllama({ baseUrl: server.url, model: 'tiny:1', temperature, numPredict: maxTokens, seed }),
      { jsonSchema: true },
    );
  testChatModel({ create });

  it('is called by the class and the model', () => {
    expect(create().id).toBe('langchain:ChatOllama:tiny:1');
  });
});

describe('langchainChatModel', () => {
  it('hears what a request says of sampling, where the model is made for it', async () => {
    const made: Sampling[] = [];
    const model = langchainChatModel((sampling) => {
      made.push(sampling);
      return fakeModel().respond(new AIMessage('yes'));
    });
    await model.chat({ prompt, temperature: 0, maxTokens: 5, seed: -1 });
    expect(made.at(-1)).toEqual({ temperature: 0, maxTokens: 5, seed: 0x7f_ff_ff_ff });
  });

  it('takes a model that is made only with the word that it samples by itself', async () => {
    const model = fakeModel().respond(new AIMessage('yes'));
    expect(() => langchainChatModel(model)).toThrow(expect.objectContaining({ code: 'MODEL_SAMPLING_FIXED' }));
    const own = langchainChatModel(model, { sampling: 'own', id: 'mine' });
    expect(own.id).toBe('mine');
    expect(await own.chat({ prompt })).toMatchObject({ text: 'yes', finish: 'stop' });
  });

  it('says by its profile whether it keeps to a schema', async () => {
    const able = { invoke: async () => new AIMessage('x'), profile: { structuredOutput: true } };
    expect(langchainChatModel(able, { sampling: 'own' }).capabilities).toEqual({
      tokens: false,
      rawPrompt: false,
      messages: true,
      jsonSchema: true,
    });
    expect(langchainChatModel(fakeModel(), { sampling: 'own' }).capabilities.jsonSchema).toBe(false);
    const reply = langchainChatModel(able, { sampling: 'own' }).chat({ prompt, jsonSchema: { type: 'object' } });
    await expect(reply).rejects.toMatchObject({ code: 'MODEL_FAILED' });
  });

  it.each([
    ['length', { finish_reason: 'length' }],
    ['length', { stop_reason: 'max_tokens' }],
    ['length', { done_reason: 'length' }],
    ['length', { finishReason: 'MAX_TOKENS' }],
    ['length', { incomplete_details: { reason: 'max_output_tokens' } }],
    ['stop', { finish_reason: 'stop' }],
    ['stop', {}],
  ])('finishes by %s as servers say: %o', async (finish, metadata) => {
    const message = new AIMessage({
      content: 'half a',
      response_metadata: metadata,
      usage_metadata: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
    });
    const model = langchainChatModel(fakeModel().respond(message), { sampling: 'own' });
    expect(await model.chat({ prompt })).toEqual({ text: 'half a', finish, promptTokens: 3, completionTokens: 2 });
  });

  it('reads the text of content in blocks, and leaves thoughts out', async () => {
    const message = new AIMessage({
      content: [
        { type: 'reasoning', reasoning: 'hm' },
        { type: 'text', text: 'On the ' },
        { type: 'text', text: 'shelf.' },
      ],
    });
    const model = langchainChatModel(fakeModel().respond(message), { sampling: 'own' });
    expect((await model.chat({ prompt })).text).toBe('On the shelf.');
  });

  it('takes an empty reply after an abort for the abort', async () => {
    const controller = new AbortController();
    const forgetful = {
      invoke: async () => {
        controller.abort();
        return new AIMessage('');
      },
    };
    const model = langchainChatModel(forgetful, { sampling: 'own' });
    await expect(model.chat({ prompt, signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('keeps what the model threw as the cause', async () => {
    const broken = new Error('429');
    const model = langchainChatModel(fakeModel().alwaysThrow(broken), { sampling: 'own' });
    await expect(model.chat({ prompt })).rejects.toMatchObject({ code: 'MODEL_FAILED', cause: broken });
  });
});
