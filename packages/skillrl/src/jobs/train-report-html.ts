import { escapeHtml, reportPage } from '@skillrl/bench';

import { lineChart } from './train-report-charts.ts';
import { gainLine, rowCells, rowHeader } from './train-report-table.ts';
import type { IterationRow } from './train-accounts.ts';
import type { TrainReport } from './train-report.ts';
import { percent } from './train-signals.ts';

/** The report as one self-contained page. */
export function trainReportHtml(report: TrainReport): string {
  const { manifest, gains, rows, bank, notes } = report;
  const title = 'Does the policy get better at games it was not trained on?';
  return reportPage(
    title,
    `<p class="question">${escapeHtml(manifest.question)}</p>
${gains.map((gain) => `<p class="gain ${gain.interval95.low > 0 ? 'higher' : gain.interval95.high < 0 ? 'lower' : ''}">${escapeHtml(gainLine(gain))}</p>`).join('\n')}
<h2>Held-out games</h2>
${curveChart(report)}
<h2>Training</h2>
${trainingCharts(rows)}
<h2>The six signals</h2>
${table(
  ['signal', 'where it acts', 'what it did here'],
  report.signals.map(({ signal, acts, did }) => [signal, acts, did]),
  'words',
)}
<h2>What the gate said of groups</h2>
${table(
  ['reason', 'groups', 'of them left out, for this or another reason', 'for example'],
  report.gates.map(({ code, groups, dropped, example }) => [code, String(groups), String(dropped), example]),
  'words',
)}
<h2>The bank</h2>
${lineChart(
  [
    {
      label: 'entries changed, in all',
      points: bank.map(({ iteration }, index) => ({
        x: iteration,
        y: bank.slice(0, index + 1).reduce((sum, { changed }) => sum + changed, 0),
      })),
    },
  ],
  { label: 'Entries added or changed by iteration', xLabel: 'iteration', format: (value) => value.toFixed(0) },
)}
<h2>Iterations</h2>
${table(rowHeader, rows.map(rowCells))}
<h2>Time by part</h2>
${table(
  ['part', 'seconds', 'share'],
  report.durationsMs.map(({ part, ms }) => [part, (ms / 1_000).toFixed(1), percent(ms / total(report))]),
)}
${notes.length === 0 ? '' : `<h2>Notes</h2><ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul>`}
<h2>Manifest, written before the run</h2>
<details><summary>${escapeHtml(manifest.id)} · ${manifest.games.train.length} games trained on · ${manifest.games.evaluation.length} held out</summary>
<pre>${escapeHtml(JSON.stringify(manifest, undefined, 2))}</pre></details>`,
  );
}

function curveChart({ curve }: TrainReport): string {
  const sides = [...new Set(curve.map(({ side }) => side))];
  const lines = sides.flatMap((side) => {
    const own = curve.filter((point) => point.side === side);
    const name = side === 'none' ? '' : ', with entries';
    return [
      {
        label: `won${name}`,
        points: own.map(({ iteration, success, interval95 }) => ({ x: iteration, y: success, ...interval95 })),
      },
      {
        label: `within 20${name}`,
        points: own.map(({ iteration, within }) => ({ x: iteration, y: within['20'] ?? 0 })),
      },
    ];
  });
  const options = { label: 'Success on held-out games', xLabel: 'iterations of training', range: [0, 1] as const };
  return lineChart(lines, { ...options, format: (value) => `${(100 * value).toFixed(0)} %` });
}

function trainingCharts(rows: readonly IterationRow[]): string {
  const line = (label: string, of: (row: IterationRow) => number | undefined) => ({
    label,
    points: rows.flatMap((row) => {
      const y = of(row);
      return y === undefined ? [] : [{ x: row.iteration, y }];
    }),
  });
  const share = (value: number): string => `${(100 * value).toFixed(0)} %`;
  const chart = (label: string, lines: ReturnType<typeof line>[], format: (value: number) => string): string =>
    `<h3>${escapeHtml(label)}</h3>${lineChart(lines, { label, xLabel: 'iteration', format })}`;
  return [
    chart(
      'Success in training games, which differ by iteration',
      [line('without entries', (row) => row.successWithout), line('with entries', (row) => row.successWithEntries)],
      share,
    ),
    chart('Mean reward', [line('reward', ({ reward }) => reward)], (value) => value.toFixed(2)),
    chart('Steps of lost plays that changed nothing', [line('idle', ({ idleInLost }) => idleInLost)], share),
    chart('Entropy, nats a token', [line('entropy', ({ entropy }) => entropy)], (value) => value.toFixed(2)),
    chart('KL of each update, nats a token', [line('KL', ({ kl }) => kl)], (value) => value.toFixed(4)),
    chart(
      'Stated chance of success',
      [
        line('Brier', ({ calibration }) => calibration?.brier),
        line('ECE', ({ calibration }) => calibration?.ece),
        line('AUROC', ({ calibration }) => calibration?.auroc),
      ],
      (value) => value.toFixed(2),
    ),
  ].join('');
}

function table(head: readonly string[], rows: readonly (readonly string[])[], kind = ''): string {
  if (rows.length === 0) return '<p>None.</p>';
  const cells = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? `<th>${escapeHtml(cell)}</th>` : `<td>${escapeHtml(cell)}</td>`))
      .join('');
  return `<div class="wide"><table class="${kind}"><thead><tr>${head.map((name) => `<th>${escapeHtml(name)}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row)}</tr>`).join('')}</tbody></table></div>`;
}

function total({ durationsMs }: TrainReport): number {
  return Math.max(
    1,
    durationsMs.reduce((sum, { ms }) => sum + ms, 0),
  );
}
