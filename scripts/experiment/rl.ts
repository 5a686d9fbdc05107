import { join, resolve } from 'node:path';

import { baselines } from '@skillrl/training';

import { replaceFile } from '../../packages/skillrl/src/jobs/durable-file.ts';
import { table } from '../../packages/skillrl/src/cli/output.ts';
import { inPoints, overSeeds } from './rl/over-seeds.ts';
import { runStudy, studyOptions, type StudyRun, trainingMs } from './rl/study.ts';

export const description =
  'GRPO with our signals from the policy `warm`: held-out success before and after 2,688 training episodes, by seed';

/**
 * `--seeds 1,2,…`, `--games official|houses`, `--data FOLDER`, `--plays N` of each held-out game. Resumable: the same command goes on. The canary is
 * off: it is a safety of long runs, and its plays are no training episodes.
 */
export async function experiment(args: readonly string[]): Promise<void> {
  const options = studyOptions(args);
  const runs = await runStudy(
    {
      name: options.games === 'houses' ? 'rl-houses' : 'rl',
      question: 'Does GRPO with our signals win 15 points more of the held-out games within 2,700 training episodes?',
      endpoint: 'success on held-out games within 50 steps, after − before, mean over seeds with its 95 % interval',
      arms: { grpo: { ...baselines.grpo, canary: { ...baselines.grpo.canary, pairs: 0 } } },
      sampleSize: '8 seeds: ±5.5 points by the pilot of the design page on evidence',
    },
    options,
  );
  const lines = summary(runs);
  replaceFile(
    join(resolve(options.folder, options.games === 'houses' ? 'rl-houses' : 'rl'), 'result.json'),
    `${JSON.stringify(runs.map(rowOf), undefined, 2)}\n`,
  );
  console.log(['', ...lines].join('\n'));
}

function rowOf(run: StudyRun) {
  const { report } = run.result;
  const [first, last] = [report.curve[0], report.curve.at(-1)];
  return {
    arm: run.arm,
    seed: run.seed,
    episodes: report.episodes,
    before: first?.success ?? 0,
    after: last?.success ?? 0,
    gain: report.gains[0]?.difference ?? 0,
    gainWithin20: report.gains[1]?.difference ?? 0,
    stepsBefore: first?.steps ?? 0,
    stepsAfter: last?.steps ?? 0,
    trainingMinutes: trainingMs(run) / 60_000,
  };
}

function summary(runs: readonly StudyRun[]): string[] {
  const rows = runs.map(rowOf);
  const share = (value: number): string => (100 * value).toFixed(1);
  return [
    ...table([
      ['seed', 'episodes', 'won before', 'after', 'gain', 'within 20', 'steps before', 'after', 'minutes of training'],
      ...rows.map((row) => [
        String(row.seed),
        row.episodes,
        share(row.before),
        share(row.after),
        share(row.gain),
        share(row.gainWithin20),
        row.stepsBefore.toFixed(1),
        row.stepsAfter.toFixed(1),
        row.trainingMinutes.toFixed(1),
      ]),
    ]),
    '',
    `gain: ${inPoints(overSeeds(rows.map(({ gain }) => gain)))}`,
    `gain within 20 steps: ${inPoints(overSeeds(rows.map(({ gainWithin20 }) => gainWithin20)))}`,
  ];
}
