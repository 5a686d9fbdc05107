/** One table of figures. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** What a reader must know to read the figures. */
  readonly note?: string;
}

export interface Column {
  readonly key: string;
  readonly title: string;
}

export interface Row {
  readonly name: string;
  readonly values: Readonly<Record<string, number | undefined>>;
  readonly target?: Target;
  /** Why there are no figures. */
  readonly failure?: string;
}

/** A figure that was set before it was measured. */
export interface Target {
  readonly asked: string;
  readonly isReached: boolean;
}

export function target(asked: string, isReached: boolean): Target {
  return { asked, isReached };
}

/** The table as Markdown whose columns stand under one another, so that it is read in a terminal and pasted into a page. */
export function renderTable({ title, columns, rows, note }: Table): string {
  const hasTargets = rows.some((row) => row.target !== undefined);
  const head = ['', ...columns.map((column) => column.title), ...(hasTargets ? ['to reach'] : [])];
  const body = rows.map((row) => [
    row.failure === undefined ? row.name : `${row.name}: ${row.failure}`,
    ...columns.map(({ key }) => shown(row.values[key])),
    ...(hasTargets ? [reached(row.target)] : []),
  ]);
  const widths = head.map((_, at) => Math.max(3, ...[head, ...body].map((cells) => cells[at]!.length)));
  const isNumber = (at: number): boolean => at > 0 && at <= columns.length;
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => (isNumber(at) ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!))).join(' | ')} |`;
  const rule = widths.map((width, at) => (isNumber(at) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [
    `## ${title}`,
    '',
    line(head),
    line(rule),
    ...body.map(line),
    ...(note === undefined ? [] : ['', note]),
    '',
  ].join('\n');
}

function reached(aim: Target | undefined): string {
  return aim === undefined ? '' : `${aim.asked}: ${aim.isReached ? 'reached' : '**not reached**'}`;
}

/** Three digits that count. */
function shown(value: number | undefined): string {
  if (value === undefined) return '';
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
