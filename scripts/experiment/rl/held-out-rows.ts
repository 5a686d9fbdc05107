import { table } from '../../../packages/skillrl/src/cli/output.ts';
import { inPoints, overSeeds } from './over-seeds.ts';
import { type StudyRun, trainingMs } from './study.ts';

/** What one run gained on the held-out games, one row a side. Shares in [0, 1]. */
export interface HeldOutRow {
  readonly arm: string;
  readonly seed: number;
  /** `none`: without entries; `entries`: with the bank of that time. */
  readonly side: string;
  /** Played to train on; 0 for imitation. */
  readonly episodes: number;
  /** Before training, without entries: there is no bank yet. */
  readonly before: number;
  readonly after: number;
  readonly gain: number;
  readonly gainWithin20: number;
  readonly stepsBefore: number;
  readonly stepsAfter: number;
  readonly trainingMinutes: number;
}

export function heldOutRows(run: StudyRun): HeldOutRow[] {
  const { curve, episodes } = run.report;
  const [first] = curve;
  if (first === undefined) return [];
  return ['none', 'entries'].flatMap((side) => {
    const last = curve.findLast((point) => point.side === side && point.iteration > first.iteration);
    if (last === undefined) return [];
    const within20 = (point: typeof last): number => point.within['20'] ?? 0;
    return {
      arm: run.arm,
      seed: run.seed,
      side,
      episodes,
      before: first.success,
      after: last.success,
      gain: last.success - first.success,
      gainWithin20: within20(last) - within20(first),
      stepsBefore: first.steps,
      stepsAfter: last.steps,
      trainingMinutes: trainingMs(run) / 60_000,
    };
  });
}

/** A line a run, then means over seeds with their intervals. */
export function heldOutLines(rows: readonly HeldOutRow[]): string[] {
  const percent = (share: number): string => (100 * share).toFixed(1);
  const nameOf = ({ arm, side }: HeldOutRow): string => (side === 'none' ? arm : `${arm}, with the bank`);
  const header = [
    'arm',
    'seed',
    'episodes',
    'won before',
    'after',
    'gain',
    'within 20',
    'steps before',
    'after',
    'minutes',
  ];
  return [
    ...table([
      header,
      ...rows.map((row) => [
        nameOf(row),
        String(row.seed),
        row.episodes,
        percent(row.before),
        percent(row.after),
        percent(row.gain),
        percent(row.gainWithin20),
        row.stepsBefore.toFixed(1),
        row.stepsAfter.toFixed(1),
        row.trainingMinutes.toFixed(1),
      ]),
    ]),
    '',
    ...table([
      ['over seeds', 'gain within the limit', 'gain within 20 steps'],
      ...[...Map.groupBy(rows, nameOf)].map(([name, own]) => [
        name,
        inPoints(overSeeds(own.map(({ gain }) => gain))),
        inPoints(overSeeds(own.map(({ gainWithin20 }) => gainWithin20))),
      ]),
    ]),
  ];
}
