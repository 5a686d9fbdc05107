import { join } from 'node:path';

import type { ModelServer } from '@skillrl/core';
import { llamaCppServer, policyRegistry, type PolicyRegistry } from '@skillrl/drivers';
import { temporaryFolder, writeTinyCheckpoint } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { publishPolicy, rollBackPolicy } from './publish-policy.ts';
import { registeringServer } from './registering-server.ts';

class Killed extends Error {}

/** A project's registry and server, and what a process over them uses that is killed between making live and noting so. */
function project() {
  const root = temporaryFolder();
  const registry = policyRegistry({ folder: join(root, 'policies') });
  const server = llamaCppServer({ folder: join(root, 'served') });
  const dying: PolicyRegistry = { ...registry, record: () => Promise.reject(new Killed()) };
  return {
    registry,
    server,
    dying,
    registering: (over: PolicyRegistry = registry): ModelServer =>
      registeringServer(server, over, join(root, 'published.json')),
    checkpoint: (version: string, seed: number) =>
      writeTinyCheckpoint(join(root, 'exports', version), { version, seed }),
    noted: async () => (await registry.publications()).map(({ version, kind }) => `${kind} ${version}`),
    live: async () => (await server.live())?.version,
  };
}

describe('registeringServer', () => {
  it('has the registry know a version that went live, and no other', async () => {
    const { registering, registry, checkpoint, noted } = project();
    const training = registering();
    for (const [index, version] of ['r-v0', 'r-v1', 'r-v2'].entries()) {
      await training.publish(checkpoint(version, index + 1));
      if (version !== 'r-v1') await training.goLive(version);
    }
    expect((await registry.list()).map(({ version, status }) => [version, status])).toEqual([
      ['r-v0', 'replaced'],
      ['r-v2', 'live'],
    ]);
    await training.goLive('r-v2');
    await training.live();
    expect(await noted()).toEqual(['publish r-v0', 'publish r-v2']);
  });

  it.each([
    ['asks what is live, as a run that begins does', (server: ModelServer) => server.live()],
    ['makes it live again, as a run in an iteration does', (server: ModelServer) => server.goLive('r-v0')],
  ])('notes what a killed process made live, when the next one %s', async (_, goesOn) => {
    const { registering, dying, checkpoint, noted, live } = project();
    const first = registering(dying);
    await first.publish(checkpoint('r-v0', 1));
    await expect(first.goLive('r-v0')).rejects.toThrow(Killed);
    expect([await live(), await noted()]).toEqual(['r-v0', []]);
    await goesOn(registering());
    expect([await live(), await noted()]).toEqual(['r-v0', ['publish r-v0']]);
  });

  it('lets go back from a version that a killed process made live, to the one before it', async () => {
    const { registering, registry, server, dying, checkpoint, noted, live } = project();
    const training = registering();
    for (const [index, version] of ['r-v0', 'r-v1'].entries()) {
      await training.publish(checkpoint(version, index + 1));
      await training.goLive(version);
    }
    const killed = registering(dying);
    await killed.publish(checkpoint('r-v2', 3));
    await expect(killed.goLive('r-v2')).rejects.toThrow(Killed);
    await rollBackPolicy(undefined, { registry, server });
    expect(await live()).toBe('r-v1');
    expect(await noted()).toEqual(['publish r-v0', 'publish r-v1', 'publish r-v2', 'rollback r-v1']);
  });

  it('leaves out a live version that the registry does not have', async () => {
    const { registering, server, checkpoint, noted } = project();
    await server.publish(checkpoint('else-v1', 1));
    await server.goLive('else-v1');
    expect((await registering().live())?.version).toBe('else-v1');
    expect(await noted()).toEqual([]);
  });
});

describe('rollBackPolicy, after a rollback that was killed before it was noted', () => {
  const killedAfterThree = async () => {
    const made = project();
    const { registry, server, dying, checkpoint } = made;
    for (const [index, version] of ['v1', 'v2', 'v3'].entries()) {
      await registry.add(checkpoint(version, index + 1));
      await publishPolicy(version, { registry, server });
    }
    await expect(rollBackPolicy(undefined, { registry: dying, server })).rejects.toThrow(Killed);
    expect(await made.live()).toBe('v2');
    return made;
  };

  it('goes on with it, not one further back', async () => {
    const { registry, server, live, noted } = await killedAfterThree();
    await rollBackPolicy(undefined, { registry, server });
    expect([await live(), (await noted()).slice(3)]).toEqual(['v2', ['rollback v2']]);
    await rollBackPolicy(undefined, { registry, server });
    expect([await live(), (await noted()).slice(3)]).toEqual(['v1', ['rollback v2', 'rollback v1']]);
  });

  it('knows it for one, whoever notes it', async () => {
    const { registering, registry, server, live, noted } = await killedAfterThree();
    await registering().live();
    expect((await noted()).slice(3)).toEqual(['rollback v2']);
    await rollBackPolicy(undefined, { registry, server });
    expect(await live()).toBe('v1');
  });
});
