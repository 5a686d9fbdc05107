import { clusteredVectors } from '../clustered-vectors.ts';
import { sizeName, type Context, type Section } from '../context.ts';
import { inChild } from '../in-child.ts';
import type { PeerGroup } from '../install-peers.ts';
import { target, type Row, type Target } from '../table.ts';
import { textVectors } from '../text-vectors.ts';
import { everything, trueNeighbours } from '../true-neighbours.ts';
import type { VectorSet } from '../vector-set.ts';
import type { SearchInput, SearchResult } from '../work/search.ts';

interface Contender {
  readonly name: string;
  /** Its file in `engines/`. */
  readonly engine: string;
  readonly variants?: readonly string[];
  /** Package group of a peer; ours have none. `hnswlib` is a dependency of the checkout. */
  readonly group?: PeerGroup | 'hnswlib';
  /** It is not asked for more vectors than this: there it would take the run an hour. */
  readonly atMost?: number;
}

const contenders: readonly Contender[] = [
  { name: 'flat', engine: 'flat' },
  { name: 'hnsw', engine: 'hnsw', atMost: 200_000 },
  { name: 'vectorIndex', engine: 'vector-index' },
  { name: 'hnswlib-node', engine: 'hnswlib', variants: ['64', '10'], group: 'hnswlib' },
  { name: 'usearch f32', engine: 'usearch-f32', group: 'usearch' },
  { name: 'usearch bf16', engine: 'usearch-bf16', group: 'usearch' },
  { name: 'LangChain HNSWLib', engine: 'langchain-hnswlib', group: 'langchain', atMost: 200_000 },
  { name: 'LangChain MemoryVectorStore', engine: 'langchain-memory', group: 'langchain', atMost: 200_000 },
  { name: 'LangGraph InMemoryStore', engine: 'langgraph-memory', group: 'langchain', atMost: 200_000 },
  { name: 'sqlite-vec', engine: 'sqlite-vec', group: 'sqlite-vec', atMost: 200_000 },
];

const columns = [
  { key: 'p50', title: 'p50 ms' },
  { key: 'p99', title: 'p99 ms' },
  { key: 'recall', title: 'recall@10' },
  { key: 'added', title: 'adds/s' },
  { key: 'memory', title: 'MB' },
  { key: 'queries', title: 'queries' },
];

const note =
  'p50 and p99 over the medians of each query; adds per second of processor time; MB: what the process grew by. Every engine ran in a process of its own.';

/** The ten nearest, exact and approximate, beside the peers. */
export const vectors: Section = async function* (context) {
  const { sizes, dimensions, queries, say } = context;
  for (const count of sizes) {
    say(`vectors: making ${sizeName(count)} of ${dimensions} numbers and finding their true neighbours`);
    const set = await clusteredVectors({ dimensions, count, queries });
    yield {
      title: `Vector search, ${sizeName(count)} × ${dimensions}`,
      columns,
      rows: await rowsOf(set, contenders, context),
      note,
    };
  }
  for (const count of sizes.filter((size) => size <= 200_000)) {
    say(`vectors: embedding ${sizeName(count)} texts`);
    const set = await textVectors({ count, queries });
    const few = contenders.filter(({ name }) => ['flat', 'hnsw', 'hnswlib-node'].includes(name));
    const title = `Vector search, texts of generated entries through the built-in embedder, ${sizeName(count)} × ${set.dimensions}`;
    yield { title, columns, rows: await rowsOf(set, few, context), note };
  }
};

async function rowsOf(set: VectorSet, all: readonly Contender[], context: Context): Promise<Row[]> {
  const { peers, missing, passes, say, signal, isQuick } = context;
  const truth = await trueNeighbours(set, 10, everything);
  const rows: Row[] = [];
  for (const { name, engine, variants, group, atMost = Infinity } of all) {
    if (group !== undefined && peers === undefined) continue;
    const why = set.count > atMost ? `not asked for more than ${sizeName(atMost)}` : missing.get(group ?? '');
    if (why !== undefined) {
      rows.push({ name, values: {}, failure: why });
      continue;
    }
    say(`vectors: ${name}, ${sizeName(set.count)} × ${set.dimensions}`);
    const input: SearchInput = {
      engine,
      variants,
      set,
      truth,
      limit: 10,
      peers: peers ?? '',
      passes,
      budgetMs: isQuick ? 500 : 10_000,
    };
    try {
      const file = new URL('../work/search.ts', import.meta.url);
      for (const result of await inChild<SearchInput, SearchResult[]>(file, { input, signal }))
        rows.push(rowOf(name, result, set));
    } catch (error) {
      signal.throwIfAborted();
      rows.push({ name, values: {}, failure: error instanceof Error ? error.message : String(error) });
    }
  }
  return rows;
}

function rowOf(name: string, result: SearchResult, set: VectorSet): Row {
  const { variant, p50, p99, recall, addedPerSecond, memoryMb, queries } = result;
  return {
    name: variant === undefined ? name : `${name}, ef ${variant}`,
    values: { p50, p99, recall, added: addedPerSecond, memory: memoryMb, queries },
    target: targetOf(name, result, set),
  };
}

/** The targets were set for 384 numbers and for what a user gets. */
function targetOf(
  name: string,
  { p50, p99, recall }: SearchResult,
  { count, dimensions }: VectorSet,
): Target | undefined {
  if (name !== 'vectorIndex' || dimensions !== 384) return undefined;
  if (count === 10_000) return target('≤ .15 / .25 exact', p50 <= 0.15 && p99 <= 0.25 && recall >= 0.9999);
  if (count === 100_000) return target('≤ .15 / .25 at ≥ .99', p50 <= 0.15 && p99 <= 0.25 && recall >= 0.99);
  if (count === 1_000_000) return target('≤ .3 / .6 at ≥ .985', p50 <= 0.3 && p99 <= 0.6 && recall >= 0.985);
  return undefined;
}
