import type { IterationRow } from '../jobs/train-accounts.ts';
import type { TrainNews } from '../jobs/train-news.ts';
import { rowOf } from '../jobs/train-report.ts';
import { points, rowCells, rowHeader } from '../jobs/train-report-table.ts';
import { percent } from '../jobs/train-signals.ts';
import type { Output } from './output.ts';
import { progressLine } from './progress-line.ts';
import { sparkline } from './sparkline.ts';

/**
 * Tells of a training run: a line an iteration, a line a point of the curve, and on a terminal the curves so far and what is under way. For programs
 * each iteration and each point is one line of JSON.
 */
export function trainingProgress(
  output: Output,
  stream: NodeJS.WriteStream = process.stderr,
): (news: TrainNews) => void {
  const underWay = progressLine(stream);
  const rows: IterationRow[] = [];
  const heldOut: number[] = [];
  let widths: readonly number[] | undefined;
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padStart(widths?.[column] ?? 0)).join('  ');

  return (news) => {
    switch (news.type) {
      case 'iteration': {
        const row = rowOf(news.manifest);
        rows.push(row);
        output.data({ type: 'iteration', ...row });
        if (widths === undefined) {
          widths = rowHeader.map((name) => Math.max(name.length, 8));
          output.line(line(rowHeader));
        }
        clear(stream);
        output.line(line(rowCells(row)));
        if (stream.isTTY && !output.json) stream.write(`${curves(rows, heldOut)}`);
        break;
      }
      case 'point': {
        const { point } = news;
        if (point.side === 'none') heldOut.push(point.success);
        output.data(news);
        clear(stream);
        const { low, high } = point.interval95;
        output.line(
          `held out, after ${point.iteration}${point.side === 'none' ? '' : ', with entries'}: ${percent(point.success)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}] won, within 20 ${percent(point.within['20'] ?? 0)}, ${point.steps.toFixed(1)} steps${heldOut.length > 1 && point.side === 'none' ? `, ${points(point.success - heldOut[0]!)} points since the start` : ''}`,
        );
        break;
      }
      case 'stage-start':
      case 'stage-advance':
        // Elsewhere a line an iteration is enough.
        if (stream.isTTY) underWay(news);
        break;
      case 'stage-end':
        break;
      case 'notice':
        output.note(news.message);
        break;
      default:
        news satisfies never;
    }
  };
}

/** The curves so far, on one line that the next news overwrites. */
function curves(rows: readonly IterationRow[], heldOut: readonly number[]): string {
  const part = (name: string, values: readonly (number | undefined)[]): string => `${name} ${sparkline(values, 20)}`;
  return [
    part(
      'reward',
      rows.map(({ reward }) => reward),
    ),
    part(
      'entropy',
      rows.map(({ entropy }) => entropy),
    ),
    ...(heldOut.length > 1 ? [part('held out', heldOut)] : []),
  ].join('   ');
}

function clear(stream: NodeJS.WriteStream): void {
  if (stream.isTTY) stream.write('\r\u001b[2K');
}
