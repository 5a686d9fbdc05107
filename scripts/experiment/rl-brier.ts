import { join, resolve } from 'node:path';

import { calibrate, expectedCalibrationError, fitCalibrator } from '@skillrl/signals';
import { baselines, trainingRecipe } from '@skillrl/training';

import { table } from '../../packages/skillrl/src/cli/output.ts';
import { replaceFile } from '../../packages/skillrl/src/jobs/durable-file.ts';
import { storedEvaluations } from '../../packages/skillrl/src/jobs/train-evaluation.ts';
import { sqlite } from '@skillrl/drivers';
import { overSeeds } from './rl/over-seeds.ts';
import { runStudy, studyOptions, type StudyRun } from './rl/study.ts';

export const description =
  'the Brier reward in a real run: how true the stated chances become, against the binary reward and binary with recalibration';

/** The options of `rl`. Resumable. */
export async function experiment(args: readonly string[]): Promise<void> {
  const options = studyOptions(args);
  const name = 'rl-brier';
  const { grpo } = baselines;
  const canary = { ...grpo.canary, pairs: 0 };
  const runs = await runStudy(
    {
      name,
      question: 'Does the Brier reward halve the calibration error of the stated chance, at equal success?',
      endpoint:
        'ECE on held-out games after training, Brier reward against binary, by seed; AUROC and success (within 3 points) beside it',
      arms: {
        binary: { ...grpo, name: 'binary', canary },
        brier: { ...trainingRecipe({ name: 'brier', memory: 'none', reward: { brier: 1 } }), canary },
      },
      sampleSize: '8 seeds',
    },
    options,
  );
  const rows = await Promise.all(runs.map(rowOf));
  replaceFile(join(resolve(options.folder, name), 'result.json'), `${JSON.stringify(rows, undefined, 2)}\n`);
  const mean = (arm: string, of: (row: (typeof rows)[number]) => number | undefined): string => {
    const values = rows.filter((row) => row.arm === arm).map(of);
    const known = values.filter((value) => value !== undefined);
    if (known.length === 0) return '–';
    const found = overSeeds(known);
    return `${found.mean.toFixed(3)} [${found.interval.low.toFixed(3)}, ${found.interval.high.toFixed(3)}]`;
  };
  console.log(
    table([
      ['arm', 'success', 'ECE', 'Brier', 'AUROC', 'ECE recalibrated'],
      ...['binary', 'brier'].map((arm) => [
        arm,
        mean(arm, ({ success }) => success),
        mean(arm, ({ ece }) => ece),
        mean(arm, ({ brier }) => brier),
        mean(arm, ({ auroc }) => auroc),
        mean(arm, ({ recalibrated }) => recalibrated),
      ]),
    ]).join('\n'),
  );
}

async function rowOf({ arm, seed, result }: StudyRun) {
  const last = result.report.curve.at(-1);
  const store = sqlite({ path: result.folder.database });
  try {
    const plays = (await storedEvaluations(result.report.manifest.id, store.episodes)).at(-1)?.rollouts ?? [];
    return { arm, seed, success: last?.success, ...last?.confidence, recalibrated: recalibratedError(plays) };
  } finally {
    await store.close();
  }
}

/** ECE after a calibrator that was fitted on every second game is applied to the others. */
function recalibratedError(
  plays: readonly {
    readonly spec: { readonly task: { readonly id: string } };
    readonly episode: Parameters<typeof statedOf>[0];
  }[],
): number | undefined {
  const games = [...new Set(plays.map(({ spec }) => spec.task.id))].toSorted();
  const side = (remainder: number) =>
    plays
      .filter(({ spec }) => games.indexOf(spec.task.id) % 2 === remainder)
      .flatMap(({ episode }) => statedOf(episode));
  const [fitted, tested] = [side(0), side(1)];
  if (fitted.length === 0 || tested.length === 0) return undefined;
  const { calibrator } = fitCalibrator(
    fitted.map(({ stated }) => stated),
    fitted.map(({ won }) => won),
    { policyVersion: 'last' },
  );
  return expectedCalibrationError(
    tested.map(({ stated }) => calibrate(calibrator, stated).probability),
    tested.map(({ won }) => won),
  );
}

function statedOf({
  calls,
  outcome,
}: {
  readonly calls: readonly { readonly confidence?: number }[];
  readonly outcome?: { readonly status: string };
}) {
  const stated = calls[0]?.confidence;
  return stated === undefined || outcome === undefined ? [] : [{ stated, won: outcome.status === 'success' ? 1 : 0 }];
}
