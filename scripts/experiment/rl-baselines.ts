import { baselineNames, baselines } from '@skillrl/training';

import { heldOutLines, heldOutRows } from './rl/held-out-rows.ts';
import { runStudy, withoutCanary } from './rl/study.ts';

export const description =
  'every baseline in one harness: imitation, informed imitation, rejection sampling, GRPO without and with memory, step advantages, plain GRPO';

/** Iterations of imitation have as many plays of the expert. */
const arms = Object.fromEntries(baselineNames.map((name) => [name, withoutCanary(baselines[name])]));

export const experiment = (args: readonly string[]): Promise<void> =>
  runStudy(
    args,
    {
      name: 'rl-baselines',
      description,
      question:
        'What do the ways of training gain on the held-out games, from the same start in the same number of plays?',
      endpoint:
        'success on held-out games within 50 steps, after − before, mean over seeds with its 95 % interval, by arm',
      arms,
      sampleSize: '4 seeds: a difference of two arms is seen from about 12 points on',
      defaults: { seeds: 4 },
    },
    (runs) => {
      const rows = runs.flatMap(heldOutRows);
      return { rows, lines: heldOutLines(rows) };
    },
  );
