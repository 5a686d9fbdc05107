import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Trainer } from '@skillrl/core';
import { builtinPolicyFolder, policyRegistry, readExport, tinkerTrainer } from '@skillrl/drivers';
import { describeWith, requirement, temporaryFolder } from '@skillrl/testing';
import { trainingRecipe } from '@skillrl/training';
import { expect, it } from 'vitest';

import { manifestsOf, shortRecipe, shortTraining } from '../../test-support/short-training.ts';
import { modelServer } from '../model-servers.ts';
import { chatModel } from '../models.ts';
import { projectFolder } from '../project-folder.ts';
import { publishPolicy } from './publish-policy.ts';
import { connectTrainer } from './trainer-connection.ts';

const program = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

describeWith(requirement('python'), 'a training run that publishes', () => {
  it('makes a version live that fresh pairs show to be better, and skillrl policy rollback brings the one before back', async () => {
    const folder = temporaryFolder();
    const { signal } = new AbortController();
    const connection = await connectTrainer(folder, { onProgress: () => {}, signal });
    const trainer = tinkerTrainer(connection);
    const registry = policyRegistry({ folder: projectFolder(folder).policies });
    const server = modelServer('llama-cpp', { folder });
    const live = async () => (await server.live())?.version;
    const said = async (): Promise<string> => {
      const model = chatModel(server.liveModel);
      const { text } = await model.chat({ prompt: taskPrompt, temperature: 0, maxTokens: 8 });
      await model.close?.();
      return text;
    };
    try {
      const exported = await muteExport(trainer, join(temporaryFolder(), 'mute'));
      await registry.add(await readExport(exported, { version: 'mute', createdAt: 1 }));
      await publishPolicy('mute', { registry, server });
      expect([await live(), (await said()).trim()]).toEqual(['mute', '']);

      // Four wins and no loss are p = 0.06 of the exact test.
      const recipe = trainingRecipe({ ...shortRecipe, publication: { every: 1, pairs: 12, error: 0.1 } });
      const { state } = await shortTraining(folder, { recipe, publishes: true }, { trainer: connection });
      expect(state).toMatchObject({
        live: { version: `${state.run}-v1` },
        published: [`${state.run}-v0`, 'mute', `${state.run}-v1`],
        sinceDecision: 0,
      });
      const [manifest] = await manifestsOf(folder);
      expect(manifest?.publication).toMatchObject({ publish: true, verdict: 'benefit', pairs: 12 });
      expect(manifest?.publication?.pValue).toBeLessThan(0.1);
      expect(await live()).toBe(state.live.version);
      expect((await said()).trim()).not.toBe('');
      expect(await standings()).toEqual({ mute: 'replaced', [state.live.version]: 'live' });

      const { stdout } = await promisify(execFile)(process.execPath, [
        program,
        'policy',
        'rollback',
        '--json',
        '--folder',
        folder,
      ]);
      expect(JSON.parse(stdout)).toMatchObject({ version: 'mute', server: 'llama-cpp', live: true });
      expect([await live(), (await said()).trim()]).toEqual(['mute', '']);
      expect(await standings()).toEqual({ mute: 'live', [state.live.version]: 'rolled back' });
    } finally {
      await trainer.close();
      await connection.close();
    }

    async function standings(): Promise<Record<string, string>> {
      return Object.fromEntries((await registry.list()).map(({ version, status }) => [version, status]));
    }
  }, 600_000);
});

interface Recorded {
  readonly prompts: readonly {
    readonly prompt: string;
    readonly promptIds: readonly number[];
    readonly completionIds: readonly number[];
  }[];
}

const { prompts } = JSON.parse(readFileSync(join(builtinPolicyFolder('warm'), 'parity.json'), 'utf8')) as Recorded;
const { prompt: taskPrompt } = prompts.find(({ prompt }) => prompt.endsWith('>'))!;

/** Exports a policy that was trained to say nothing: it ends its line at once, and wins no game. */
async function muteExport(trainer: Trainer, folder: string): Promise<string> {
  const model = await trainer.open({ base: 'warm' });
  const samples = prompts.map(({ promptIds, completionIds }) => {
    const ids = [...promptIds, completionIds.at(-1)!];
    return { ids, weights: ids.map((_, place) => (place === ids.length - 1 ? 1 / prompts.length : 0)) };
  });
  for (let step = 0; step < 12; step += 1) {
    await model.forwardBackward(samples, { name: 'cross_entropy' });
    await model.step({ learningRate: 5e-3 });
  }
  await model.exportWeights('mute', folder);
  await model.close();
  return folder;
}
