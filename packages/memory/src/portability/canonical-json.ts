/** Nothing of ours is nested by more than ten; what the stack bears differs from call to call. */
const deepest = 200;

/**
 * JSON with the keys of every object in order and nothing undefined: equal values give equal text.
 *
 * @throws {RangeError} for a value that is nested more than 200 deep.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(ordered(value, 0));
}

function ordered(value: unknown, depth: number): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (depth >= deepest) throw new RangeError(`The value is nested more than ${deepest} deep.`);
  if (Array.isArray(value)) return value.map((part) => ordered(part, depth + 1));
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, ordered((value as Record<string, unknown>)[key], depth + 1)]));
}
