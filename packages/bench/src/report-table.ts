import type { Interval } from '@skillrl/signals';

import { type Contrast, fewestPairs } from './compare.ts';
import type { Report } from './report.ts';
import type { ArmSummary } from './summarise.ts';

/** The report as lines of text for a terminal: one row an arm, then the comparisons, then what a reader must know. */
export function reportTable(report: Report): string[] {
  const { manifest } = report;
  const endpoints = [...manifest.successWithin].map((steps) => `success within ${steps}`);
  const header = ['arm', ...endpoints, 'mean steps', 'tokens/episode', 'entry tokens', 'plays', 'errored'];
  const rows = report.arms.map((arm) => [
    arm.arm,
    ...endpoints.map((endpoint) => shareCell(arm, endpoint)),
    numberCell(arm, 'steps', 1),
    numberCell(arm, 'tokens', 0),
    arm.adviceTokens.toFixed(0),
    String(arm.plays),
    String(arm.errored + arm.truncated),
  ]);
  return [
    `${manifest.protocol === 'transfer' ? 'Transfer' : 'Retry'}: ${manifest.question}`,
    `Panel ${manifest.panel.name}: ${manifest.panel.tasks.length} tasks × ${manifest.samples} plays; 95 % intervals.`,
    '',
    ...alignColumns([header, ...rows]),
    '',
    ...(report.contrasts.some(({ primary }) => primary) ? [] : [`gain  unknown: ${noPair}`]),
    ...report.contrasts.map(contrastLine),
    ...report.notes.map((note) => `note: ${note}`),
  ];
}

/** Said in place of the gain. */
export const noPair = 'no pair of plays counts for the comparison this run was made for.';

/** `gain  skills − none, success within 20: +34.2 points [+28.0, +40.1], 240 pairs`: the primary comparison in one line. */
export function contrastLine(contrast: Contrast): string {
  const { difference, interval, unit, verdict } = contrastCells(contrast);
  const label = contrast.primary ? 'gain ' : 'also ';
  return `${label} ${contrast.arm} − ${contrast.against}, ${contrast.endpoint}: ${difference}${unit} ${interval}, ${contrast.pairs} pairs: ${verdict}`;
}

/** A comparison's numbers as texts: shares in points, everything else in its own unit. */
export function contrastCells({
  endpoint,
  difference,
  interval95,
  anytime95,
  pairs,
  verdict,
  smallestVisible,
  adjustedPValue,
  pValueIsBound,
  primary,
}: Contrast): { difference: string; interval: string; unit: string; verdict: string } {
  const isShare = endpoint.startsWith('success');
  const scale = isShare ? 100 : 1;
  const unit = isShare ? ' points' : '';
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value * scale).toFixed(1)}`;
  const range = ({ low, high }: Interval): string => `[${signed(low)}, ${signed(high)}]`;
  const verdictText = (): string => {
    if (pairs < fewestPairs) return `unresolved (fewer than ${fewestPairs} pairs)`;
    if (verdict === 'unresolved') return `unresolved (smallest visible ${(smallestVisible * scale).toFixed(1)}${unit})`;
    return `${verdict} (${pValueText(adjustedPValue, pValueIsBound)}${primary ? '' : ', Holm'})`;
  };
  return {
    difference: signed(difference),
    interval: anytime95 === undefined ? range(interval95) : `${range(interval95)}, at any time ${range(anytime95)}`,
    unit,
    verdict: verdictText(),
  };
}

function pValueText(pValue: number, isBound: boolean): string {
  return pValue < 0.001 ? 'p < 0.001' : `p ${isBound ? '≤ ' : ''}${pValue.toFixed(3)}`;
}

function shareCell(arm: ArmSummary, endpoint: string): string {
  const found = arm.endpoints.find((summary) => summary.endpoint === endpoint);
  if (found === undefined) return '–';
  return `${(100 * found.mean).toFixed(1)} % [${(100 * found.interval95.low).toFixed(1)}, ${(100 * found.interval95.high).toFixed(1)}]`;
}

function numberCell(arm: ArmSummary, endpoint: string, digits: number): string {
  const found = arm.endpoints.find((summary) => summary.endpoint === endpoint);
  return found === undefined ? '–' : found.mean.toFixed(digits);
}

/** Rows as lines: the first column to the left, the others to the right, three blanks between. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('   ')
      .trimEnd(),
  );
}
