import type { VectorIndex } from '../../../../packages/core/src/index.ts';
import { flat } from '../../../../packages/drivers/src/index.ts';
import { quantile } from '../per-query.ts';
import { simd } from '../simd.ts';
import { parts, queriesOf, rowOf, type VectorSet } from '../vector-set.ts';

export interface ScanInput {
  readonly set: VectorSet;
  readonly rounds: number;
}

export interface ScanResult {
  readonly scanMs: number;
  readonly megabytes: number;
  readonly scanGbS: number;
  /** A plain read of as many bytes, between the searches. */
  readonly readGbS: number;
}

/** Searches of the flat index and plain reads of as many bytes in turn: medians of both. */
export async function work({ set, rounds }: ScanInput): Promise<ScanResult> {
  const { dimensions } = set;
  const index = flat({ dimensions });
  for (const { first, rows } of parts(set, 1000)) {
    const items = Array.from({ length: rows.length / dimensions }, (_, at) => ({
      id: String(first + at),
      vector: rowOf(rows, at, dimensions),
    }));
    index.add(items);
  }
  const queries = queriesOf(set);
  const bytes = Math.ceil(bytesRead(index, queries[0]!) / 256) * 256;
  const { memory, read } = simd(bytes);
  new Uint8Array(memory.buffer).fill(1);
  const [scans, reads]: [number[], number[]] = [[], []];
  for (let round = -3; round < rounds; round += 1) {
    const query = queries[Math.abs(round) % queries.length]!;
    const [scan, plain] = [ms(() => index.search(query, { limit: 10 })), ms(() => read(0, bytes))];
    if (round < 0) continue;
    scans.push(scan);
    reads.push(plain);
  }
  const [scanMs, readMs] = [quantile(scans, 0.5), quantile(reads, 0.5)];
  return { scanMs, megabytes: bytes / 1e6, scanGbS: bytes / scanMs / 1e6, readGbS: bytes / readMs / 1e6 };
}

/** What one search must read: where only some rows are compared in full, codes of a byte a number before that; else all in full. */
function bytesRead(index: VectorIndex, query: Float32Array): number {
  const { looked, rescored } = index.explain(query, { limit: 10 });
  return index.dimensions * (rescored < looked ? looked + 4 * rescored : 4 * looked);
}

function ms(once: () => unknown): number {
  const before = performance.now();
  once();
  return performance.now() - before;
}
