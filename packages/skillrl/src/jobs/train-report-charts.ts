import { escapeHtml, palette } from '@skillrl/bench';

/** Points of one line: x by y, with an interval where there is one. */
export interface ChartLine {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly low?: number; readonly high?: number }[];
}

export interface ChartOptions {
  readonly label: string;
  readonly xLabel: string;
  /** Default: from the values, 0 included. */
  readonly range?: readonly [low: number, high: number];
  readonly format: (value: number) => string;
}

// Drawn small and enlarged by the page, so that the letters can be read on a phone.
const width = 520;
const height = 240;
const left = 60;
const bottom = height - 38;

/** Lines over iterations, with bars for intervals; a sentence where there is nothing to draw. */
export function lineChart(lines: readonly ChartLine[], { label, xLabel, range, format }: ChartOptions): string {
  const drawn = lines.filter(({ points }) => points.length > 0);
  const all = drawn.flatMap(({ points }) => points);
  if (all.length === 0) return '<p>Nothing was measured.</p>';
  const highest = Math.max(...all.map(({ y, high }) => high ?? y));
  const lowest = Math.min(0, ...all.map(({ y, low }) => low ?? y));
  const [from, to] = range ?? [lowest, highest > lowest ? highest : lowest + 1];
  const last = Math.max(1, ...all.map(({ x }) => x));
  const x = (value: number): number => left + (value / last) * (width - left - 150);
  const y = (value: number): number => bottom - ((value - from) / (to - from)) * (bottom - 12);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = from + share * (to - from);
    return `<line class="grid" x1="${left}" x2="${x(last)}" y1="${y(value)}" y2="${y(value)}"/><text class="muted" x="${left - 6}" y="${y(value) + 4}" text-anchor="end">${escapeHtml(format(value))}</text>`;
  });
  const ticks = [...new Set([0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * last)))].map(
    (value) => `<text class="muted" x="${x(value)}" y="${bottom + 18}" text-anchor="middle">${value}</text>`,
  );
  const marks = drawn.map(({ label: name, points }, index) => {
    const colour = palette[index % palette.length];
    const path = points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ');
    const bars = points
      .filter(({ low, high }) => low !== undefined && high !== undefined)
      .map(
        (point) =>
          `<line x1="${x(point.x)}" x2="${x(point.x)}" y1="${y(point.low!)}" y2="${y(point.high!)}" stroke="${colour}" stroke-width="1.5" opacity="0.6"/><circle cx="${x(point.x)}" cy="${y(point.y)}" r="3.5" fill="${colour}"/>`,
      );
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5"/>${bars.join('')}<rect x="${x(last) + 16}" y="${index * 22 + 14}" width="12" height="12" fill="${colour}"/><text x="${x(last) + 34}" y="${index * 22 + 25}">${escapeHtml(name)}</text>`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">${grid.join('')}${ticks.join('')}${marks.join('')}<text class="muted" x="${x(last / 2)}" y="${height - 4}" text-anchor="middle">${escapeHtml(xLabel)}</text></svg>`;
}
