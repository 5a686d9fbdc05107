import { appendFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';

const mostBytes = 5_000_000;

/** Appends to a log. At five megabytes it becomes `PATH.1`, in place of the one before, and a new one begins. */
export function appendLog(path: string, text: string): void {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0 && size + text.length > mostBytes) renameSync(path, `${path}.1`);
    appendFileSync(path, text);
  } catch {
    // A log helps a person and must not be what ends the work: the disk may be full.
  }
}

/** Where a log ends now. */
export function logEnd(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** What was logged since it ended at `end`; blank lines are left out, and those that were put aside. */
export function logLinesSince(path: string, end: number): string[] {
  const log = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  return log
    .toString('utf8', log.length < end ? 0 : end)
    .split('\n')
    .filter(Boolean);
}

/** The last lines of a log and the one before it, the newest last; blank ones are left out. */
export function lastLogLines(path: string, count: number): string[] {
  const text = [`${path}.1`, path].map((part) => (existsSync(part) ? readFileSync(part, 'utf8') : '')).join('');
  return text.split('\n').filter(Boolean).slice(-count);
}
