import { tinkerTrainer } from '@skillrl/drivers';
import { describeWith, requirement, testTrainer } from '@skillrl/testing';
import { afterAll, beforeAll } from 'vitest';

import { type RunningTrainer, startTrainer } from '../../test-support/running-trainer.ts';

describeWith(requirement('python'), 'tinkerTrainer over the trainer service, all parameters', () => {
  let trainer: RunningTrainer;
  beforeAll(async () => void (trainer = await startTrainer()), 900_000);
  afterAll(() => trainer.stop());

  testTrainer({
    create: () => tinkerTrainer({ url: trainer.state().url, token: trainer.state().token }),
    base: 'warm',
    otherBase: 'base',
    learningRate: 1e-3,
  });
});
