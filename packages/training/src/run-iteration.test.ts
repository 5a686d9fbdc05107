import { type ModelServer, type Policy, type TrainableModel, UnsupportedError } from '@skillrl/core';
import { localRunner } from '@skillrl/rollouts';
import { scriptedEnvironment } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { lab } from '../test-support/lab.ts';
import { runLab } from '../test-support/run.ts';
import type { IterationPorts, TrainingEvent } from './iteration-ports.ts';
import type { Promote } from './promote.ts';
import { trainingRecipe } from './recipe.ts';
import { startTraining } from './start-training.ts';

const quick = { groups: 4, optimizer: { learningRate: 0.1, minibatches: 2 }, canary: { pairs: 20 } } as const;
const recipe = trainingRecipe({ name: 'quick', ...quick });

describe('runIteration', () => {
  it('trains a version, serves it, and says in its manifest what it did', async () => {
    const world = lab();
    const events: TrainingEvent[] = [];
    const { state, manifests } = await runLab(world, recipe, 1, {
      ...(await world.ports()),
      progress: (event) => void events.push(event),
    });
    expect(state).toMatchObject({ iteration: 1, version: 1, newest: 1, unserved: 0, served: { number: 1 } });
    const [manifest] = manifests;
    expect(manifest).toMatchObject({
      outcome: 'trained',
      versions: { rollouts: 0, before: 0, after: 1, served: 1, live: 'lab-v0' },
      staleness: 0,
      rollouts: { planned: 32, played: 32, errored: 0, truncated: 0 },
      training: { steps: 2, step: 2, mismatch: { tokens: expect.any(Number), kl: 0, largestRatio: 1 } },
      served: { kl: 0 },
      canary: { pairs: 20, collapsed: false },
      publication: { publish: false },
    });
    expect(manifest?.training?.kl).toBeGreaterThan(0);
    // Thirteen tokens, all about as likely.
    expect(manifest?.training?.entropy).toBeGreaterThan(1.5);
    expect(manifest?.training?.entropy).toBeLessThan(Math.log(13));
    expect(manifest?.notes.join(' ')).toContain('Novelty is not paid for');
    expect(manifest?.groups.every(({ weight, reasons }) => weight > 0 || reasons.length > 0)).toBe(true);
    expect(events.filter(({ type }) => type === 'iteration')).toHaveLength(1);
    expect(Object.keys(manifest?.durationsMs ?? {})).toEqual(
      expect.arrayContaining(['rollouts', 'saved', 'exported', 'served', 'canary', 'published', 'evolved']),
    );
    const [kept] = manifest?.groups.filter(({ weight }) => weight > 0) ?? [];
    const plays = await Array.fromAsync(world.episodes.episodes({ taskId: kept?.taskId ?? '' }));
    const held = await Promise.all(plays.map(({ id }) => world.episodes.exportsHolding({ episodeId: id })));
    expect(held.flat()).toContainEqual(expect.objectContaining({ kind: 'training-batch', destination: 'lab-v1' }));
  });

  it('has the trainer keep what a server answers with from there, and leaves it to the server to take that away', async () => {
    const world = lab();
    const ports = await world.ports();
    const kept = new Map<string, string>();
    const server: ModelServer = {
      ...ports.server,
      capabilities: { tokens: true, samplers: true },
      publish: async (checkpoint) => {
        kept.set(checkpoint.version, checkpoint.sampler ?? '');
        return ports.server.publish(checkpoint);
      },
      remove: async (version) => {
        await ports.server.remove(version);
        await ports.model.remove(kept.get(version) ?? '');
        kept.delete(version);
      },
    };
    await runLab(world, recipe, 3, { ...ports, server });
    expect([...kept.keys()]).toEqual(['lab-v0', 'lab-v3']);
    const exports = world.saves().filter((path) => path.includes('/exports/'));
    expect(exports.toSorted()).toEqual([...kept.values()].toSorted());
  });

  it('makes a version live when it is promoted, and keeps on the server what was ever live', async () => {
    const world = lab();
    const second: Promote = async (_candidate, { iteration }) => ({
      publish: iteration === 1,
      verdict: iteration === 1 ? 'benefit' : 'not-due',
      reason: 'It is its turn.',
      pairs: 0,
    });
    const { state } = await runLab(world, recipe, 4, await world.ports(), second);
    expect(state).toMatchObject({
      live: { version: 'lab-v2' },
      served: { number: 4 },
      published: ['lab-v0', 'lab-v2'],
      sinceDecision: 2,
    });
    expect((await world.server.live())?.version).toBe('lab-v2');
    expect((await world.server.versions()).map(({ version }) => version)).toEqual(['lab-v0', 'lab-v2', 'lab-v4']);
  });

  it('heeds who publishes or rolls back meanwhile: the next decision is against what is live then, which stays', async () => {
    const world = lab();
    const decided: string[] = [];
    const promote: Promote = async (candidate, { live }) => {
      decided.push(`${candidate.version} against ${live.version}`);
      const publish = candidate.version === 'lab-v1';
      return { publish, verdict: publish ? 'benefit' : 'undecided', reason: 'As the test says.', pairs: 0 };
    };
    const byHand: Record<string, string> = { 'lab-v2': 'lab-v0', 'lab-v3': 'lab-v3' };
    const { server, ...others } = await world.ports();
    const ports: IterationPorts = {
      ...others,
      server,
      progress: (event) => {
        if (event.type !== 'iteration') return;
        const version = byHand[`lab-v${event.manifest.versions.after}`];
        if (version !== undefined) void server.goLive(version);
      },
    };
    const { state, manifests } = await runLab(world, recipe, 5, ports, promote);
    expect(decided).toEqual([
      'lab-v1 against lab-v0',
      'lab-v2 against lab-v1',
      'lab-v3 against lab-v0',
      'lab-v4 against lab-v3',
      'lab-v5 against lab-v3',
    ]);
    expect(manifests.map(({ versions }) => versions.live)).toEqual(['lab-v1', 'lab-v1', 'lab-v0', 'lab-v3', 'lab-v3']);
    expect(state.published).toEqual(['lab-v0', 'lab-v1', 'lab-v3']);
    expect((await world.server.versions()).map(({ version }) => version)).toEqual([
      'lab-v0',
      'lab-v1',
      'lab-v3',
      'lab-v5',
    ]);
  });

  it('publishes nothing over what somebody makes live while it is compared', async () => {
    const world = lab();
    const ports = await world.ports();
    const decided: string[] = [];
    const promote: Promote = async (candidate, { live }) => {
      decided.push(`${candidate.version} against ${live.version}`);
      if (candidate.version === 'lab-v2') await ports.server.goLive('lab-v0');
      return { publish: candidate.version !== 'lab-v3', verdict: 'benefit', reason: 'Better.', pairs: 1 };
    };
    const { manifests } = await runLab(world, recipe, 3, ports, promote);
    expect(decided).toEqual(['lab-v1 against lab-v0', 'lab-v2 against lab-v1', 'lab-v3 against lab-v0']);
    expect(manifests[1]?.publication).toMatchObject({
      publish: false,
      verdict: 'undecided',
      reason: 'Better. But lab-v0 was made live meanwhile, and it was not compared with that.',
    });
    expect((await world.server.live())?.version).toBe('lab-v0');
  });

  it('does not take away what somebody makes live while old versions are taken away', async () => {
    const world = lab();
    const ports = await world.ports();
    const server: ModelServer = {
      ...ports.server,
      remove: async (version) => {
        await ports.server.goLive(version);
        return ports.server.remove(version);
      },
    };
    const { state } = await runLab(world, recipe, 3, { ...ports, server });
    expect(state.published).toEqual(['lab-v0', 'lab-v1']);
    const left = (await world.server.versions()).map(({ version }) => version);
    expect(left).toEqual(['lab-v0', 'lab-v1', 'lab-v2', 'lab-v3']);
  });

  it('leaves another live version alone when a run begins', async () => {
    const world = lab();
    const ports = await world.ports();
    await startTraining('before', recipe, { ...ports, journal: lab().journal });
    await world.server.goLive('before-v0');
    const state = await startTraining('lab', recipe, ports);
    expect(state.live.version).toBe('before-v0');
    await expect(startTraining('other', recipe, ports)).rejects.toMatchObject({ code: 'RUN_DIFFERS' });
  });

  it('goes back to the served version when a new one collapses, after a second look, and uses its number no more', async () => {
    // In the tenth iteration every advantage has the wrong sign, a thousand times over, and the steps are large.
    const ruining = (model: TrainableModel): TrainableModel => {
      let steps = 0;
      const isTenth = (): boolean => steps === 18 || steps === 19;
      return {
        ...model,
        step: async (adam) => {
          const made = await model.step(isTenth() ? { ...adam, learningRate: 1, clipNorm: 0 } : adam);
          steps += 1;
          return made;
        },
        forwardBackward: (samples, loss) => {
          const turned = samples.map((sample) => ({
            ...sample,
            advantages: sample.advantages?.map((one) => -1_000 * one),
          }));
          return model.forwardBackward(isTenth() ? turned : samples, loss);
        },
      };
    };
    const world = lab({ wrapModel: ruining, canary: 60 });
    const harsh = trainingRecipe({ ...recipe, memory: 'none', groups: 8, canary: { pairs: 60 } });
    const { manifests, state } = await runLab(world, harsh, 11, await world.ports());
    const collapsed = manifests.find(({ outcome }) => outcome === 'collapsed');
    expect(collapsed).toMatchObject({
      iteration: 10,
      canary: { confirmed: true, collapsed: true },
      versions: { before: 9, after: 9, served: 9 },
    });
    expect(collapsed?.publication).toBeUndefined();
    expect(collapsed?.notes.join(' ')).toContain('goes back to version 9');
    expect(manifests.at(-1)).toMatchObject({ outcome: 'trained', versions: { rollouts: 9, before: 9, after: 11 } });
    expect(state).toMatchObject({ version: 11, newest: 11, step: 20 });
    expect((await world.server.versions()).map(({ version }) => version)).not.toContain('lab-v10');
    expect(world.saves()).toEqual([state.weights.path]);
  });

  it('does not train on what another policy than the trainer’s sampled, and stops when that goes on', async () => {
    const world = lab();
    const ports = await world.ports();
    // What plays rollouts holds on to the base; what plays canaries does not.
    const { runner } = ports;
    const stale: IterationPorts = {
      ...ports,
      runner: (playing) =>
        runner(playing.halves ? { ...playing, version: { ...playing.version, version: 'lab-v0' } } : playing),
    };
    const unwatched = trainingRecipe({ ...recipe, canary: { pairs: 0 } });
    await expect(runLab(world, unwatched, 12, stale)).rejects.toMatchObject({ code: 'MISMATCH_PERSISTS' });
    const manifests = await world.journal.manifests();
    expect(manifests.slice(-3).map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused']);
    const [refused] = manifests.slice(-3);
    expect(refused?.versions.after).toBe(refused?.versions.before);
    expect(refused?.training).toMatchObject({ steps: 0, kl: 0 });
    expect(refused?.notes.join(' ')).toContain('Not trained on. ');
  });

  it.each([0.5, 0.01])(
    'publishes nothing that the server does not sample from, at the learning rate %d',
    async (rate) => {
      const world = lab();
      const ports = await world.ports();
      const { runner } = ports;
      const lying: IterationPorts = {
        ...ports,
        runner: (playing) => runner({ ...playing, version: { ...playing.version, version: 'lab-v0' } }),
      };
      const some = trainingRecipe({ ...recipe, optimizer: { learningRate: rate, minibatches: 2 } });
      await expect(runLab(world, some, 1, lying)).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
      expect(await world.journal.state()).toMatchObject({ iteration: 0, version: 0 });
      const { manifests } = await runLab(world, some, 1, await world.ports());
      expect(manifests[0]).toMatchObject({ outcome: 'trained', canary: { pairs: 20 } });
    },
  );

  it('trains on rollouts one version old where versions are served every second time', async () => {
    const world = lab();
    const every2 = trainingRecipe({ ...recipe, serveEvery: 2, optimizer: { learningRate: 0.05, minibatches: 2 } });
    const { manifests } = await runLab(world, every2, 4, await world.ports());
    expect(manifests.map(({ staleness, versions }) => [staleness, versions.rollouts, versions.served])).toEqual([
      [0, 0, 0],
      [1, 0, 2],
      [0, 2, 2],
      [1, 2, 4],
    ]);
    expect(manifests[1]?.training?.mismatch?.kl).toBeGreaterThan(0);
  });

  it('keeps the saves that an iteration can begin with: the newest, and the served one while it is older', async () => {
    const world = lab();
    const every2 = trainingRecipe({ ...recipe, serveEvery: 2, optimizer: { learningRate: 0.05, minibatches: 2 } });
    for (const [iterations, kept] of [
      [1, 2],
      [2, 1],
      [3, 2],
      [4, 1],
    ] as const) {
      const { state } = await runLab(world, every2, iterations, await world.ports());
      expect(new Set(world.saves())).toEqual(new Set([state.weights.path, state.served.weights.path]));
      expect(world.saves()).toHaveLength(kept);
    }
  });

  it('credits entries by the difference of the halves, and the ledger reads the same from the episodes', async () => {
    const world = lab();
    const { manifests } = await runLab(world, recipe, 4, await world.ports());
    const credits = manifests.flatMap((manifest) => manifest.credits);
    expect(credits.length).toBeGreaterThan(3);
    const ids = [...new Set(credits.flatMap(({ exposures }) => exposures.map(({ entryId }) => entryId)))];
    const rows = await world.episodes.statistics('lab', ids);
    expect(new Set(rows.map(({ propensity, purpose }) => `${purpose} ${propensity}`))).toEqual(new Set(['train 0.5']));
    const played = (shown: boolean): number =>
      rows.filter((row) => row.shown === shown).reduce((sum, row) => sum + row.episodes, 0);
    expect(played(true)).toBe(played(false));
    expect(played(true)).toBeGreaterThan(0);
  });

  it('imitates an expert in the same harness', async () => {
    const world = lab();
    const ports = await world.ports();
    const sft = trainingRecipe({
      name: 'sft',
      ...quick,
      optimizer: { learningRate: 0.3, minibatches: 4, epochs: 2 },
      source: 'demonstrations',
      memory: 'none',
      canary: { pairs: 40 },
    });
    await expect(runLab(world, sft, 1, ports)).rejects.toMatchObject({ code: 'DEMONSTRATIONS_MISSING' });
    const asked: unknown[] = [];
    const { manifests } = await runLab(world, sft, 12, {
      ...ports,
      demonstrations: async (request) => {
        asked.push(request);
        // The first word answers the first cue, and so on; both ways in which a cue is shown.
        return Array.from({ length: request.count }, (_, index) => {
          const word = index % 4;
          return { ids: [0, 5 + 2 * word + (Math.floor(index / 4) % 2), 1 + word], weights: [0, 0, 1] };
        });
      },
    });
    expect(asked[0]).toMatchObject({ expert: 'uninformed', count: 32 });
    expect(manifests[0]).toMatchObject({ outcome: 'trained', rollouts: { planned: 0 }, groups: [] });
    expect(manifests[0]?.training?.steps).toBe(8);
    expect(manifests.at(-1)?.canary?.candidate).toBeGreaterThan(0.9);
  });

  it('trains nothing, and says so, when no group is worth a step', async () => {
    const world = lab();
    const ports = await world.ports();
    const environment = scriptedEnvironment(world.games.train.map(({ id }) => ({ id, wins: ['red'], maxSteps: 1 })));
    const silent: Policy = { name: 'silent', version: '1', act: async () => ({ action: 'nothing', calls: [] }) };
    const runner = async () => localRunner(environment, { none: silent, entries: silent });
    const { state, manifests } = await runLab(world, recipe, 1, { ...ports, runner });
    expect(manifests[0]).toMatchObject({
      outcome: 'idle',
      versions: { before: 0, after: 0 },
      rollouts: { successRate: 0 },
    });
    expect(manifests[0]?.notes.join(' ')).toContain('No group was worth a step');
    expect(state).toMatchObject({ iteration: 1, version: 0, newest: 0 });
  });

  it('stops where nothing can be played, as with a server that is too old to name tokens, and goes on when it can', async () => {
    const world = lab();
    const ports = await world.ports();
    const environment = scriptedEnvironment(world.games.train.map(({ id }) => ({ id, wins: ['red'], maxSteps: 1 })));
    const act = (): Promise<never> =>
      Promise.reject(new UnsupportedError('model', { code: 'CAPABILITY_MISSING', message: 'It names no tokens.' }));
    const failing: Policy = { name: 'failing', version: '1', act };
    const runner = async () => localRunner(environment, { none: failing, entries: failing });
    await expect(runLab(world, recipe, 1, { ...ports, runner })).rejects.toMatchObject({
      code: 'ROLLOUTS_FAILED',
      message: expect.stringMatching(/None of 32 .*CAPABILITY_MISSING: It names no tokens/) as string,
      hint: expect.stringContaining('server') as string,
    });
    const { manifests } = await runLab(world, recipe, 1, ports);
    expect(manifests).toMatchObject([{ outcome: 'trained', rollouts: { played: 32, errored: 0 } }]);
  });

  it.each([
    ['TOKENS_UNSUPPORTED', 'server', { capabilities: { tokens: false } }],
    ['CHECKPOINT_UNSUPPORTED', 'server', { capabilities: { tokens: true, kinds: ['lora'] } }],
    ['TOKENIZER_MIXED', 'tokenizer', 'words'],
  ] as const)('refuses with %s to begin', async (code, port, change) => {
    const ports = await lab().ports();
    const wrong = typeof change === 'string' ? change : { ...ports[port as 'server'], ...change };
    await expect(startTraining('lab', recipe, { ...ports, [port]: wrong })).rejects.toMatchObject({ code });
  });
});
