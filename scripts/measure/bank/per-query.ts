/** Times of searches that each happened several times. */
export interface SearchTimes {
  /** Over each query's own median, ms: a process that is interrupted for some milliseconds spoils one pass, not the figure. */
  readonly p50: number;
  readonly p99: number;
  /** How many queries were asked; of few, p99 is the slowest. */
  readonly queries: number;
  readonly passes: number;
}

export interface PassOptions {
  readonly passes: number;
  /** About how long the passes may take together; slow engines get fewer queries, at least ten. Default 20,000. */
  readonly budgetMs?: number;
}

/** Asks every query in turn, several times over, after one pass that does not count. */
export async function timeSearches<Hits>(
  most: number,
  search: (query: number) => Hits | Promise<Hits>,
  { passes, budgetMs = 20_000 }: PassOptions,
): Promise<{ readonly times: SearchTimes; readonly medians: number[]; readonly hits: Hits[] }> {
  const hits: Hits[] = [];
  const begun = performance.now();
  // The pass that does not count says how many queries there is time for.
  for (let query = 0; query < most; query += 1) {
    if (query >= 10 && performance.now() - begun > budgetMs / (passes + 1)) break;
    hits.push(await search(query));
  }
  const spent = Array.from({ length: passes }, () => new Float64Array(hits.length));
  for (const pass of spent) {
    for (let query = 0; query < hits.length; query += 1) {
      const before = performance.now();
      const found = search(query);
      if (found instanceof Promise) await found;
      pass[query] = performance.now() - before;
    }
  }
  const medians = hits.map((_, query) =>
    quantile(
      spent.map((pass) => pass[query]!),
      0.5,
    ),
  );
  const times = { p50: quantile(medians, 0.5), p99: quantile(medians, 0.99), queries: hits.length, passes };
  return { times, medians, hits };
}

/** The value below which the share of the others lies; of an even number of values the upper middle one. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Processor time of this process, all threads, ms. */
export async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Memory of this process after a collection, MB. */
export function residentMb(): number {
  const collect = (globalThis as { readonly gc?: () => void }).gc;
  collect?.();
  collect?.();
  return process.memoryUsage.rss() / 1e6;
}
