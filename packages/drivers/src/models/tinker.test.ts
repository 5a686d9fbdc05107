import { join } from 'node:path';

import {
  startTinkerWireServer,
  temporaryFolder,
  testChatModel,
  tinyVocabularySize,
  type TinkerWireServer,
  type TinkerWireServerOptions,
  writeTinyModel,
} from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { tinkerTrainer } from '../trainers/tinker/tinker-trainer.ts';
import { chatModel } from './chat-model.ts';
import { tinkerModel } from './tinker.ts';

const tokenizer = join(temporaryFolder(), 'tiny.gguf');
const open: TinkerWireServer[] = [];
const token = 'secret';
const started = async (options: TinkerWireServerOptions = {}): Promise<TinkerWireServer> => {
  const server = await startTinkerWireServer({ vocabulary: tinyVocabularySize(), context: 1024, token, ...options });
  open.push(server);
  return server;
};
beforeAll(() => writeTinyModel(tokenizer));
afterAll(() => Promise.all(open.map((server) => server.close())));

/** A version that the trainer keeps. */
async function keptBy({ url }: TinkerWireServer) {
  const model = await tinkerTrainer({ url, token }).open({ base: 'tiny' });
  const { sampler = '' } = await model.exportWeights('v1', join(temporaryFolder(), 'v1'), { keep: true });
  return { model, path: sampler };
}

describe('tinkerModel over the wire of a trainer', () => {
  let server: TinkerWireServer;
  let path: string;
  beforeAll(async () => {
    server = await started();
    ({ path } = await keptBy(server));
  });
  const opened = (reconnectMs = 100) =>
    tinkerModel({ path, trainer: { url: server.url, token }, tokenizer, reconnectMs });

  testChatModel({
    create: () => chatModel(`${path}@${server.url}#${tokenizer}`, { trainerToken: token }),
    prompt: ' go to desk 1\n>',
    tooLong: ' go to desk 1'.repeat(300),
  });

  it('samples what the trainer computes: its log-probabilities are those of forward', async () => {
    const { model, path: kept } = await keptBy(server);
    const chat = tinkerModel({ path: kept, trainer: { url: server.url, token }, tokenizer });
    const { tokens, newPromptIds = [] } = await chat.chat({ prompt: ' go to', temperature: 1, seed: 3, maxTokens: 12 });
    const ids = [...newPromptIds, ...(tokens?.completionIds ?? [])];
    const { logprobs } = await model.forward([{ ids, weights: ids.map((_, place) => (place === 0 ? 0 : 1)) }]);
    const expected = logprobs[0]!.slice(newPromptIds.length);
    expect(tokens?.logprobs).toHaveLength(12);
    for (const [place, logprob] of expected.entries()) expect(tokens?.logprobs[place]).toBeCloseTo(logprob, 6);
  });

  it('sends a conversation as the ids it was sampled as, whatever its text would be made into', async () => {
    const chat = opened();
    let prompt = ' go to desk 1\n>';
    let expected: readonly number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const reply = await chat.chat({ prompt, cacheKey: 'episode', temperature: 1, seed: turn, maxTokens: 6 });
      const sent = server.requests.findLast(({ route }) => route === 'POST /asample')?.body as {
        readonly prompt: { readonly chunks: readonly { readonly tokens: readonly number[] }[] };
      };
      expected = [...expected, ...(reply.newPromptIds ?? [])];
      expect(sent.prompt.chunks[0]?.tokens).toEqual(expected);
      // The token that ends a text stands in no text that goes on.
      expected = [...expected, ...(reply.tokens?.completionIds ?? []).filter((id) => id !== 0)];
      prompt += `${reply.text}\n ok\n>`;
    }
  });

  it('finds the trainer again that was started anew elsewhere', async () => {
    const folder = temporaryFolder();
    const first = await started({ folder });
    const { path: kept } = await keptBy(first);
    let url = first.url;
    const chat = chatModel(`${kept}#${tokenizer}`, { trainer: () => ({ url, token }) });
    const ask = () => chat.chat({ prompt: ' go to', seed: 1, maxTokens: 6 });
    const before = await ask();
    await first.close();
    ({ url } = await started({ folder }));
    expect((await ask()).text).toBe(before.text);
  });

  it('says that a version is gone, that a token is wrong, that nothing answers', async () => {
    const { model, path: kept } = await keptBy(server);
    const chat = tinkerModel({ path: kept, trainer: { url: server.url, token }, tokenizer });
    await chat.chat({ prompt: ' go', maxTokens: 1 });
    await model.remove(kept);
    await expect(chat.chat({ prompt: ' go' })).rejects.toMatchObject({ name: 'ModelError', code: 'VERSION_GONE' });
    const wrong = tinkerModel({ path, trainer: { url: server.url, token: 'other' }, tokenizer });
    await expect(wrong.chat({ prompt: ' go' })).rejects.toMatchObject({ code: 'MODEL_ACCESS_DENIED' });
    const nobody = tinkerModel({ path, trainer: { url: 'http://127.0.0.1:9/api/v1' }, tokenizer, reconnectMs: 1 });
    await expect(nobody.chat({ prompt: ' go' })).rejects.toMatchObject({ code: 'MODEL_UNREACHABLE', retryable: true });
    const nowhere = chatModel(`${path}#${tokenizer}`);
    await expect(nowhere.chat({ prompt: ' go' })).rejects.toMatchObject({
      code: 'MODEL_UNREACHABLE',
      hint: expect.stringContaining('trainer start') as string,
    });
  });
});
