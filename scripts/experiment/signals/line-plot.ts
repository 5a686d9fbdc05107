import type { Plot } from './study.ts';

const [width, height] = [640, 320];
const margin = { left: 64, right: 16, top: 36, bottom: 48 };
/** Told apart in grey as well: each has a dash of its own. */
const pens = [
  { colour: '#1b6ca8', dash: '' },
  { colour: '#c8553d', dash: '7 4' },
  { colour: '#3a7d44', dash: '2 4' },
  { colour: '#7b4f9d', dash: '10 3 2 3' },
  { colour: '#8a6d1f', dash: '4 2' },
];

/** A plot as a self-contained SVG picture, legible on light and dark pages. */
export function linePlot({ title, x, y, series }: Plot): string {
  const points = series.flatMap((one) => one.points);
  const [left, right] = extent(points.map(([at]) => at));
  const [bottom, top] = padded(extent(points.map(([, value]) => value)));
  const toX = (at: number): number =>
    margin.left + ((at - left) / (right - left || 1)) * (width - margin.left - margin.right);
  const toY = (value: number): number =>
    height - margin.bottom - ((value - bottom) / (top - bottom)) * (height - margin.top - margin.bottom);
  const grid = ticks(bottom, top).map(
    (value) =>
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${round(toY(value))}" y2="${round(toY(value))}" stroke="#ddd"/>` +
      `<text x="${margin.left - 8}" y="${round(toY(value) + 4)}" text-anchor="end">${label(value)}</text>`,
  );
  const places = [...new Set(points.map(([at]) => at))];
  const marks = (places.length <= 8 ? places : ticks(left, right)).map(
    (at) => `<text x="${round(toX(at))}" y="${height - margin.bottom + 18}" text-anchor="middle">${label(at)}</text>`,
  );
  const lines = series.map(({ name, points: own }, index) => {
    const { colour, dash } = pens[index % pens.length]!;
    const path = own.map(([at, value]) => `${round(toX(at))},${round(toY(value))}`).join(' ');
    const legend = height + 14 + 18 * index;
    return (
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>` +
      `<line x1="${margin.left}" x2="${margin.left + 32}" y1="${legend}" y2="${legend}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>` +
      `<text x="${margin.left + 40}" y="${legend + 4}">${escaped(name)}</text>`
    );
  });
  const whole = height + 14 + 18 * series.length;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${whole}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12" fill="#222">` +
    `<rect width="${width}" height="${whole}" fill="#fff"/>` +
    `<text x="${margin.left}" y="20" font-size="14" font-weight="600">${escaped(title)}</text>` +
    [...grid, ...marks, ...lines].join('') +
    `<text x="${(margin.left + width - margin.right) / 2}" y="${height - 10}" text-anchor="middle">${escaped(x)}</text>` +
    `<text transform="translate(16 ${(margin.top + height - margin.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>` +
    `</svg>\n`
  );
}

function extent(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function padded([low, high]: [number, number]): [number, number] {
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room];
}

/** Four to eight round numbers within the range. */
function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  const found: number[] = [];
  for (let at = Math.ceil(low / step); at * step <= high; at += 1) found.push(at * step);
  return found;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const label = (value: number): string => String(Number(value.toPrecision(3)));

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);
}
