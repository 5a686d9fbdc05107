import { flat } from '../../../../packages/drivers/src/index.ts';
import { quantile } from '../per-query.ts';
import { simd } from '../simd.ts';
import { parts, queriesOf, rowOf, type VectorSet } from '../vector-set.ts';

export interface ScanInput {
  readonly set: VectorSet;
  /** Bytes that the flat index reads of each number of a vector. */
  readonly bytesPerNumber: number;
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
export async function work({ set, bytesPerNumber, rounds }: ScanInput): Promise<ScanResult> {
  const { dimensions, count } = set;
  const index = flat({ dimensions });
  for (const { first, rows } of parts(set, 1000)) {
    const items = Array.from({ length: rows.length / dimensions }, (_, at) => ({
      id: String(first + at),
      vector: rowOf(rows, at, dimensions),
    }));
    index.add(items);
  }
  const bytes = Math.ceil((count * dimensions * bytesPerNumber) / 256) * 256;
  const { memory, read } = simd(bytes);
  new Uint8Array(memory.buffer).fill(1);
  const queries = queriesOf(set);
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

function ms(once: () => unknown): number {
  const before = performance.now();
  once();
  return performance.now() - before;
}
