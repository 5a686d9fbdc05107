import { temporaryFolder, testTrainer, startTinkerWireServer, type TinkerWireServer } from '@skillrl/testing';
import { afterAll, beforeAll, describe } from 'vitest';

import { tinkerTrainer } from './tinker-trainer.ts';

describe('tinkerTrainer over our own wire', () => {
  let server: TinkerWireServer;
  beforeAll(async () => void (server = await startTinkerWireServer({ token: 'secret' })));
  afterAll(() => server.close());

  testTrainer({
    create: () => tinkerTrainer({ url: server.url, token: 'secret' }),
    base: 'tiny',
    otherBase: 'other',
  });
});

describe('tinkerTrainer over the wire of SkyRL 0.3', () => {
  let server: TinkerWireServer;
  beforeAll(
    async () => void (server = await startTinkerWireServer({ dialect: 'skyrl-0.3', folder: temporaryFolder() })),
  );
  afterAll(() => server.close());

  testTrainer({
    create: () =>
      tinkerTrainer({
        url: server.url,
        dialect: 'skyrl-0.3',
        model: { vocabulary: 64, context: 256, base: 'b'.repeat(64) },
      }),
    base: 'tiny',
    form: { rank: 8 },
    lacks: ['accumulation', 'clipping', 'export', 'reopening', 'base-names', 'step-counts', 'removal'],
  });
});
