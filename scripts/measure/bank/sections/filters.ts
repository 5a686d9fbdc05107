import { clusteredVectors } from '../clustered-vectors.ts';
import { sizeName, type Section } from '../context.ts';
import { inChild } from '../in-child.ts';
import { target, type Row } from '../table.ts';
import { trueNeighbours } from '../true-neighbours.ts';
import { filters as kinds, subsets, type Filter, type FiltersInput, type FiltersResult } from '../work/filters.ts';

const names: Readonly<Record<Filter, string>> = {
  none: 'unfiltered',
  half: '50 %',
  tenth: '10 %',
  hundredth: '1 %',
  one: 'tenant of one',
};

const ours: readonly FiltersInput['engine'][] = ['flat', 'hnsw', 'vectorIndex'];
const peer: FiltersInput['engine'] = 'hnswlib-node, filter in JavaScript';

/** Searches that may only find a part of the vectors, beside those that may find all. */
export const filters: Section = async function* ({ sizes, dimensions, queries, passes, peers, isQuick, say, signal }) {
  for (const count of sizes.filter((size) => size <= 200_000)) {
    const set = await clusteredVectors({ dimensions, count, queries: Math.min(queries, 300) });
    say(`filters: true neighbours of ${sizeName(count)}`);
    const truth = {} as Record<Filter, Float64Array>;
    for (const kind of kinds) truth[kind] = await trueNeighbours(set, 10, subsets[kind]);
    const rows: Row[] = [];
    for (const engine of peers === undefined ? ours : [...ours, peer]) {
      say(`filters: ${engine}, ${sizeName(count)}`);
      const input: FiltersInput = { engine, set, truth, limit: 10, passes, budgetMs: isQuick ? 1000 : 15_000 };
      try {
        const file = new URL('../work/filters.ts', import.meta.url);
        rows.push(...rowsOf(engine, await inChild<FiltersInput, FiltersResult[]>(file, { input, signal })));
      } catch (error) {
        signal.throwIfAborted();
        rows.push({ name: engine, values: {}, failure: error instanceof Error ? error.message : String(error) });
      }
    }
    const columns = [
      { key: 'p50', title: 'p50 ms' },
      { key: 'p99', title: 'p99 ms' },
      { key: 'ratio', title: '× unfiltered' },
      { key: 'recall', title: 'recall@10' },
    ];
    yield { title: `Filtered search, ${sizeName(count)} × ${dimensions}`, columns, rows };
  }
};

function rowsOf(engine: FiltersInput['engine'], results: readonly FiltersResult[]): Row[] {
  const unfiltered = results.find(({ filter }) => filter === 'none')!.p50;
  return results.map(({ filter, engine: answered, p50, p99, recall }) => {
    const ratio = p50 / unfiltered;
    const isAsked = engine === 'vectorIndex' && filter !== 'none';
    return {
      name: `${engine}, ${names[filter]}${answered === engine ? '' : ` (${answered})`}`,
      values: { p50, p99, recall, ratio: filter === 'none' ? undefined : ratio },
      target: isAsked ? target('≤ 2 × at ≥ .99', ratio <= 2 && recall >= 0.99) : undefined,
    };
  });
}
