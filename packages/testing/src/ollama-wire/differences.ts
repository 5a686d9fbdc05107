/** One thing in which two JSON values differ. */
export interface Difference {
  /** Such as `.models[].details.family`. */
  readonly path: string;
  readonly kind: 'missing' | 'extra' | 'type' | 'value';
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Where an answer differs from a recorded one. Lists may be of another length: their first items must be alike, their last ones, and each
 * between must look like one of the recorded items. Digests that nobody could foresee are equal to each other, and events of a stream are
 * compared as what they hold.
 */
export function differences(expected: unknown, actual: unknown, path = ''): readonly Difference[] {
  if (Array.isArray(expected) && Array.isArray(actual)) return listDifferences(expected, actual, path);
  if (isObject(expected) && isObject(actual)) {
    const keys = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return keys.flatMap((key): readonly Difference[] => {
      const here = `${path}.${key}`;
      if (!(key in actual)) return [{ path: here, kind: 'missing', expected: expected[key], actual: undefined }];
      if (!(key in expected)) return [{ path: here, kind: 'extra', expected: undefined, actual: actual[key] }];
      return differences(expected[key], actual[key], here);
    });
  }
  if (kindOf(expected) !== kindOf(actual)) return [{ path, kind: 'type', expected, actual }];
  if (typeof expected === 'string' && typeof actual === 'string') return textDifferences(expected, actual, path);
  return expected === actual ? [] : [{ path, kind: 'value', expected, actual }];
}

/** The first items are compared with each other, and the last ones: a stream begins and ends as it did. */
function listDifferences(
  expected: readonly unknown[],
  actual: readonly unknown[],
  path: string,
): readonly Difference[] {
  if ((expected.length === 0) !== (actual.length === 0))
    return [{ path, kind: expected.length === 0 ? 'extra' : 'missing', expected, actual }];
  return actual.flatMap((item, place) => {
    const same = place === 0 ? expected[0] : place === actual.length - 1 ? expected.at(-1) : undefined;
    return nearest(same === undefined || isEllipsis(same) ? expected : [same], item, `${path}[]`);
  });
}

/** Differences from that recorded item which the actual one is most like; what was left out of a shortened list is like anything. */
function nearest(recorded: readonly unknown[], actual: unknown, path: string): readonly Difference[] {
  if (recorded.length === 0) return [{ path, kind: 'extra', expected: undefined, actual }];
  const comparisons = recorded.filter((item) => !isEllipsis(item)).map((item) => differences(item, actual, path));
  return comparisons.toSorted((a, b) => weight(a) - weight(b))[0] ?? [];
}

/** An item of another kind is less like the actual one than an item with many other values. */
function weight(found: readonly Difference[]): number {
  return found.reduce((sum, { kind }) => sum + (kind === 'value' ? 1 : 100), 0);
}

function isEllipsis(item: unknown): boolean {
  return typeof item === 'string' && /^…\(\d+ items\)$/.test(item);
}

function textDifferences(expected: string, actual: string, path: string): readonly Difference[] {
  if (expected.startsWith('data: {') && actual.startsWith('data: {')) {
    return differences(JSON.parse(expected.slice(6)), JSON.parse(actual.slice(6)), path);
  }
  if (expected.startsWith('data: {') !== actual.startsWith('data: {'))
    return [{ path, kind: 'type', expected, actual }];
  const withoutDigests = (text: string): string => text.replaceAll(/sha256([:-])[0-9a-f]{64}/g, 'sha256$1…');
  return withoutDigests(expected) === withoutDigests(actual) ? [] : [{ path, kind: 'value', expected, actual }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}
