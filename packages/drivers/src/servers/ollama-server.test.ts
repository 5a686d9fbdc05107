import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import {
  startOllamaWireServer,
  temporaryFolder,
  testModelServer,
  writeTinyCheckpoint,
  writeTinyModel,
  type ModelServerPlace,
  type OllamaWireServer,
} from '@skillrl/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { chatModel } from '../models/chat-model.ts';
import { ollamaServer } from './ollama-server.ts';

type Fault = (request: IncomingMessage) => { readonly status: number; readonly error: string } | 'hang up' | undefined;

const wires: OllamaWireServer[] = [];
const proxies: Server[] = [];
afterAll(async () => {
  for (const proxy of proxies) proxy.close().closeAllConnections();
  await Promise.all(wires.map((wire) => wire.close()));
});

const vocabulary = join(temporaryFolder(), 'vocabulary.gguf');
writeTinyModel(vocabulary);

/** An Ollama of its own, behind a proxy that can be told what to answer in its place. */
async function place(): Promise<ModelServerPlace & { readonly host: string; readonly fault: { now?: Fault } }> {
  const wire = await startOllamaWireServer();
  wires.push(wire);
  const fault: { now?: Fault } = {};
  const proxy = createServer((request, response) => {
    void Array.fromAsync(request as AsyncIterable<Buffer>).then(async (chunks) => {
      const struck = fault.now?.(request);
      if (struck === 'hang up') return response.destroy();
      if (struck !== undefined)
        return response.writeHead(struck.status, { 'content-type': 'application/json' }).end(JSON.stringify(struck));
      const hasBody = request.method !== 'GET' && request.method !== 'HEAD';
      const answer = await fetch(`${wire.url}${request.url}`, {
        method: request.method,
        ...(hasBody ? { body: Buffer.concat(chunks) } : {}),
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      return response.end(Buffer.from(await answer.arrayBuffer()));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxies.push(proxy);
  const host = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const strike = (now: Fault) => () => {
    fault.now = now;
    return () => delete fault.now;
  };
  const at =
    (path: string, answer: ReturnType<Fault>): Fault =>
    (request) =>
      request.method === 'POST' && request.url?.startsWith(path) === true ? answer : undefined;
  const full = { status: 500, error: 'write /models/blobs/sha256-1: no space left on device' };
  return {
    host,
    fault,
    open: () => ollamaServer({ host, tokenizer: vocabulary }),
    model: (spec) => chatModel(spec),
    faults: [
      { name: 'a full disk in the upload', code: 'DISK_FULL', strike: strike(at('/api/blobs', full)) },
      { name: 'a full disk in the creation', code: 'DISK_FULL', strike: strike(at('/api/create', full)) },
      { name: 'a server that is gone', code: 'SERVER_UNREACHABLE', strike: strike(() => 'hang up') },
      {
        name: 'a model that does not start',
        code: 'CANARY_FAILED',
        strike: strike(at('/api/generate', { status: 500, error: 'llama-server process has terminated' })),
      },
    ],
  };
}

describe('ollamaServer', () => {
  testModelServer({
    place,
    faults: [
      'a full disk in the upload',
      'a full disk in the creation',
      'a server that is gone',
      'a model that does not start',
    ],
  });

  it('shows each version to whoever asks the server, from any machine', async () => {
    const { host, open } = await place();
    const one = writeTinyCheckpoint(join(temporaryFolder(), 'v1'));
    await open().publish(one);
    await open().goLive('v1');
    const other = ollamaServer({ host });
    expect(other.capabilities.tokens).toBe(false);
    expect(await other.live()).toEqual({
      version: 'v1',
      model: `ollama:skillrl-policy:v1@${host}`,
      sha256: one.sha256,
    });
  });

  it('leaves models alone that it did not publish, and does not replace them', async () => {
    const { host, open } = await place();
    const server = open();
    const one = writeTinyCheckpoint(join(temporaryFolder(), 'v1'));
    await server.publish(one);
    const send = (path: string, body: object) => fetch(host + path, { method: 'POST', body: JSON.stringify(body) });
    const bytes = readFileSync(vocabulary);
    const blob = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await fetch(`${host}/api/blobs/${blob}`, { method: 'POST', body: new Uint8Array(bytes) });
    await send('/api/create', { model: 'skillrl-policy:v2', files: { 'a.gguf': blob }, stream: false });
    const two = writeTinyCheckpoint(join(temporaryFolder(), 'v2'), { version: 'v2', seed: 2 });
    await expect(server.publish(two)).rejects.toMatchObject({ code: 'VERSION_EXISTS' });
    await expect(server.goLive('v2')).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' });
    expect(await server.versions()).toHaveLength(1);
  });

  it('says that nothing answers where nothing listens', async () => {
    const server = ollamaServer({ host: 'http://127.0.0.1:9' });
    const refusal = { code: 'SERVER_UNREACHABLE', retryable: true, message: expect.stringContaining(':9') as string };
    await expect(server.versions()).rejects.toMatchObject(refusal);
    await expect(server.publish(writeTinyCheckpoint(join(temporaryFolder(), 'v1')))).rejects.toMatchObject(refusal);
  });

  it('gives token ids of the live version when it knows the vocabulary', async () => {
    const { open } = await place();
    const server = open();
    expect(server.capabilities.tokens).toBe(true);
    await server.publish(writeTinyCheckpoint(join(temporaryFolder(), 'v1')));
    await server.goLive('v1');
    const reply = await chatModel(server.liveModel).chat({ prompt: ' go to', temperature: 1, seed: 1, maxTokens: 4 });
    expect(reply.tokens?.completionIds).toHaveLength(4);
  });

  it('refuses names and files that cannot be, at once', () => {
    for (const [options, code] of [
      [{ name: 'a:b' }, 'VERSION_INVALID'],
      [{ name: '' }, 'VERSION_INVALID'],
      [{ tokenizer: 'nosuch.gguf' }, 'MODEL_FILE_MISSING'],
      [{ host: 'not a host' }, 'OLLAMA_HOST_INVALID'],
    ] as const)
      expect(() => ollamaServer(options)).toThrow(expect.objectContaining({ code }) as Error);
  });
});
