import { readFileSync } from 'node:fs';
import { rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import {
  startVllmWireServer,
  temporaryFolder,
  testModelServer,
  writeTinyCheckpoint,
  type ModelServerPlace,
  type VllmWireServer,
} from '@skillrl/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { chatModel } from '../models/chat-model.ts';
import { vllmServer } from './vllm-server.ts';

const wires: VllmWireServer[] = [];
afterAll(() => Promise.all(wires.map((wire) => wire.close())));

const started = async (options: object = {}): Promise<VllmWireServer> => {
  const wire = await startVllmWireServer(options);
  wires.push(wire);
  return wire;
};

const loraOf = (number: number) =>
  writeTinyCheckpoint(join(temporaryFolder(), `v${number}`), { version: `v${number}`, seed: number, kind: 'lora' });

/** As vLLM 0.32.0 said it. */
const rankTooHigh =
  "Call to add_lora method failed: Worker failed with error 'LoRA rank 64 is greater than max_lora_rank 16.', please check the stack trace above for the root cause";

async function place(tokenizer?: string): Promise<ModelServerPlace> {
  const wire = await started();
  const folder = temporaryFolder();
  const strike = (path: string, status: number, message: string) => () => {
    wire.faults = { [path]: [status, message] };
    return () => void (wire.faults = {});
  };
  return {
    open: () => vllmServer({ url: `${wire.url}/v1`, folder, tokenizer }),
    model: (spec) => chatModel(spec),
    faults: [
      {
        name: 'an adapter of too high a rank',
        code: 'SERVER_FAILED',
        strike: strike('/v1/load_lora_adapter', 500, rankTooHigh),
      },
      {
        name: 'a model that does not answer',
        code: 'CANARY_FAILED',
        strike: strike('/v1/completions', 500, 'CUDA out of memory'),
      },
    ],
  };
}

const faults = ['an adapter of too high a rank', 'a model that does not answer'];

describe('vllmServer, asked by token ids', () => {
  const tokenizer = join(loraOf(9).path, 'model-f16.gguf');
  testModelServer({ place: () => place(tokenizer), kind: 'lora', loads: 'adapter/adapter_model.safetensors', faults });
});

describe('vllmServer', () => {
  testModelServer({
    place: () => place(),
    kind: 'lora',
    loads: 'adapter/adapter_model.safetensors',
    faults,
  });

  it('gives each version an adapter of its own, and leaves none of its canary', async () => {
    const wire = await started();
    const folder = temporaryFolder();
    const server = vllmServer({ url: `${wire.url}/v1`, folder });
    await server.publish(loraOf(1));
    await server.publish(loraOf(2));
    expect([...wire.adapters]).toEqual([
      ['skillrl-policy@v1', join(folder, 'v1', 'adapter')],
      ['skillrl-policy@v2', join(folder, 'v2', 'adapter')],
    ]);
    await server.remove('v1');
    expect([...wire.adapters.keys()]).toEqual(['skillrl-policy@v2']);
  });

  it('loads an adapter again that vLLM forgot when it was started anew', async () => {
    const [first, second] = [await started(), await started()];
    const folder = temporaryFolder();
    await vllmServer({ url: `${first.url}/v1`, folder }).publish(loraOf(1));
    const anew = vllmServer({ url: `${second.url}/v1`, folder });
    await anew.goLive('v1');
    expect([...second.adapters.keys()]).toEqual(['skillrl-policy@v1']);
    await rm(join(folder, 'v1', 'adapter'), { recursive: true });
    const third = await started();
    await expect(vllmServer({ url: `${third.url}/v1`, folder }).goLive('v1')).rejects.toMatchObject({
      code: 'VERSION_GONE',
      hint: expect.stringContaining('policy publish') as string,
    });
  });

  it('loads an adapter anew whose files were damaged or deleted while vLLM had it', async () => {
    const wire = await started();
    const folder = temporaryFolder();
    const server = vllmServer({ url: `${wire.url}/v1`, folder });
    const one = loraOf(1);
    await server.publish(one);
    await server.goLive('v1');
    const weights = join('adapter', 'adapter_model.safetensors');
    const damages = [
      () => truncate(join(folder, 'v1', weights), 100),
      () => rm(join(folder, 'v1', 'version.json')),
      () => rm(join(folder, 'v1'), { recursive: true }),
    ];
    for (const damage of damages) {
      await damage();
      await server.publish(one);
      expect((await server.live())?.version).toBe('v1');
      expect(readFileSync(join(folder, 'v1', weights)).equals(readFileSync(join(one.path, weights)))).toBe(true);
      expect([...wire.adapters]).toEqual([['skillrl-policy@v1', join(folder, 'v1', 'adapter')]]);
    }
  });

  it('answers at the address and under the name that it has now, in place of those of before', async () => {
    const [first, second] = [await started(), await started()];
    const folder = temporaryFolder();
    await vllmServer({ url: `${first.url}/v1`, folder }).publish(loraOf(1));
    const moved = vllmServer({ url: `${second.url}/v1`, folder, name: 'moved' });
    const model = `openai:moved@v1@${second.url}/v1`;
    expect(await moved.publish(loraOf(1))).toMatchObject({ version: 'v1', model });
    expect([...second.adapters]).toEqual([['moved@v1', join(folder, 'v1', 'adapter')]]);
    expect(await moved.versions()).toEqual([expect.objectContaining({ model })]);
    await vllmServer({ url: `${first.url}/v1`, folder }).goLive('v1');
    expect(await moved.live()).toMatchObject({ model: `openai:skillrl-policy@v1@${first.url}/v1` });

    const others = await started();
    const elsewhere = vllmServer({ url: `${others.url}/v1`, folder: temporaryFolder() });
    await elsewhere.publish(loraOf(1));
    await expect(vllmServer({ url: `${others.url}/v1`, folder }).goLive('v1')).rejects.toMatchObject({
      code: 'VERSION_EXISTS',
    });
  });

  it('gives token ids where the vocabulary is given, and refuses a vLLM that cannot', async () => {
    const tokenizer = join(loraOf(9).path, 'model-f16.gguf');
    const wire = await started();
    const server = vllmServer({ url: `${wire.url}/v1`, folder: temporaryFolder(), tokenizer });
    const served = await server.publish(loraOf(1));
    expect(server.capabilities.tokens).toBe(true);
    expect(served.model).toBe(`vllm:skillrl-policy@v1@${wire.url}/v1#${tokenizer}`);
    const model = chatModel(served.model);
    const { tokens, completionTokens } = await model.chat({ prompt: ' go to desk 1\n>', temperature: 1, maxTokens: 4 });
    expect(tokens?.completionIds).toHaveLength(completionTokens);
    await model.close?.();
    for (const [code, options] of [
      ['TOKENS_UNSUPPORTED', { givesTokenIds: false }],
      ['LOGPROBS_SHAPED', { logprobsMode: 'processed_logprobs' }],
    ] as const) {
      const other = await started(options);
      const refusing = vllmServer({ url: `${other.url}/v1`, folder: temporaryFolder(), tokenizer });
      await expect(refusing.publish(loraOf(1))).rejects.toMatchObject({
        name: 'UnsupportedError',
        code,
        hint: expect.any(String) as string,
      });
      expect(await refusing.versions()).toEqual([]);
      expect([...other.adapters]).toEqual([]);
    }
  });

  it('refuses a checkpoint of all parameters', async () => {
    const wire = await started();
    const server = vllmServer({ url: `${wire.url}/v1`, folder: temporaryFolder() });
    await expect(server.publish({ ...loraOf(1), kind: 'full' })).rejects.toMatchObject({
      name: 'UnsupportedError',
      code: 'CHECKPOINT_UNSUPPORTED',
    });
  });

  it('does not call an adapter that vLLM cannot take a fault that passes', async () => {
    const wire = await started();
    const server = vllmServer({ url: `${wire.url}/v1`, folder: temporaryFolder() });
    for (const [message, retryable] of [
      [rankTooHigh, false],
      ['EngineCore encountered an issue.', true],
    ] as const) {
      wire.faults = { '/v1/load_lora_adapter': [500, message] };
      await expect(server.publish(loraOf(1))).rejects.toMatchObject({ code: 'SERVER_FAILED', retryable });
    }
  });

  it('says how vLLM must be started, and that it is not there', async () => {
    const fixed = await started({ isUpdatable: false });
    const folder = temporaryFolder();
    await expect(vllmServer({ url: `${fixed.url}/v1`, folder }).publish(loraOf(1))).rejects.toMatchObject({
      code: 'SERVER_FAILED',
      hint: expect.stringContaining('VLLM_ALLOW_RUNTIME_LORA_UPDATING') as string,
    });
    await expect(vllmServer({ url: 'http://127.0.0.1:9/v1', folder }).publish(loraOf(1))).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      retryable: true,
    });
  });
});
