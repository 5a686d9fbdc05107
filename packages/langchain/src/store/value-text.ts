/**
 * The texts of a value, one a line: what it is found by. Names of fields are left out, numbers and truths stay.
 *
 * @param paths - only what these lead to: `title`, `chapters[*].text`, `chapters[0]`, `*`. Default: all of it (as `$`).
 */
export function valueText(value: unknown, paths?: readonly string[]): string {
  const parts = paths === undefined ? [value] : paths.flatMap((path) => at(value, stepsOf(path)));
  return parts.flatMap(leaves).join('\n');
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}

/** `chapters[*].text` as `chapters`, `*`, `text`. */
function stepsOf(path: string): string[] {
  return path === '$' ? [] : (path.match(/[^.[\]]+/g) ?? []);
}

function at(value: unknown, [step, ...rest]: readonly string[]): unknown[] {
  if (step === undefined) return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (step === '*') return Object.values(value).flatMap((part: unknown) => at(part, rest));
  const key = Array.isArray(value) && step.startsWith('-') ? String(value.length + Number(step)) : step;
  return Object.hasOwn(value, key) ? at((value as Record<string, unknown>)[key], rest) : [];
}
