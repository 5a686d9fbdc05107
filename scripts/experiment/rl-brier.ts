import type { Episode } from '@skillrl/core';
import { sqlite } from '@skillrl/drivers';
import { baselines, baselineSwitches, trainingRecipe } from '@skillrl/training';

import { table } from '../../packages/skillrl/src/cli/output.ts';
import { storedEvaluations } from '../../packages/skillrl/src/jobs/train-evaluation.ts';
import { overSeeds } from './rl/over-seeds.ts';
import { recalibrated, statedChances, type TruthOfChances, truthOf } from './rl/stated-chances.ts';
import { type Conclusion, runStudy, type StudyRun, withoutCanary } from './rl/study.ts';

export const description =
  'the Brier reward in a real run: how true the stated chances become, against the binary reward and binary with recalibration';

/** Iterations whose plays a calibrator is fitted on: the last ones, of a policy that is nearly the one that is judged. */
const fittedIterations = 4;

export const experiment = (args: readonly string[]): Promise<void> =>
  runStudy(
    args,
    {
      name: 'rl-brier',
      description,
      question: 'Does the Brier reward halve the calibration error of the stated chance, at equal success?',
      endpoint: `ECE of the chance stated first, on held-out games after training: Brier reward against binary and against binary recalibrated on the plays of the last ${fittedIterations} iterations; by seed. Brier score, AUROC and success (within 3 points) beside it`,
      arms: {
        binary: withoutCanary(baselines.grpo),
        brier: withoutCanary(trainingRecipe({ ...baselineSwitches.grpo, name: 'grpo-brier', reward: { brier: 1 } })),
      },
      sampleSize: '8 seeds',
      defaults: { seeds: 8 },
    },
    conclude,
  );

interface Row extends Partial<TruthOfChances> {
  readonly arm: string;
  readonly seed: number;
  readonly success?: number;
  /** Of the policy before training. */
  readonly before?: TruthOfChances;
}

async function conclude(runs: readonly StudyRun[]): Promise<Conclusion> {
  const rows = (await Promise.all(runs.map(rowsOf))).flat();
  return { rows, lines: [...meansOf(rows), '', ...differencesOf(rows)] };
}

/** A run, and a binary one once more with what it stated recalibrated. */
async function rowsOf({ arm, seed, report, folder }: StudyRun): Promise<Row[]> {
  const { manifest, curve, iterations } = report;
  const store = sqlite({ path: folder.database });
  try {
    const points = await storedEvaluations(manifest.id, store.episodes);
    const chancesAt = (place: number) =>
      statedChances((points.at(place)?.rollouts ?? []).map(({ episode }) => episode));
    const [before, after] = [chancesAt(0), chancesAt(-1)];
    const common = { seed, success: curve.at(-1)?.success, before: truthOf(before) };
    const own = { arm, ...common, ...truthOf(after) };
    if (arm !== 'binary') return [own];
    const fittedOn: Episode[] = [];
    for (let iteration = Math.max(1, iterations - fittedIterations + 1); iteration <= iterations; iteration += 1)
      for await (const episode of store.episodes.episodes({ purpose: 'train', ended: true }))
        if (episode.tags['suite'] === `${manifest.id}/iteration-${iteration}`) fittedOn.push(episode);
    const chances = recalibrated(statedChances(fittedOn), after);
    return [own, { arm: 'binary, recalibrated', ...common, ...truthOf(chances) }];
  } finally {
    await store.close();
  }
}

const arms = ['binary', 'binary, recalibrated', 'brier'];

const figures: readonly (readonly [name: string, of: (row: Row) => number | undefined])[] = [
  ['success', ({ success }) => success],
  ['ECE', ({ ece }) => ece],
  ['Brier', ({ brier }) => brier],
  ['AUROC', ({ auroc }) => auroc],
  ['stated', ({ stated }) => stated],
  ['plays that stated one', ({ plays }) => plays],
];

function meansOf(rows: readonly Row[]): string[] {
  const before = rows
    .filter(({ arm }) => arm === 'binary')
    .map((row): Row => ({ ...row, ...row.before, success: undefined }));
  const line = (name: string, own: readonly Row[]): string[] => [name, ...figures.map(([, of]) => meanOf(own.map(of)))];
  return table([
    ['arm', ...figures.map(([name]) => name)],
    line('before', before),
    ...arms.map((arm) =>
      line(
        arm,
        rows.filter((row) => row.arm === arm),
      ),
    ),
  ]);
}

/** Seed by seed: what the Brier reward makes of each figure, against each way without it. */
function differencesOf(rows: readonly Row[]): string[] {
  const brier = rows.filter(({ arm }) => arm === 'brier');
  return table([
    ['brier less', ...figures.slice(0, 4).map(([name]) => name)],
    ...arms.slice(0, 2).map((arm) => [
      arm,
      ...figures.slice(0, 4).map(([, of]) =>
        meanOf(
          brier.map((row) => {
            const [own, other] = [of(row), rows.filter((one) => one.arm === arm && one.seed === row.seed).map(of)[0]];
            return own === undefined || other === undefined ? undefined : own - other;
          }),
        ),
      ),
    ]),
  ]);
}

function meanOf(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return '–';
  const { mean, interval } = overSeeds(known);
  return `${mean.toFixed(3)} [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]`;
}
