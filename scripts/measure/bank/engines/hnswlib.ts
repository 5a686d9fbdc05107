import { createRequire } from 'node:module';

import type { Engine, EngineOptions } from './engine.ts';

interface SearchResult {
  readonly neighbors: number[];
}

/** What is used of the library's class. */
interface Graph {
  initIndex(options: Readonly<Record<'maxElements' | 'm' | 'efConstruction' | 'randomSeed', number>>): void;
  addPoint(vector: number[], label: number): void;
  setEf(ef: number): void;
  searchKnn(query: number[], limit: number, filter?: (label: number) => boolean): SearchResult;
}

interface Library {
  readonly HierarchicalNSW: new (space: 'ip', dimensions: number) => Graph;
}

export interface Hnswlib extends Engine<number[], SearchResult> {
  search(query: number[], limit: number, filter?: (row: number) => boolean): SearchResult;
  choose(ef: string): void;
}

/** The library itself, as our graph index sets it up, compiled as this checkout compiles it. Variants are values of `ef`; its own is 10. */
export function open({ dimensions, count }: Pick<EngineOptions, 'dimensions' | 'count'>): Hnswlib {
  const drivers = createRequire(new URL('../../../../packages/drivers/src/index.ts', import.meta.url));
  const library = drivers('hnswlib-node') as Library;
  const graph = new library.HierarchicalNSW('ip', dimensions);
  graph.initIndex({ maxElements: count, m: 16, efConstruction: 100, randomSeed: 100 });
  return {
    add: (first, rows) => {
      for (const [at, row] of rows.entries()) graph.addPoint(Array.from(row), first + at);
    },
    query: (vector) => Array.from(vector),
    search: (query, limit, filter) => graph.searchKnn(query, limit, filter),
    rows: ({ neighbors }) => neighbors,
    choose: (variant) => graph.setEf(Number(variant)),
  };
}
