import { join } from 'node:path';

import {
  startVllmWireServer,
  temporaryFolder,
  testChatModel,
  type VllmWireServer,
  writeTinyModel,
} from '@skillrl/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { chatModel } from './chat-model.ts';
import { vllmModel } from './vllm.ts';

const tokenizer = join(temporaryFolder(), 'tiny.gguf');
const open: VllmWireServer[] = [];
const started = async (options: Parameters<typeof startVllmWireServer>[0] = {}): Promise<VllmWireServer> => {
  const server = await startVllmWireServer(options);
  open.push(server);
  return server;
};
beforeAll(() => writeTinyModel(tokenizer));
afterAll(() => Promise.all(open.map((server) => server.close())));

describe('vllmModel over a wire like that of vLLM', () => {
  let server: VllmWireServer;
  beforeAll(async () => void (server = await started()));

  testChatModel({
    create: () => chatModel(`vllm:base@${server.url}/v1#${tokenizer}`),
    prompt: ' go to desk 1\n>',
    tooLong: ' go to desk 1'.repeat(300),
  });

  it('refuses a server that gives no token ids, and says which do', async () => {
    const old = await started({ givesTokenIds: false });
    await expect(
      vllmModel({ model: 'base', baseUrl: `${old.url}/v1`, tokenizer }).chat({ prompt: ' go' }),
    ).rejects.toMatchObject({
      name: 'UnsupportedError',
      code: 'TOKENS_UNSUPPORTED',
      hint: expect.stringContaining('0.10.2') as string,
    });
  });

  it('tells a prompt that the server has no room for from one that fails', async () => {
    const small = await started({ context: 16 });
    const model = vllmModel({ model: 'base', baseUrl: `${small.url}/v1`, tokenizer });
    await expect(model.chat({ prompt: ' go to desk'.repeat(9) })).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' });
    const prompt = ' go to desk 1\n>';
    const { promptTokens } = await chatModel(`vllm:base@${server.url}/v1#${tokenizer}`).chat({ prompt });
    const full = await started({ context: promptTokens });
    await expect(
      vllmModel({ model: 'base', baseUrl: `${full.url}/v1`, tokenizer }).chat({ prompt }),
    ).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' });
    const narrow = await started({ context: promptTokens + 1 });
    const cut = await vllmModel({ model: 'base', baseUrl: `${narrow.url}/v1`, tokenizer, maxTokens: 4 }).chat({
      prompt,
    });
    expect(cut).toMatchObject({ completionTokens: 1 });
    const missing = vllmModel({ model: 'nosuch', baseUrl: `${small.url}/v1`, tokenizer });
    await expect(missing.chat({ prompt: ' go' })).rejects.toMatchObject({ code: 'MODEL_MISSING' });
    const nobody = vllmModel({ model: 'base', baseUrl: 'http://127.0.0.1:9/v1', tokenizer, retries: 0 });
    await expect(nobody.chat({ prompt: ' go' })).rejects.toMatchObject({ code: 'MODEL_UNREACHABLE', retryable: true });
  });
});
