import { alignColumns } from '@skillrl/bench';

import type { EvaluationPoint, Gain } from './train-evaluation.ts';
import type { IterationRow } from './train-accounts.ts';
import type { TrainReport } from './train-report.ts';
import { percent } from './train-signals.ts';

/** The report as lines of text for a terminal: the curve, the gain, the iterations, and what a reader must know. */
export function trainReportTable(report: TrainReport): string[] {
  const { manifest, curve, gains, rows, signals, durationsMs, notes } = report;
  return [
    `${manifest.recipe.name}: ${manifest.question}`,
    `${manifest.games.train.length} games trained on, ${manifest.games.evaluation.length} held out × ${manifest.evaluationPlays} plays; 95 % intervals.`,
    '',
    ...(curve.length === 0 ? [] : [...alignColumns([curveHeader, ...curve.map(curveCells)]), '']),
    ...gains.map(gainLine),
    ...(rows.length === 0 ? [] : ['', ...alignColumns([rowHeader, ...rows.map(rowCells)])]),
    '',
    ...signals.map(({ signal, did }) => `${signal}: ${did}`),
    '',
    ...(durationsMs.length === 0 ? [] : [`time: ${timeByPart(report)}`]),
    ...notes.map((note) => `note: ${note}`),
  ];
}

/** `gain  without entries, held-out success within 50, iteration 0 → 21: +13.4 points [+5.2, +21.6], 134 pairs`. */
export function gainLine({ from, to, side, within, difference, interval95, pairs }: Gain): string {
  const who = side === 'none' ? 'without entries' : 'with entries';
  return `gain  ${who}, held-out success within ${within}, iteration ${from} → ${to}: ${points(difference)} points [${points(interval95.low)}, ${points(interval95.high)}], ${pairs} pairs`;
}

export function points(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)}`;
}

export function timeByPart({ durationsMs }: TrainReport): string {
  const all = durationsMs.reduce((sum, { ms }) => sum + ms, 0);
  return durationsMs
    .map(({ part, ms }) => `${part} ${(ms / 1_000).toFixed(0)} s (${percent(ms / Math.max(1, all))})`)
    .join(', ');
}

const curveHeader = [
  'iteration',
  'side',
  'success',
  'within 10',
  'within 20',
  'within 30',
  'mean steps',
  'idle in lost',
  'plays',
];

function curveCells({
  iteration,
  side,
  success,
  interval95,
  within,
  steps,
  idleInLost,
  plays,
}: EvaluationPoint): string[] {
  const wonWithin = (key: string): string => percent(within[key] ?? 0);
  const interval = `[${(100 * interval95.low).toFixed(1)}, ${(100 * interval95.high).toFixed(1)}]`;
  return [
    String(iteration),
    side === 'none' ? 'without entries' : 'with entries',
    `${percent(success)} ${interval}`,
    wonWithin('10'),
    wonWithin('20'),
    wonWithin('30'),
    steps.toFixed(1),
    share(idleInLost),
    String(plays),
  ];
}

export const rowHeader = [
  'iteration',
  'reward',
  'success',
  'with entries',
  'steps',
  'idle in lost',
  'entropy',
  'KL',
  'mismatch',
  'stale',
  'groups',
  'verdict',
];

export function rowCells(row: IterationRow): string[] {
  return [
    String(row.iteration),
    number(row.reward, 2),
    share(row.successWithout ?? row.success),
    share(row.successWithEntries),
    number(row.steps, 1),
    share(row.idleInLost),
    number(row.entropy, 3),
    number(row.kl, 4),
    row.mismatch?.toExponential(1) ?? '–',
    String(row.staleness),
    `${row.groupsUsed}/${row.groups}`,
    row.verdict,
  ];
}

function number(value: number | undefined, digits: number): string {
  return value?.toFixed(digits) ?? '–';
}

function share(value: number | undefined): string {
  return value === undefined ? '–' : percent(value);
}
