/** Counts under two keys, in the order in which they first came. */
export interface Tally {
  add(key: string, value: string, amount?: number): void;
  of(key: string, value: string): number;
  keys(): string[];
  values(key: string): string[];
}

export function tally(): Tally {
  const counts = new Map<string, Map<string, number>>();
  return {
    add: (key, value, amount = 1) => {
      const inner = counts.get(key) ?? new Map<string, number>();
      counts.set(key, inner.set(value, (inner.get(value) ?? 0) + amount));
    },
    of: (key, value) => counts.get(key)?.get(value) ?? 0,
    keys: () => [...counts.keys()],
    values: (key) => [...(counts.get(key)?.keys() ?? [])],
  };
}

/** Keys by falling score, ties by name: equal counts give equal entries whatever came first. */
export function ranked(keys: readonly string[], score: (key: string) => number): string[] {
  return keys.toSorted((a, b) => score(b) - score(a) || (a < b ? -1 : a > b ? 1 : 0));
}
