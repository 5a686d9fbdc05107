import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { llamaCppServer, policyRegistry } from '@skillrl/drivers';
import { temporaryFolder, testModelServer, writeTinyCheckpoint } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { chatModel } from '../models.ts';
import { registeredServer } from './registered-server.ts';

const opened = (folder: string) => {
  const registry = policyRegistry({ folder: join(folder, 'policies') });
  const server = registeredServer(llamaCppServer({ folder: join(folder, 'served') }), registry, { now: () => 7 });
  return { registry, server };
};

describe('registeredServer', () => {
  it('keeps the weights of what it publishes, notes what goes live, and lets go of what never did', async () => {
    const { registry, server } = opened(temporaryFolder());
    for (const seed of [1, 2, 3]) {
      const path = join(temporaryFolder(), 'weights');
      await server.publish(writeTinyCheckpoint(path, { version: `run-v${seed}`, seed, parent: `run-v${seed - 1}` }));
      rmSync(path, { recursive: true });
    }
    await server.goLive('run-v1');
    await server.goLive('run-v1');
    await server.goLive('run-v3');
    await server.remove('run-v1');
    await server.remove('run-v2');
    expect((await registry.list()).map(({ version, status, parent }) => [version, status, parent])).toEqual([
      ['run-v1', 'replaced', 'run-v0'],
      ['run-v3', 'live', 'run-v2'],
    ]);
    expect(await registry.publications()).toEqual([
      { at: 7, server: 'llama-cpp', version: 'run-v1', kind: 'publish' },
      { at: 7, server: 'llama-cpp', version: 'run-v3', kind: 'publish' },
    ]);
    // What the server lost can be given back.
    await server.publish(await registry.get('run-v1'));
    await server.goLive('run-v1');
    expect((await server.live())?.version).toBe('run-v1');
  });
});

describe('registeredServer, as any server', () => {
  testModelServer({
    place: () => {
      const folder = temporaryFolder();
      return { open: () => opened(folder).server, model: (spec) => chatModel(spec) };
    },
  });
});
