import { escapeHtml } from './escape-html.ts';
import type { Report } from './report.ts';

/** Colours that readers with colour blindness can tell apart (Okabe & Ito 2008). */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#999999'];

// Both charts are drawn small and enlarged by the page, so that their letters can be read on a phone.
const width = 520;

/** Every arm's share of success at each step count, with its 95 % interval. */
export function intervalChart({ arms, manifest }: Report): string {
  const rows = manifest.successWithin.flatMap((steps) =>
    arms.map((arm, index) => ({
      index,
      label: `${arm.arm}, within ${steps}`,
      summary: arm.endpoints.find(({ endpoint }) => endpoint === `success within ${steps}`),
    })),
  );
  const left = 165;
  const x = (share: number): number => left + share * (width - left - 60);
  const height = rows.length * 26 + 30;
  const marks = rows.map(({ index, label, summary }, row) => {
    const y = row * 26 + 16;
    const text = `<text x="${left - 10}" y="${y + 4}" text-anchor="end">${escapeHtml(label)}</text>`;
    if (summary === undefined) return `${text}<text class="muted" x="${left + 8}" y="${y + 4}">no plays</text>`;
    const { low, high } = summary.interval95;
    const colour = palette[index % palette.length];
    return `${text}<line x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="3"/><circle cx="${x(summary.mean)}" cy="${y}" r="5" fill="${colour}"/><text x="${x(high) + 8}" y="${y + 4}">${(100 * summary.mean).toFixed(1)} %</text>`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Success by arm with 95 % intervals">${shareAxis(x, 4, height - 22)}${marks.join('')}</svg>`;
}

/** How the share of won plays grows with the steps allowed. */
export function stepsChart({ arms }: Report): string {
  const height = 270;
  const left = 48;
  const bottom = height - 38;
  const limit = Math.max(1, ...arms.map((arm) => arm.successBySteps.length - 1));
  const x = (steps: number): number => left + (steps / limit) * (width - left - 165);
  const y = (share: number): number => bottom - share * (bottom - 12);
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line class="grid" x1="${left}" x2="${x(limit)}" y1="${y(share)}" y2="${y(share)}"/><text class="muted" x="${left - 6}" y="${y(share) + 4}" text-anchor="end">${100 * share} %</text>`,
  );
  const ticks = Array.from({ length: 6 }, (_, index) => Math.round((index * limit) / 5)).map(
    (steps) => `<text class="muted" x="${x(steps)}" y="${bottom + 18}" text-anchor="middle">${steps}</text>`,
  );
  const lines = arms.map((arm, index) => {
    const played = arm.plays > 0;
    const points = arm.successBySteps.map((share, steps) => `${x(steps).toFixed(1)},${y(share).toFixed(1)}`).join(' ');
    const colour = palette[index % palette.length];
    const line = `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2.5"/>`;
    return `${played ? line : ''}<rect x="${x(limit) + 16}" y="${index * 22 + 14}" width="12" height="12" fill="${colour}"/><text x="${x(limit) + 34}" y="${index * 22 + 25}">${escapeHtml(arm.arm)}${played ? '' : ': no plays'}</text>`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Share of won plays by steps">${grid.join('')}${ticks.join('')}${lines.join('')}<text class="muted" x="${x(limit / 2)}" y="${height - 4}" text-anchor="middle">steps</text></svg>`;
}

function shareAxis(x: (share: number) => number, top: number, bottom: number): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map(
      (share) =>
        `<line class="grid" x1="${x(share)}" x2="${x(share)}" y1="${top}" y2="${bottom}"/><text class="muted" x="${x(share)}" y="${bottom + 16}" text-anchor="middle">${100 * share} %</text>`,
    )
    .join('');
}
