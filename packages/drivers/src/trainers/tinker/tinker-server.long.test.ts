import { describeWith, type Requirement, testTrainer, type TrainerLack } from '@skillrl/testing';

import type { TinkerDialectName } from './dialect.ts';
import { tinkerTrainer } from './tinker-trainer.ts';

/** A server that somebody runs, named by `SKILLRL_TRAINER_URL`; docs/guides/trainer-protocol.md lists the other variables. */
const { env } = process;
const url = env['SKILLRL_TRAINER_URL'] ?? '';
const server: Requirement =
  url === ''
    ? { name: 'trainer', available: false, reason: 'SKILLRL_TRAINER_URL names no server' }
    : { name: 'trainer', available: true, path: url };

const numberOf = (name: string): number | undefined => (env[name] === undefined ? undefined : Number(env[name]));
const dialect = (env['SKILLRL_TRAINER_DIALECT'] ?? 'skillrl') as TinkerDialectName;
const rank = numberOf('SKILLRL_TRAINER_RANK');
const lacks: Readonly<Record<TinkerDialectName, readonly TrainerLack[]>> = {
  skillrl: [],
  'skyrl-0.3': ['accumulation', 'clipping', 'export', 'reopening', 'base-names', 'step-counts', 'removal'],
};

describeWith(server, 'tinkerTrainer over the server of SKILLRL_TRAINER_URL', () => {
  testTrainer({
    create: () =>
      tinkerTrainer({
        url,
        token: env['SKILLRL_TRAINER_TOKEN'],
        dialect,
        model: {
          vocabulary: numberOf('SKILLRL_TRAINER_VOCABULARY') ?? 0,
          context: numberOf('SKILLRL_TRAINER_CONTEXT') ?? 0,
          base: env['SKILLRL_TRAINER_BASE_SHA256'] ?? '0'.repeat(64),
        },
      }),
    base: env['SKILLRL_TRAINER_BASE'] ?? 'warm',
    form: rank === undefined ? undefined : { rank, seed: 1 },
    learningRate: numberOf('SKILLRL_TRAINER_RATE') ?? 1e-3,
    lacks: lacks[dialect],
  });
});
