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

/** The table as text, one line a row. */
export function renderTable({ title, columns, rows, note }: Table): string {
  const cells = rows.map(({ values }) => columns.map(({ key }) => shown(values[key])));
  const nameWidth = Math.max(...rows.map(({ name }) => name.length), 4);
  const widths = columns.map((column, at) => Math.max(column.title.length, ...cells.map((row) => row[at]!.length)));
  const line = (name: string, row: readonly string[], rest: string): string =>
    `${name.padEnd(nameWidth)}  ${row.map((cell, at) => cell.padStart(widths[at]!)).join('  ')}  ${rest}`.trimEnd();
  const head = line(
    '',
    columns.map((column) => column.title),
    rows.some((row) => row.target) ? 'to reach' : '',
  );
  const body = rows.map((row, at) =>
    row.failure === undefined
      ? line(row.name, cells[at]!, reached(row.target))
      : `${row.name.padEnd(nameWidth)}  ${row.failure}`,
  );
  return [`## ${title}`, '', head, ...body, ...(note === undefined ? [] : ['', note]), ''].join('\n');
}

function reached(aim: Target | undefined): string {
  return aim === undefined ? '' : `${aim.asked}: ${aim.isReached ? 'reached' : 'NOT reached'}`;
}

/** Three digits that count. */
function shown(value: number | undefined): string {
  if (value === undefined) return '';
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
