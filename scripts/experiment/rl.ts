import { baselines } from '@skillrl/training';

import { heldOutLines, heldOutRows } from './rl/held-out-rows.ts';
import { runStudy, withoutCanary } from './rl/study.ts';

export const description =
  'GRPO with our signals from the policy `warm`: held-out success before and after 2,688 training episodes, by seed';

export const experiment = (args: readonly string[]): Promise<void> =>
  runStudy(
    args,
    {
      name: 'rl',
      description,
      question: 'Does GRPO with our signals win 15 points more of the held-out games within 2,700 training episodes?',
      endpoint: 'success on held-out games within 50 steps, after − before, mean over seeds with its 95 % interval',
      arms: { grpo: withoutCanary(baselines.grpo) },
      sampleSize: '8 seeds: ±5.5 points by the pilot of the design page on evidence',
      defaults: { seeds: 8 },
    },
    (runs) => {
      const rows = runs.flatMap(heldOutRows);
      return { rows, lines: heldOutLines(rows) };
    },
  );
