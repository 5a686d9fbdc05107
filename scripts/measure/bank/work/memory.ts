import { processorMs, quantile } from '../per-query.ts';
import { simd } from '../simd.ts';

export interface MemoryInput {
  /** Sizes of what is read, MB. */
  readonly megabytes: readonly number[];
  readonly dimensions: number;
}

export interface MemoryResult {
  /** Bytes a second that one thread reads, GB/s, best of several, for each size. */
  readonly readGbS: readonly number[];
  /** The same sum over a Float64Array in plain JavaScript, for the largest. */
  readonly scriptGbS: number;
  /** To fetch a row of float32 somewhere in the largest buffer and multiply it with a query, ns. */
  readonly fetchNs: number;
}

/** What one thread of this process can read, in WebAssembly with four numbers at a time and in plain JavaScript. */
export async function work({ megabytes, dimensions }: MemoryInput): Promise<MemoryResult> {
  const bytes = megabytes.at(-1)! * 2 ** 20;
  const rowBytes = Math.ceil(dimensions / 16) * 64;
  const start = Math.ceil((rowBytes + 64) / 256) * 256;
  const { memory, read, dots } = simd(start + bytes + 4096);
  new Uint8Array(memory.buffer).fill(1);
  const readGbS = megabytes.map((mb) => bestGbS(mb * 2 ** 20, () => read(start, start + mb * 2 ** 20)));
  const numbers = new Float64Array(memory.buffer, start, bytes / 8);
  const scriptGbS = bestGbS(bytes, () => sum(numbers));
  const rows = Math.floor(bytes / rowBytes);
  const places = Uint32Array.from({ length: 20_000 }, () => Math.floor(Math.random() * rows));
  const passes: number[] = [];
  for (let pass = 0; pass < 5; pass += 1) {
    passes.push(
      await processorMs(() => {
        for (const place of places) dots(0, start + place * rowBytes, 1, rowBytes, rowBytes);
      }),
    );
  }
  return { readGbS, scriptGbS, fetchNs: (quantile(passes, 0.5) / places.length) * 1e6 };
}

function bestGbS(bytes: number, once: () => unknown): number {
  let best = Infinity;
  const begun = performance.now();
  for (let round = 0; round < 200 && (round < 5 || performance.now() - begun < 1000); round += 1) {
    const before = performance.now();
    once();
    best = Math.min(best, performance.now() - before);
  }
  return bytes / best / 1e6;
}

function sum(numbers: Float64Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let at = 0; at < numbers.length; at += 4) {
    a += numbers[at]!;
    b += numbers[at + 1]!;
    c += numbers[at + 2]!;
    d += numbers[at + 3]!;
  }
  return a + b + c + d;
}
