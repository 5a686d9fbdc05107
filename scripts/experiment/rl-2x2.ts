import { join, resolve } from 'node:path';

import { baselines, trainingRecipe } from '@skillrl/training';

import { table } from '../../packages/skillrl/src/cli/output.ts';
import { replaceFile } from '../../packages/skillrl/src/jobs/durable-file.ts';
import type { TrainReport } from '../../packages/skillrl/src/jobs/train-report.ts';
import { runStudy, studyOptions, type StudyRun } from './rl/study.ts';

export const description =
  'memory × signals: rollouts until 10 points more of the held-out games are won, every rollout counted';

/** Above the frozen policy. */
const wanted = 0.1;

/** The options of `rl`, with 4 seeds by default: a pilot. Resumable. */
export async function experiment(args: readonly string[]): Promise<void> {
  const options = studyOptions(args.some((one) => one.startsWith('--seeds')) ? args : [...args, '--seeds', '1,2,3,4']);
  const name = 'rl-2x2';
  const plain = baselines['grpo-plain'];
  const { name: _name, memory: _memory, ...switches } = plain;
  const runs = await runStudy(
    {
      name,
      question: 'How many rollouts does it take to win 10 points more of the held-out games, by memory and by signals?',
      endpoint:
        'rollouts (training and canary) until the smoothed held-out curve is 10 points above its first point; without the bank and with it',
      arms: {
        plain,
        'plain+memory': trainingRecipe({ ...switches, name: 'plain, memory', memory: 'half' }),
        signals: baselines.grpo,
        'signals+memory': baselines['grpo-memory'],
      },
      sampleSize: '4 seeds as a pilot; then as many as its deviation asks for',
      iterations: 30,
      evaluateEvery: 3,
    },
    options,
  );
  const rows = runs.map(rowOf);
  replaceFile(join(resolve(options.folder, name), 'result.json'), `${JSON.stringify(rows, undefined, 2)}\n`);
  console.log(
    table([
      ['arm', 'seed', 'rollouts to +10', 'with the bank', 'rollouts in all', 'last gain'],
      ...rows.map((row) => [
        row.arm,
        String(row.seed),
        row.without === undefined ? 'not reached' : row.without.toFixed(0),
        row.withEntries === undefined ? '–' : row.withEntries.toFixed(0),
        row.rollouts,
        (100 * row.gain).toFixed(1),
      ]),
    ]).join('\n'),
  );
}

function rowOf({ arm, seed, result: { report } }: StudyRun) {
  const perIteration = rolloutsOf(report) / Math.max(1, report.iterations);
  const start = report.curve[0]?.success ?? 0;
  const reached = (side: string): number | undefined => {
    const own = report.curve.filter((point) => point.side === side);
    const iteration = firstReached(
      own.map((point) => ({ iteration: point.iteration, value: point.success })),
      start + wanted,
    );
    return iteration === undefined ? undefined : iteration * perIteration;
  };
  return {
    arm,
    seed,
    without: reached('none'),
    withEntries: reached('entries'),
    rollouts: rolloutsOf(report),
    gain: report.gains[0]?.difference ?? 0,
  };
}

function rolloutsOf({ episodes, manifest, iterations }: TrainReport): number {
  return episodes + iterations * manifest.recipe.canary.pairs;
}

/** The iteration at which the mean of three neighbouring points first reaches a value, straight between points. */
function firstReached(
  curve: readonly { readonly iteration: number; readonly value: number }[],
  value: number,
): number | undefined {
  const smooth = curve.map(({ iteration }, index) => {
    const near = curve.slice(Math.max(0, index - 1), index + 2);
    return { iteration, value: near.reduce((sum, point) => sum + point.value, 0) / near.length };
  });
  const at = smooth.findIndex((point) => point.value >= value);
  const [before, after] = [smooth[at - 1], smooth[at]];
  if (after === undefined) return undefined;
  if (before === undefined) return after.iteration;
  return (
    before.iteration + ((value - before.value) / (after.value - before.value)) * (after.iteration - before.iteration)
  );
}
