import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import type { TrainableModel, TrainingSample } from '@skillrl/core';
import {
  startTinkerWireServer,
  temporaryFolder,
  type TinkerWireServer,
  type TinkerWireServerOptions,
  type WireFault,
} from '@skillrl/testing';
import { afterEach, describe, expect, it } from 'vitest';

import { tinkerDialects } from './dialect.ts';
import { tinkerTrainer, type TinkerTrainerOptions } from './tinker-trainer.ts';

const batch: readonly TrainingSample[] = [{ ids: [1, 2, 3], weights: [0, 1, 1] }];
const crossEntropy = { name: 'cross_entropy' } as const;
const adam = { learningRate: 0.05 };
const restarted = { name: 'TrainerError', code: 'TRAINER_RESTARTED' };

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close().catch(() => undefined);
});

async function started(options: TinkerWireServerOptions = {}): Promise<TinkerWireServer> {
  const server = await startTinkerWireServer(options);
  open.push(server);
  return server;
}

async function modelOf(server: TinkerWireServer, options: Partial<TinkerTrainerOptions> = {}): Promise<TrainableModel> {
  const trainer = tinkerTrainer({ url: server.url, backoffMs: 1, reconnectMs: 2_000, ...options });
  const model = await trainer.open({ base: 'tiny' });
  open.push(trainer, model);
  return model;
}

/** What the same calls lead to when nothing goes wrong. */
async function undisturbed(work: (model: TrainableModel) => Promise<unknown>): Promise<readonly (readonly number[])[]> {
  const model = await modelOf(await started());
  await work(model);
  return (await model.forward(batch)).logprobs;
}

/** One of everything that computes. */
async function workThrough(model: TrainableModel): Promise<void> {
  await model.forwardBackward(batch, crossEntropy);
  await model.step(adam);
  const { path } = await model.save('one');
  await model.forwardBackward(batch, crossEntropy);
  await model.step(adam);
  await model.load(path);
  await model.forwardBackward(batch, crossEntropy);
  await model.forward(batch);
  await model.step(adam);
  await model.sample?.([1], { maxTokens: 2 });
}

/** The fault on the first request of every route but those that are not made again. */
function once(fault: WireFault, routes?: readonly string[]): TinkerWireServerOptions['faults'] {
  return ({ route, number }) => {
    if (number !== 1 || (routes !== undefined && !routes.some((part) => route.includes(part)))) return undefined;
    return fault;
  };
}

describe('tinkerTrainer, when answers are lost', () => {
  it.each(['cut-before', 'cut-after', 'half', 'busy'] as const)(
    'computes everything exactly once: %s',
    async (fault) => {
      const server = await started({ faults: once(fault) });
      const model = await modelOf(server);
      await workThrough(model);
      expect((await model.forward(batch)).logprobs).toEqual(await undisturbed(workThrough));
      const bodies = server.requests.filter(({ route }) => route === 'POST /optim_step');
      expect(bodies[1]?.body).toEqual(bodies[0]?.body);
    },
  );

  it('waits for results that take longer than the server holds a question back', async () => {
    const server = await started({ computeMs: () => 60 });
    const dialect = { ...tinkerDialects.skillrl, pollSeconds: 0.01 };
    const model = await modelOf(server, { dialect });
    expect((await model.forward(batch)).loss).toBeGreaterThan(0);
    const questions = server.requests.filter(({ route }) => route === 'POST /retrieve_future');
    expect(questions.length).toBeGreaterThan(4);
  });

  it('gives up after a deadline, and gets the result of the first call when it is made again', async () => {
    let computeMs = 0;
    const server = await started({ computeMs: () => computeMs });
    const dialect = { ...tinkerDialects.skillrl, pollSeconds: 0.01 };
    const model = await modelOf(server, { dialect, resultMs: 40 });
    computeMs = 200;
    const late = { code: 'TRAINER_TIMEOUT', retryable: true };
    await expect(model.forwardBackward(batch, crossEntropy)).rejects.toMatchObject(late);
    await sleep(200);
    await model.forwardBackward(batch, crossEntropy);
    computeMs = 0;
    await model.step(adam);
    const once_ = await undisturbed(async (other) => {
      await other.forwardBackward(batch, crossEntropy);
      await other.step(adam);
    });
    expect((await model.forward(batch)).logprobs).toEqual(once_);
  });

  it('says that nothing answers, and goes on when something does', async () => {
    const folder = temporaryFolder();
    const first = await started({ folder });
    const model = await modelOf(first, { reconnectMs: 20 });
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    await model.save('one');
    await first.close();
    await expect(model.forward(batch)).rejects.toMatchObject({ code: 'TRAINER_UNREACHABLE', retryable: true });
    await started({ folder, port: first.port });
    expect((await model.forward(batch)).logprobs).toEqual(
      await undisturbed(async (other) => {
        await other.forwardBackward(batch, crossEntropy);
        await other.step(adam);
      }),
    );
  });

  it('waits once for one that is gone: every further call, and closing, fails at its first try', async () => {
    const server = await started();
    const reconnectMs = 2_000;
    const model = await modelOf(server, { reconnectMs });
    await server.close();
    const gone = { code: 'TRAINER_UNREACHABLE' };
    const begun = Date.now();
    await expect(model.forward(batch)).rejects.toMatchObject(gone);
    const given = Date.now();
    expect(given - begun).toBeGreaterThan(reconnectMs / 2);
    for (const call of [() => model.forward(batch), () => model.load('tinker://m/weights/x')])
      await expect(call()).rejects.toMatchObject(gone);
    await model.close().catch(() => undefined);
    expect(Date.now() - given).toBeLessThan(reconnectMs / 2);
  });

  it('waits for one that is being started again', async () => {
    const folder = temporaryFolder();
    const first = await started({ folder });
    const model = await modelOf(first);
    await model.save('one');
    await first.close();
    const answer = model.forward(batch);
    await sleep(50);
    await started({ folder, port: first.port });
    expect((await answer).loss).toBeGreaterThan(0);
  });

  it.each(['POST /forward_backward', 'POST /retrieve_future'])(
    'trusts no answer that it cannot read: %s',
    async (route) => {
      let isOn = false;
      const server = await started({ faults: (request) => (isOn && request.route === route ? 'garbage' : undefined) });
      const model = await modelOf(server);
      const { path } = await model.save('one');
      isOn = true;
      const call = model.forwardBackward(batch, crossEntropy);
      await expect(call).rejects.toMatchObject({ code: 'REPLY_INVALID' });
      isOn = false;
      await expect(model.step(adam)).rejects.toMatchObject(restarted);
      await model.load(path);
      await expect(model.step(adam)).rejects.toMatchObject({ code: 'GRADIENT_MISSING' });
    },
  );

  it('tells a full disk of the trainer, and that it may pass', async () => {
    const server = await started({ faults: once('disk-full', ['/save_weights']) });
    const model = await modelOf(server);
    await expect(model.save('one')).rejects.toMatchObject({ code: 'DISK_FULL', retryable: true });
    await model.save('one');
  });
});

describe('tinkerTrainer, when the trainer restarts', () => {
  it.each(['restart-before', 'restart-after'] as const)('%s: goes on where nothing was lost', async (fault) => {
    let isOn = false;
    const faults: TinkerWireServerOptions['faults'] = ({ route }) => {
      if (!isOn || route !== 'POST /forward_backward') return undefined;
      isOn = false;
      return fault;
    };
    const server = await started({ faults });
    const model = await modelOf(server);
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    await model.save('one');
    isOn = true;
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    expect((await model.forward(batch)).logprobs).toEqual(
      await undisturbed(async (other) => {
        for (const _ of [1, 2]) {
          await other.forwardBackward(batch, crossEntropy);
          await other.step(adam);
        }
      }),
    );
  });

  it('says so where steps were lost, until a save is loaded', async () => {
    const server = await started();
    const model = await modelOf(server);
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    const { path } = await model.save('one');
    const atSave = await model.forward(batch);
    await model.forwardBackward(batch, crossEntropy);
    server.restart();
    await expect(model.step(adam)).rejects.toMatchObject({
      ...restarted,
      hint: expect.stringContaining('Load') as string,
    });
    const asked = server.requests.length;
    for (const call of [
      model.step(adam),
      model.forward(batch),
      model.save('two'),
      model.sample?.([1], { maxTokens: 1 }),
    ])
      await expect(call).rejects.toMatchObject(restarted);
    expect(server.requests).toHaveLength(asked);
    await model.load(path);
    expect(await model.forward(batch)).toEqual(atSave);
    await expect(model.step(adam)).rejects.toMatchObject({ code: 'GRADIENT_MISSING' });
  });

  it('loads a save without having noticed', async () => {
    const server = await started();
    const model = await modelOf(server);
    const { path } = await model.save('one');
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    server.restart();
    await model.load(path);
    await model.forwardBackward(batch, crossEntropy);
    expect((await model.step(adam)).step).toBe(1);
  });

  it('samples on from weights that were saved, and from no others', async () => {
    const server = await started();
    const model = await modelOf(server);
    await model.sample?.([1], { maxTokens: 1 });
    await model.save('one');
    server.restart();
    const options = { maxTokens: 5, seed: 1 };
    const sampled = await model.sample?.([1], options);
    expect(sampled).toEqual(await (await modelOf(await started())).sample?.([1], options));
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    await model.sample?.([1], { maxTokens: 1 });
    server.restart();
    await expect(model.sample?.([1], { maxTokens: 1 })).rejects.toMatchObject(restarted);
  });

  it('has a model made anew whose session ended, and its save loaded there', async () => {
    const server = await started();
    const model = await modelOf(server);
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    const { path } = await model.save('one');
    const [id, atSave] = [model.id, await model.forward(batch)];
    server.expire();
    await expect(model.forward(batch)).rejects.toMatchObject(restarted);
    await model.load(path);
    expect(model.id).not.toBe(id);
    expect(await model.forward(batch)).toEqual(atSave);
  });

  it('notices that somebody else used the model', async () => {
    const server = await started();
    const model = await modelOf(server);
    const { path } = await model.save('one');
    const other = await tinkerTrainer({ url: server.url }).reopen(model.id);
    await other?.load(path);
    await expect(model.forward(batch)).rejects.toMatchObject(restarted);
  });

  it('never repeats a call to a server that would compute it twice', async () => {
    // The first step is the one that clears what a model before may have left.
    const isStruck = (route: string, number: number): boolean => route === 'POST /optim_step' && number === 2;
    const faults: TinkerWireServerOptions['faults'] = ({ route, number }) =>
      isStruck(route, number) ? 'cut-after' : undefined;
    const server = await started({ dialect: 'skyrl-0.3', faults });
    const known = { vocabulary: 64, context: 256, base: 'b'.repeat(64) };
    const trainer = tinkerTrainer({ url: server.url, dialect: 'skyrl-0.3', model: known, backoffMs: 1 });
    const model = await trainer.open({ base: 'tiny', form: { rank: 4 } });
    const { path } = await model.save('one');
    const atSave = (await model.forward(batch)).logprobs;
    await model.forwardBackward(batch, crossEntropy);
    await expect(model.step(adam)).rejects.toMatchObject({ code: 'TRAINER_UNREACHABLE' });
    expect(server.requests.filter(({ route }) => route === 'POST /optim_step')).toHaveLength(2);
    await expect(model.step(adam)).rejects.toMatchObject(restarted);
    await model.load(path);
    expect((await model.forward(batch)).logprobs).toEqual(atSave);
  });
});

describe('tinkerTrainer, over a server that gives gradients of unloaded models to the next', () => {
  it('opens models that have none', async () => {
    const server = await started({ dialect: 'skyrl-0.3' });
    const known = { vocabulary: 64, context: 256, base: 'b'.repeat(64) };
    const trainer = tinkerTrainer({ url: server.url, dialect: 'skyrl-0.3', model: known });
    const norms: number[] = [];
    for (const _ of [1, 2]) {
      const model = await trainer.open({ base: 'tiny', form: { rank: 4 } });
      await model.forwardBackward(batch, crossEntropy);
      norms.push((await model.step({ learningRate: 0 })).gradientNorm);
      await model.forwardBackward([{ ids: [4, 5, 6, 7], weights: [0, 9, 9, 9] }], crossEntropy);
      await model.close();
    }
    expect(norms[1]).toBeCloseTo(norms[0] ?? 0, 10);
  });
});

describe('tinkerTrainer, exporting', () => {
  it.each(['cut-before', 'half'] as const)('fetches an archive again that broke off: %s', async (fault) => {
    const server = await started({ faults: once(fault, ['/archive']) });
    const model = await modelOf(server);
    const parent = temporaryFolder();
    await model.exportWeights('v1', join(parent, 'v1'));
    expect(readdirSync(parent)).toEqual(['v1']);
  });

  it('leaves nothing behind when it fails, and does not write the version again', async () => {
    let isOn = true;
    const server = await started({
      faults: ({ route }) => (isOn && route.endsWith('/archive') ? 'garbage' : undefined),
    });
    const model = await modelOf(server);
    const parent = temporaryFolder();
    const export_ = () => model.exportWeights('v1', join(parent, 'v1'));
    await expect(export_()).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    expect(readdirSync(parent)).toEqual([]);
    isOn = false;
    await export_();
    const writes = server.requests.filter(({ route }) => route === 'POST /save_weights_for_sampler');
    expect(writes).toHaveLength(1);
  });

  it('has the trainer keep nothing of an export that arrived, and takes away what one that broke off left', async () => {
    let isOn = false;
    const folder = temporaryFolder();
    const server = await started({
      folder,
      faults: ({ route }) => (isOn && route.endsWith('/archive') ? 'garbage' : undefined),
    });
    const model = await modelOf(server);
    const parent = temporaryFolder();
    const exportsOf = (id: string): string[] => readdirSync(join(folder, id, 'exports'));
    await model.exportWeights('v1', join(parent, 'v1'));
    expect(exportsOf(model.id)).toEqual([]);
    isOn = true;
    await expect(model.exportWeights('v2', join(parent, 'v2'))).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
    expect(exportsOf(model.id)).toEqual(['v2']);
    // As a process does that comes after the one that died.
    const later = await modelOf(server);
    await later.remove(model.pathOf('export', 'v2'));
    expect(exportsOf(model.id)).toEqual([]);
  });

  it('gives what arrived although the trainer cannot take its own copy away', async () => {
    const faults: TinkerWireServerOptions['faults'] = ({ route }) =>
      route.startsWith('DELETE') ? 'disk-full' : undefined;
    const model = await modelOf(await started({ faults }));
    const parent = temporaryFolder();
    await model.exportWeights('v1', join(parent, 'v1'));
    expect(readdirSync(parent)).toEqual(['v1']);
  });
});

describe('tinkerTrainer, with a batch that is larger than one call may be', () => {
  const many: readonly TrainingSample[] = Array.from({ length: 7 }, (_, index) => {
    const ids = Array.from({ length: 2 + index }, (__, place) => (3 * index + place) % 60);
    return { ids, weights: ids.map((__, place) => (place === 0 ? 0 : 0.1 * (1 + index))) };
  });
  const small = { ...tinkerDialects.skillrl, callBytes: 400 };
  const passes = ({ requests }: TinkerWireServer, route: string): number =>
    requests.filter((request) => request.route === route).length;

  it('sends it in several, and comes to the same log-probabilities, loss, gradient and step', async () => {
    const [server, other] = [await started(), await started()];
    const [split, whole] = [await modelOf(server, { dialect: small }), await modelOf(other)];
    const results = await Promise.all([split, whole].map((model) => model.forwardBackward(many, crossEntropy)));
    expect(passes(server, 'POST /forward_backward')).toBeGreaterThan(3);
    expect(passes(other, 'POST /forward_backward')).toBe(1);
    expect(results[0]?.logprobs).toEqual(results[1]?.logprobs);
    expect(results[0]?.loss).toBeCloseTo(results[1]?.loss ?? 0, 10);
    const [own, expected] = await Promise.all([split, whole].map((model) => model.step(adam)));
    expect(own?.gradientNorm).toBeCloseTo(expected?.gradientNorm ?? 0, 10);
    const after = await Promise.all([split, whole].map(async (model) => (await model.forward(many)).logprobs));
    expect(passes(server, 'POST /forward')).toBeGreaterThan(3);
    for (const [row, values] of (after[0] ?? []).entries())
      for (const [place, value] of values.entries()) expect(value).toBeCloseTo(after[1]?.[row]?.[place] ?? 0, 8);
  });

  it('weighs it as one where the server takes a mean', async () => {
    const known = { vocabulary: 64, context: 256, base: 'b'.repeat(64) };
    const norms = await Promise.all(
      [tinkerDialects['skyrl-0.3'].callBytes, 700].map(async (callBytes) => {
        const server = await started({ dialect: 'skyrl-0.3' });
        const dialect = { ...tinkerDialects['skyrl-0.3'], callBytes };
        const model = await tinkerTrainer({ url: server.url, dialect, model: known }).open({
          base: 'tiny',
          form: { rank: 4 },
        });
        const { loss } = await model.forwardBackward(many, crossEntropy);
        return [loss, (await model.step(adam)).gradientNorm];
      }),
    );
    expect(norms[1]?.[0]).toBeCloseTo(norms[0]?.[0] ?? 0, 10);
    expect(norms[1]?.[1]).toBeCloseTo(norms[0]?.[1] ?? 0, 10);
  });

  it('sends a sample that is larger than a call may be by itself', async () => {
    const server = await started();
    const model = await modelOf(server, { dialect: { ...small, callBytes: 10 } });
    expect((await model.forward(many)).logprobs).toHaveLength(7);
    expect(passes(server, 'POST /forward')).toBe(7);
  });

  it('has a save loaded when a part of it failed: what is gathered is no batch', async () => {
    const faults: TinkerWireServerOptions['faults'] = ({ route, number }) =>
      route === 'POST /forward_backward' && number === 2 ? 'disk-full' : undefined;
    const model = await modelOf(await started({ faults }), { dialect: small });
    const { path } = await model.save('one');
    await expect(model.forwardBackward(many, crossEntropy)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await expect(model.step(adam)).rejects.toMatchObject(restarted);
    await model.load(path);
    await expect(model.step(adam)).rejects.toMatchObject({ code: 'GRADIENT_MISSING' });
    await model.forwardBackward(many, crossEntropy);
    expect((await model.step(adam)).step).toBe(1);
  });
});

describe('tinkerTrainer, taking saves away', () => {
  it.each(['cut-before', 'cut-after', 'busy', 'restart-after'] as const)('does so however often: %s', async (fault) => {
    const server = await started({ faults: once(fault, ['DELETE']) });
    const model = await modelOf(server);
    const { path } = await model.save('one');
    const { path: kept } = await model.save('two');
    await model.remove(path);
    await model.remove(path);
    await model.load(kept);
    await expect(model.load(path)).rejects.toMatchObject({ code: 'CHECKPOINT_UNKNOWN' });
  });

  it('notices a restart that goes back further than the save that was taken away', async () => {
    const server = await started();
    const model = await modelOf(server);
    const { path: kept } = await model.save('one');
    const atSave = (await model.forward(batch)).logprobs;
    await model.forwardBackward(batch, crossEntropy);
    await model.step(adam);
    const { path } = await model.save('two');
    await model.remove(path);
    server.restart();
    await expect(model.forward(batch)).rejects.toMatchObject(restarted);
    await model.load(kept);
    expect((await model.forward(batch)).logprobs).toEqual(atSave);
  });

  it('refuses what is no path, before it asks, and is quiet where a server has no code for what is gone', async () => {
    const server = await started({ dialect: 'skyrl-0.3' });
    const known = { vocabulary: 64, context: 256, base: 'b'.repeat(64) };
    // A later SkyRL, which removes: its 404 is one without a code.
    const dialect = { ...tinkerDialects['skyrl-0.3'], removes: true };
    const model = await tinkerTrainer({ url: server.url, dialect, model: known }).open({
      base: 'tiny',
      form: { rank: 4 },
    });
    const asked = server.requests.length;
    for (const path of ['', 'one', 'tinker://m/weights/../../x', `${model.pathOf('save', 'one')}?`])
      await expect(model.remove(path)).rejects.toMatchObject({ code: 'PATH_INVALID' });
    expect(server.requests).toHaveLength(asked);
    await model.remove(model.pathOf('save', 'never'));
    expect(server.requests.at(-1)?.route).toBe(`DELETE /training_runs/${model.id}/checkpoints/weights/never`);
    await model.forward(batch);
  });
});

describe('tinkerTrainer, being let in', () => {
  it('refuses addresses and tokens that are none, and servers it is told too little about', () => {
    const codeOf = (options: TinkerTrainerOptions) => {
      expect(() => tinkerTrainer(options)).toThrow(expect.objectContaining({ name: 'ConfigError' }) as Error);
    };
    codeOf({ url: 'nowhere' });
    codeOf({ url: 'http://127.0.0.1:1/api/v1', token: 'a\nb' });
    codeOf({ url: 'http://127.0.0.1:1/api/v1', dialect: 'skyrl-0.3' });
  });

  it('says that a token is wrong, and that an address is none of a trainer', async () => {
    const server = await started({ token: 'right' });
    const opened = (url: string, token: string) =>
      tinkerTrainer({ url, token, backoffMs: 1, reconnectMs: 10 }).open({ base: 'tiny' });
    await expect(opened(server.url, 'wrong')).rejects.toMatchObject({ code: 'TOKEN_WRONG' });
    await expect(opened(`${server.url}/elsewhere`, 'right')).rejects.toMatchObject({ code: 'ROUTE_UNKNOWN' });
    await expect(opened('http://127.0.0.1:9/api/v1', 'right')).rejects.toMatchObject({ code: 'TRAINER_UNREACHABLE' });
    await opened(server.url, 'right');
  });

  it('asks an address that has never answered for a quarter of a minute, not for two', async () => {
    const begun = Date.now();
    const opened = tinkerTrainer({ url: 'http://127.0.0.1:9/api/v1' }).open({ base: 'tiny' });
    await expect(opened).rejects.toMatchObject({ code: 'TRAINER_UNREACHABLE' });
    expect(Date.now() - begun).toBeLessThan(60_000);
  }, 120_000);

  it('gives up on a server that stays busy', async () => {
    const server = await started({ faults: ({ route }) => (route === 'POST /forward' ? 'busy' : undefined) });
    const model = await modelOf(server, { reconnectMs: 20 });
    await expect(model.forward(batch)).rejects.toMatchObject({ code: 'QUEUE_FULL', retryable: true });
    await model.forwardBackward(batch, crossEntropy);
  });

  it('refuses forms that the dialect rules out, before it asks', async () => {
    const server = await started({ dialect: 'skyrl-0.3' });
    const model = { vocabulary: 64, context: 256, base: 'b'.repeat(64) };
    const trainer = tinkerTrainer({ url: server.url, dialect: 'skyrl-0.3', model });
    const missing = { name: 'UnsupportedError', code: 'CAPABILITY_MISSING' };
    await expect(trainer.open({ base: 'tiny' })).rejects.toMatchObject(missing);
    await expect(trainer.open({ base: 'tiny', form: { rank: 4, alpha: 8 } })).rejects.toMatchObject(missing);
    expect(server.requests.map(({ route }) => route)).not.toContain('POST /create_model');
  });

  it('sends signs of life for sessions of its own and of before', async () => {
    const server = await started();
    const model = await modelOf(server);
    const trainer = tinkerTrainer({ url: server.url, heartbeatMs: 5 });
    const again = await trainer.reopen(model.id);
    const beats = (): number => server.requests.filter(({ route }) => route === 'POST /session_heartbeat').length;
    await expect.poll(beats).toBeGreaterThan(2);
    await trainer.close();
    await sleep(100);
    const after = beats();
    await sleep(50);
    expect(beats()).toBe(after);
    expect(again?.id).toBe(model.id);
  });

  it('keeps no process alive', async () => {
    const server = await started();
    const module = new URL('./tinker-trainer.ts', import.meta.url).href;
    const program = `
      const { tinkerTrainer } = await import('${module}');
      const model = await tinkerTrainer({ url: '${server.url}' }).open({ base: 'tiny' });
      console.log(model.info.vocabulary);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 20_000,
    });
    expect(stdout.trim()).toBe('64');
  });
});
