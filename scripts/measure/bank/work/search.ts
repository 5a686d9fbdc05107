import type { Engine, EngineModule } from '../engines/engine.ts';
import { processorMs, residentMb, timeSearches, type PassOptions, type SearchTimes } from '../per-query.ts';
import { recallOf } from '../true-neighbours.ts';
import { parts, queriesOf, rowOf, type VectorSet } from '../vector-set.ts';

export interface SearchInput extends PassOptions {
  readonly engine: string;
  readonly set: VectorSet;
  readonly truth: Float64Array;
  readonly limit: number;
  readonly peers: string;
  /** What the engine is asked with one after another. Default: once, as it is. */
  readonly variants?: readonly string[];
}

export interface SearchResult extends SearchTimes {
  readonly variant?: string;
  readonly recall: number;
  /** In processor time. */
  readonly addedPerSecond: number;
  /** What the process grew by, the vectors it was given not counted, MB. */
  readonly memoryMb: number;
}

/** Builds an engine over a set and searches in it. */
export async function work(input: SearchInput): Promise<SearchResult[]> {
  const { set, truth, limit, peers, variants = [undefined] } = input;
  const { open } = (await import(`../engines/${input.engine}.ts`)) as EngineModule;
  const asked = queriesOf(set);
  const engine = await open({ dimensions: set.dimensions, count: set.count, peers, queries: asked });
  const queries = asked.map((vector, number) => engine.query(vector, number));
  const { addedPerSecond, memoryMb } = await fill(engine, set);
  const results: SearchResult[] = [];
  for (const variant of variants) {
    if (variant !== undefined) engine.choose?.(variant);
    const { times, hits } = await timeSearches(asked.length, (query) => engine.search(queries[query], limit), input);
    const found = hits.map((one) => engine.rows(one));
    results.push({ variant, ...times, recall: recallOf(set, asked, found, truth, limit), addedPerSecond, memoryMb });
  }
  await engine.close?.();
  return results;
}

/** Rows come a thousand at a time, so that the set itself takes no memory. */
async function fill(engine: Engine, set: VectorSet): Promise<Pick<SearchResult, 'addedPerSecond' | 'memoryMb'>> {
  const before = residentMb();
  let spentMs = 0;
  for (const { first, rows } of parts(set, 1000)) {
    const each = Array.from({ length: rows.length / set.dimensions }, (_, at) =>
      rowOf(rows, at, set.dimensions).slice(),
    );
    spentMs += await processorMs(() => engine.add(first, each));
  }
  spentMs += await processorMs(() => engine.finish?.());
  return { addedPerSecond: set.count / (spentMs / 1000), memoryMb: residentMb() - before };
}
