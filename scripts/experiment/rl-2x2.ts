import { baselines, baselineSwitches, trainingRecipe } from '@skillrl/training';

import { table } from '../../packages/skillrl/src/cli/output.ts';
import { firstReached } from './rl/first-reached.ts';
import { overSeeds } from './rl/over-seeds.ts';
import { runStudy, type StudyRun, withoutCanary } from './rl/study.ts';

export const description =
  'memory × signals: rollouts until 10 points more of the held-out games are won, every rollout counted';

/** Above the frozen policy. */
const wanted = 0.1;

const plainWithMemory = { ...baselineSwitches['grpo-plain'], name: 'grpo-plain-memory', memory: 'half' } as const;
const arms = {
  plain: withoutCanary(baselines['grpo-plain']),
  'plain+memory': withoutCanary(trainingRecipe(plainWithMemory)),
  signals: withoutCanary(baselines.grpo),
  'signals+memory': withoutCanary(baselines['grpo-memory']),
};

export const experiment = (args: readonly string[]): Promise<void> =>
  runStudy(
    args,
    {
      name: 'rl-2x2',
      description,
      question: 'How many rollouts does it take to win 10 points more of the held-out games, by memory and by signals?',
      endpoint:
        'rollouts until the smoothed held-out curve is 10 points above its first point; without the bank and with it',
      arms,
      sampleSize: '4 seeds as a pilot; then as many as its deviation asks for',
      defaults: { seeds: 4 },
      iterations: 30,
      evaluateEvery: 3,
    },
    (runs) => {
      const rows = runs.map(rowOf);
      return { rows, lines: linesOf(rows) };
    },
  );

type Row = ReturnType<typeof rowOf>;

function rowOf({ arm, seed, report }: StudyRun) {
  const perIteration = report.episodes / Math.max(1, report.iterations);
  const start = report.curve[0]?.success ?? 0;
  const reached = (side: string): number | undefined => {
    const own = report.curve
      .filter((point) => point.side === side)
      .map(({ iteration, success }) => ({ at: iteration, value: success }));
    const iteration = firstReached(own, start + wanted);
    return iteration === undefined ? undefined : iteration * perIteration;
  };
  const last = report.curve.findLast(({ side }) => side === 'none')?.success ?? start;
  return {
    arm,
    seed,
    without: reached('none'),
    withBank: reached('entries'),
    rollouts: report.episodes,
    gain: last - start,
  };
}

function linesOf(rows: readonly Row[]): string[] {
  const count = (value: number | undefined): string => value?.toFixed(0) ?? 'not reached';
  return [
    ...table([
      ['arm', 'seed', 'rollouts to +10', 'with the bank', 'rollouts in all', 'last gain'],
      ...rows.map((row) => [
        row.arm,
        String(row.seed),
        count(row.without),
        row.arm.endsWith('memory') ? count(row.withBank) : '–',
        row.rollouts.toFixed(0),
        (100 * row.gain).toFixed(1),
      ]),
    ]),
    '',
    ...Object.keys(arms)
      .slice(1)
      .map((arm) => timesFewer(rows, arm)),
  ];
}

/** Rollouts of plain GRPO over those of an arm, seed by seed, as played best: with the bank where there is one. */
function timesFewer(rows: readonly Row[], arm: string): string {
  const best = ({ without, withBank }: Row): number | undefined => withBank ?? without;
  const pairs = rows
    .filter((row) => row.arm === arm)
    .map((row) => ({
      own: best(row),
      plain: best(rows.find((other) => other.arm === 'plain' && other.seed === row.seed) ?? row),
    }));
  const logs = pairs.flatMap(({ own, plain }) =>
    own === undefined || plain === undefined || own === 0 || plain === 0 ? [] : [Math.log(plain / own)],
  );
  const missed = `${pairs.filter(({ own }) => own === undefined).length} of ${pairs.length} runs did not get there, and ${pairs.filter(({ plain }) => plain === undefined).length} of plain`;
  if (logs.length === 0) return `${arm}: cannot be compared with plain; ${missed}`;
  const { mean, interval, runs } = overSeeds(logs);
  const times = (log: number): string => Math.exp(log).toFixed(2);
  return `${arm}: ${times(mean)} times fewer rollouts than plain [${times(interval.low)}, ${times(interval.high)}], geometric mean of ${runs} seed pairs that both got there; ${missed}`;
}
