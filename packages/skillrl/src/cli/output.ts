import { type Boundary, isAbort, SkillError } from '@skillrl/core';

/** Where a command prints. `json` means: standard output carries JSON lines and nothing else. */
export interface Output {
  readonly json: boolean;
  /** For people; dropped with `--json`. */
  line(text?: string): void;
  /** For programs; dropped without `--json`. */
  data(value: unknown): void;
  /** For people, on standard error, whatever the mode. */
  note(text: string): void;
}

export function terminalOutput(json: boolean): Output {
  return {
    json,
    line: (text = '') => void (json || process.stdout.write(`${text}\n`)),
    data: (value) => void (json && process.stdout.write(`${JSON.stringify(value)}\n`)),
    note: (text) => void process.stderr.write(`${text}\n`),
  };
}

const exitCodes: Record<Boundary, number> = {
  input: 2,
  config: 3,
  store: 4,
  index: 4,
  file: 4,
  model: 5,
  embedder: 5,
  network: 5,
  trainer: 5,
  server: 5,
  environment: 6,
};

/** 0 is success, 1 a bug of ours, 2 a wrong argument or line of a file, 3 a setting, 4 a file or the disk, 5 a model, a trainer or the network, 6 an environment, 130 Ctrl-C. */
export function exitCodeOf(error: unknown): number {
  if (isAbort(error)) return 130;
  return error instanceof SkillError ? exitCodes[error.boundary] : 1;
}

/** Says what happened, the code that the guides name it by, and what to do; for programs as one JSON line. Both on standard error. */
export function printError(error: unknown, json: boolean): void {
  if (isAbort(error)) {
    process.stderr.write('Stopped. What was finished is kept; run the same command again to go on.\n');
  } else if (error instanceof SkillError) {
    const { message, code, hint } = error;
    process.stderr.write(
      json ? `${JSON.stringify(error)}\n` : `${message} [${code}]\n${hint === undefined ? '' : `${hint}\n`}`,
    );
  } else {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThis is a mistake in SkillRL; please report it with the lines above.\n`,
    );
  }
}

type Row = readonly (string | number)[];

/** Columns as wide as their widest cell, two blanks apart; numbers to the right. */
export function table(rows: readonly Row[], widths: readonly number[] = columnWidths(rows)): string[] {
  return rows.map((row) =>
    row
      .map((cell, column) =>
        typeof cell === 'number' ? String(cell).padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** The widest cell of each column, and no less than `least`. */
export function columnWidths(rows: readonly Row[], least: readonly number[] = []): number[] {
  const widths = [...least];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, String(cell).length);
  }
  return widths;
}
