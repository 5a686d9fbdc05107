import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

import { newId, type Checkpoint } from '@skillrl/core';
import {
  startTinkerWireServer,
  temporaryFolder,
  testModelServer,
  tinyVocabularySize,
  type ModelServerPlace,
  type TinkerWireServer,
  type WireFault,
  writeTinyCheckpoint,
} from '@skillrl/testing';
import { afterAll, describe, expect, it } from 'vitest';

import { chatModel } from '../models/chat-model.ts';
import { tinkerTrainer } from '../trainers/tinker/tinker-trainer.ts';
import { trainerServer } from './trainer-server.ts';

const wires: TinkerWireServer[] = [];
afterAll(() => Promise.all(wires.map((wire) => wire.close())));

interface TrainerPlace extends ModelServerPlace {
  readonly wire: TinkerWireServer;
  readonly prepare: (checkpoint: Checkpoint, seed: number) => Promise<Checkpoint>;
}

async function place(): Promise<TrainerPlace> {
  let failing: { readonly route: string; readonly fault: WireFault } | undefined;
  const wire = await startTinkerWireServer({
    vocabulary: tinyVocabularySize(),
    context: 1024,
    bases: Object.fromEntries(Array.from({ length: 11 }, (_, seed) => [`weights-${seed}`, seed])),
    faults: ({ route }) => (route === failing?.route ? failing.fault : undefined),
  });
  wires.push(wire);
  const folder = join(temporaryFolder(), 'served');
  const trainer = () => ({ url: wire.url });
  const strike = (route: string, fault: WireFault) => () => {
    failing = { route, fault };
    return () => void (failing = undefined);
  };
  return {
    wire,
    open: () => trainerServer({ folder, trainer, reconnectMs: 300 }),
    model: (spec) => chatModel(spec, { trainer }),
    prepare: (checkpoint, seed) => keptBy(wire, checkpoint, seed),
    faults: [
      { name: 'a version that does not answer', code: 'CANARY_FAILED', strike: strike('POST /asample', 'garbage') },
      {
        name: 'a trainer that is not there',
        code: 'SERVER_UNREACHABLE',
        strike: strike('POST /asample', 'cut-before'),
      },
    ],
  };
}

/** Has the trainer keep weights that the seed chooses; the checkpoint's are then those. */
async function keptBy({ url }: TinkerWireServer, checkpoint: Checkpoint, seed: number): Promise<Checkpoint> {
  const model = await tinkerTrainer({ url }).open({ base: `weights-${seed}` });
  const folder = join(temporaryFolder(), newId('w'));
  const { sha256, sampler } = await model.exportWeights(`v${seed}`, folder, { keep: true });
  copyFileSync(join(folder, 'model.safetensors'), join(checkpoint.path, 'model.safetensors'));
  return { ...checkpoint, sha256, sampler };
}

describe('trainerServer', () => {
  testModelServer({ place, faults: ['a version that does not answer', 'a trainer that is not there'] });

  const checkpoint = (at: TrainerPlace, number: number): Promise<Checkpoint> =>
    at.prepare(
      writeTinyCheckpoint(join(temporaryFolder(), `v${number}`), { version: `v${number}`, seed: number }),
      number,
    );

  it('takes away what the trainer keeps of a version with the version, and nothing before', async () => {
    const at = await place();
    const server = at.open();
    const [one, two] = [await checkpoint(at, 1), await checkpoint(at, 2)];
    await server.publish(one);
    const { model } = await server.publish(two);
    await server.goLive('v2');
    await server.remove('v1');
    const chat = at.model(model);
    await chat.chat({ prompt: ' go', maxTokens: 1 });
    await chat.close?.();
    const removed = at.wire.requests.filter(({ route }) => route.startsWith('DELETE')).map(({ route }) => route);
    expect(removed).toEqual([`DELETE ${routeOf(one)}`]);
    await expect(server.publish(one)).rejects.toMatchObject({ code: 'VERSION_GONE' });
  });

  it('refuses to go back to a version whose weights the trainer has not kept, and says what to do', async () => {
    const at = await place();
    const server = at.open();
    const [one, two] = [await checkpoint(at, 1), await checkpoint(at, 2)];
    await server.publish(one);
    await server.publish(two);
    await server.goLive('v2');
    await fetch(`${at.wire.url}${routeOf(one)}`, { method: 'DELETE' });
    const refusal = {
      name: 'ModelServerError',
      code: 'VERSION_GONE',
      hint: expect.stringContaining('llama-cpp') as string,
    };
    await expect(server.goLive('v1')).rejects.toMatchObject(refusal);
    await expect(server.publish(one)).rejects.toMatchObject(refusal);
    expect((await server.live())?.version).toBe('v2');
    await server.remove('v1');
    expect((await server.versions()).map(({ version }) => version)).toEqual(['v2']);
  });

  it('refuses weights of elsewhere, and a path under which the trainer keeps others', async () => {
    const at = await place();
    const server = at.open();
    const [one, two] = [await checkpoint(at, 1), await checkpoint(at, 2)];
    const { sampler: _, ...elsewhere } = one;
    await expect(server.publish(elsewhere)).rejects.toMatchObject({ code: 'VERSION_GONE' });
    await expect(server.publish({ ...one, sampler: two.sampler })).rejects.toMatchObject({
      code: 'CHECKPOINT_CORRUPT',
    });
    expect(await server.versions()).toEqual([]);
  });

  it('says in its model strings where the trainer is, when it is to, and where it is now', async () => {
    const at = await place();
    const folder = temporaryFolder();
    const named = (url: string) => trainerServer({ folder, trainer: () => ({ url }), isNamed: true });
    const server = named(at.wire.url);
    const one = await checkpoint(at, 1);
    const { model } = await server.publish(one);
    expect(server.id).toBe(`trainer:${at.wire.url}`);
    const movedTo = at.wire.url.replace('127.0.0.1', 'localhost');
    expect((await named(movedTo).publish(one)).model).toBe(model.replace(at.wire.url, movedTo));
    await server.goLive('v1');
    expect(await server.live()).toMatchObject({ model });
    const chat = chatModel(model);
    expect((await chat.chat({ prompt: ' go', maxTokens: 1 })).completionTokens).toBe(1);
    await chat.close?.();
  });
});

function routeOf({ sampler = '' }: Checkpoint): string {
  const [, , run, kind, name] = sampler.split('/');
  return `/training_runs/${run}/checkpoints/${kind}/${name}`;
}
