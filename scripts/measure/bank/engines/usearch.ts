import type { Engine, EngineOptions } from './engine.ts';
import { requirePeer } from './peer.ts';

interface UsearchIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
  search(vector: Float32Array, limit: number, threads: number): { readonly keys: BigUint64Array };
}

interface Usearch {
  readonly Index: new (options: Readonly<Record<string, string | number>>) => UsearchIndex;
}

/** With the connectivity and the expansions of our graph index. */
export function openUsearch(
  { dimensions, peers }: EngineOptions,
  quantization: 'f32' | 'bf16',
): Engine<Float32Array, { readonly keys: BigUint64Array }> {
  const { Index } = requirePeer<Usearch>(peers, 'usearch', 'usearch');
  const index = new Index({
    metric: 'ip',
    dimensions,
    quantization,
    connectivity: 16,
    expansion_add: 100,
    expansion_search: 64,
  });
  return {
    add: (first, rows) => {
      const keys = BigUint64Array.from(rows, (_, at) => BigInt(first + at));
      const together = new Float32Array(rows.length * dimensions);
      for (const [at, row] of rows.entries()) together.set(row, at * dimensions);
      index.add(keys, together, 1);
    },
    query: (vector) => vector,
    search: (query, limit) => index.search(query, limit, 1),
    rows: ({ keys }) => Array.from(keys, Number),
  };
}
