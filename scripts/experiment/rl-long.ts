import { baselines } from '@skillrl/training';

import { table } from '../../packages/skillrl/src/cli/output.ts';
import type { EvaluationPoint } from '../../packages/skillrl/src/jobs/train-evaluation.ts';
import { runStudy, type StudyRun } from './rl/study.ts';

export const description =
  'one long run with memory: its curve, the mark of 85 %, the same policy without the bank, and informed imitation beside it';

/** Of the held-out games, with the bank. */
const mark = 0.85;

export const experiment = (args: readonly string[]): Promise<void> =>
  runStudy(
    args,
    {
      name: 'rl-long',
      description,
      question: 'Does the policy reach 85 % of the held-out games with the bank that it learned on training games?',
      endpoint: `success on held-out games within 50 steps with the bank, last point of the curve, and the first point of ${100 * mark} %`,
      arms: { 'grpo-memory': baselines['grpo-memory'], 'sft-informed': baselines['sft-informed'] },
      sampleSize: 'one run: a curve, not a comparison',
      defaults: { seeds: 1 },
      iterations: 100,
      evaluateEvery: 10,
      publishes: true,
    },
    (runs) => {
      const rows = runs.map(rowOf);
      return { rows, lines: rows.flatMap(linesOf) };
    },
  );

function rowOf({ arm, seed, report, folder }: StudyRun) {
  const { curve, bank } = report;
  const last = (side: string): EvaluationPoint | undefined => curve.findLast((point) => point.side === side);
  return {
    arm,
    seed,
    episodes: report.episodes,
    /** With the bank where there is one. */
    reached: curve.find(({ side, success }) => success >= mark && (side === 'entries' || arm === 'sft-informed'))
      ?.iteration,
    withBank: last('entries'),
    withoutBank: last('none'),
    entriesChanged: bank.reduce((sum, { changed }) => sum + changed, 0),
    published: report.rows.filter(({ verdict }) => verdict === 'published').map(({ iteration }) => iteration),
    page: folder.page,
    curve,
  };
}

function linesOf({ arm, seed, reached, withBank, withoutBank, page, curve }: ReturnType<typeof rowOf>): string[] {
  return [
    `${arm}, seed ${seed}: ${withBank === undefined ? '' : `with the bank ${inWords(withBank)}; `}without ${inWords(withoutBank)}; ${100 * mark} % ${reached === undefined ? 'not reached' : `reached at iteration ${reached}`}`,
    ...table([
      ['iteration', 'side', 'success', 'within 20', 'steps'],
      ...curve.map((point) => [
        String(point.iteration),
        point.side === 'none' ? 'without the bank' : 'with the bank',
        inWords(point),
        (100 * (point.within['20'] ?? 0)).toFixed(1),
        point.steps.toFixed(1),
      ]),
    ]),
    `page: ${page}`,
    '',
  ];
}

function inWords(point: EvaluationPoint | undefined): string {
  if (point === undefined) return 'not played';
  const { success, interval95 } = point;
  return `${(100 * success).toFixed(1)} % [${(100 * interval95.low).toFixed(1)}, ${(100 * interval95.high).toFixed(1)}]`;
}
