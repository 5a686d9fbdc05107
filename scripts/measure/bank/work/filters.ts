import type { VectorIndex, VectorSearchOptions } from '../../../../packages/core/src/index.ts';
import { flat, hnsw, vectorIndex, type SettlingVectorIndex } from '../../../../packages/drivers/src/index.ts';
import { open } from '../engines/hnswlib.ts';
import { quantile, timeSearches, type PassOptions } from '../per-query.ts';
import { recallOf, type Subset } from '../true-neighbours.ts';
import { parts, queriesOf, rowOf, type VectorSet } from '../vector-set.ts';

/** Which rows each filter allows. A row's group is its number's rest by a hundred; the first row has one of its own. */
export const subsets = {
  none: { name: 'all', allows: () => true },
  half: { name: 'half', allows: (row) => groupOf(row) < 50 },
  tenth: { name: 'tenth', allows: (row) => groupOf(row) < 10 },
  hundredth: { name: 'hundredth', allows: (row) => groupOf(row) < 1 },
  one: { name: 'one', allows: (row) => groupOf(row) === 100 },
} as const satisfies Record<string, Subset>;

export type Filter = keyof typeof subsets;
export const filters = Object.keys(subsets) as Filter[];

function groupOf(row: number): number {
  return row === 0 ? 100 : row % 100;
}

export interface FiltersInput extends PassOptions {
  readonly engine: 'flat' | 'hnsw' | 'vectorIndex' | 'hnswlib-node, filter in JavaScript';
  readonly set: VectorSet;
  readonly truth: Readonly<Record<Filter, Float64Array>>;
  readonly limit: number;
}

export interface FiltersResult {
  readonly filter: Filter;
  /** What answered: `flat` or `hnsw`. */
  readonly engine: string;
  readonly p50: number;
  readonly p99: number;
  readonly recall: number;
}

interface Searched {
  search(query: Float32Array, filter: Filter): number[];
  /** What answered. */
  engineOf(query: Float32Array, filter: Filter): string;
}

/** The same queries under each filter in turn, so that a slow moment of the machine falls on all of them. */
export async function work(input: FiltersInput): Promise<FiltersResult[]> {
  const { set, truth, limit } = input;
  const { search, engineOf } = await build(input);
  const queries = queriesOf(set);
  const all = queries.length * filters.length;
  const at = (asked: number): [query: number, filter: Filter] => [
    Math.floor(asked / filters.length),
    filters[asked % filters.length]!,
  ];
  const { hits, medians } = await timeSearches(all, (asked) => search(queries[at(asked)[0]]!, at(asked)[1]), input);
  return filters.map((filter) => {
    const mine = (_: unknown, asked: number): boolean => at(asked)[1] === filter;
    const times = medians.filter(mine);
    const wanted = filter === 'one' ? 1 : limit;
    const recall = recallOf(set, queries, hits.filter(mine), truth[filter], wanted);
    const engine = engineOf(queries[0]!, filter);
    return { filter, engine, p50: quantile(times, 0.5), p99: quantile(times, 0.99), recall };
  });
}

async function build({ engine, set, limit }: FiltersInput): Promise<Searched> {
  const { dimensions, count } = set;
  if (engine === 'hnswlib-node, filter in JavaScript') {
    const graph = open({ dimensions, count });
    for (const { first, rows } of parts(set, 1000)) await graph.add(first, rowsOf(rows, dimensions));
    graph.choose('64');
    return {
      search: (query, filter) => {
        const { allows } = subsets[filter];
        return graph.rows(graph.search(graph.query(query, 0), limit, filter === 'none' ? undefined : allows));
      },
      engineOf: () => 'hnsw',
    };
  }
  const index: VectorIndex & Partial<SettlingVectorIndex> = { flat, hnsw, vectorIndex }[engine]({ dimensions });
  for (const { first, rows } of parts(set, 1000)) {
    const vectors = rowsOf(rows, dimensions);
    index.add(vectors.map((vector, at) => ({ id: String(first + at), vector, group: groupName(first + at) })));
  }
  await index.settled?.();
  const optionsOf = (filter: Filter): VectorSearchOptions => {
    // Every row of a group is allowed or none, so that one row tells.
    const rowOfGroup = (group: string): number => (group === groupName(0) ? 0 : 100 + Number(group));
    const isAllowed = (group: string): boolean => subsets[filter].allows(rowOfGroup(group));
    return { limit, filter: filter === 'none' ? undefined : isAllowed };
  };
  return {
    search: (query, filter) => index.search(query, optionsOf(filter)).map(({ id }) => Number(id)),
    engineOf: (query, filter) => index.explain(query, optionsOf(filter)).engine,
  };
}

function groupName(row: number): string {
  return String(groupOf(row)).padStart(3, '0');
}

function rowsOf(rows: Float32Array, dimensions: number): Float32Array[] {
  return Array.from({ length: rows.length / dimensions }, (_, at) => rowOf(rows, at, dimensions).slice());
}
