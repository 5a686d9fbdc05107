import { join } from 'node:path';

import { llamaCppServer, policyRegistry } from '@skillrl/drivers';
import { memoryTrainer, temporaryFolder, tinyTokenizerId, writeTinyCheckpoint } from '@skillrl/testing';
import { expect, it } from 'vitest';

import { keepLastVersion } from './keep-last-version.ts';
import { publishPolicy } from './publish-policy.ts';

it('takes the version of a finished run into the registry, once, from where it can be published', async () => {
  const folder = temporaryFolder();
  const registry = policyRegistry({ folder: join(folder, 'policies') });
  const trainer = await memoryTrainer().open({ base: 'tiny' });
  const loaded: string[] = [];
  const model: typeof trainer = {
    ...trainer,
    load: async (path) => void loaded.push(path),
    // The trainer in memory writes no GGUF file.
    exportWeights: async (_, path) => writeTinyCheckpoint(path, { version: 'run-v2', seed: 2 }),
  };
  const weights = { path: 'saved' };
  const state = {
    served: { version: 'run-v2', model: 'm', sha256: 'x', number: 2, step: 8, weights },
    bankRevision: 7,
  };
  const ports = { model, weightsFolder: (name: string) => join(folder, 'weights', name), tokenizer: tinyTokenizerId() };

  await keepLastVersion(state, ports, registry);
  await keepLastVersion(state, ports, registry);
  expect(loaded).toEqual(['saved']);
  expect(await registry.list()).toMatchObject([{ version: 'run-v2', status: 'candidate', base: model.info.base }]);
  const server = llamaCppServer({ folder: join(folder, 'served') });
  await publishPolicy('run-v2', { registry, server });
  expect((await server.live())?.version).toBe('run-v2');
});
