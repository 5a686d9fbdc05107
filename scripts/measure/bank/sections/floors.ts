import { compiledRead } from '../compiled-read.ts';
import type { Section } from '../context.ts';
import { inChild } from '../in-child.ts';
import { quantile } from '../per-query.ts';
import { syncedWrite } from '../synced-write.ts';
import type { Row } from '../table.ts';
import type { MemoryInput, MemoryResult } from '../work/memory.ts';

/** What the machine can do at the best: the yardsticks of everything after it. */
export const floors: Section = async function* ({ dimensions, folder, isQuick, sizes, say, signal }) {
  say('floors: memory');
  // As much as the flat index reads at each size in bytes of one a number, and more than any cache holds.
  const scans = sizes.map((count) => Math.max(1, Math.round((count * dimensions) / 2 ** 20)));
  const megabytes = [...new Set([...scans, isQuick ? 64 : 1024])].toSorted((a, b) => a - b);
  const input: MemoryInput = { megabytes, dimensions };
  const measured = await inChild<MemoryInput, MemoryResult>(new URL('../work/memory.ts', import.meta.url), {
    input,
    signal,
  });
  const compiled = compiledRead(megabytes, folder);
  signal.throwIfAborted();

  say('floors: disk');
  const synced = (['overwrite', 'append'] as const).map((place) => {
    const write = syncedWrite(folder, place);
    const spent = Array.from({ length: isQuick ? 50 : 500 }, () => {
      const before = performance.now();
      write();
      return performance.now() - before;
    });
    write.close();
    return { name: `${place} 4 KiB and fdatasync`, values: { p50: quantile(spent, 0.5), p99: quantile(spent, 0.99) } };
  });

  const rows: Row[] = [
    ...megabytes.map((mb, at) => ({
      name: `read ${mb} MB, one thread`,
      values: {
        wasm: measured.readGbS[at],
        c: compiled?.[at],
        js: mb === megabytes.at(-1) ? measured.scriptGbS : undefined,
      },
    })),
    { name: `fetch a row of ${dimensions} float32 at random, and multiply`, values: { ns: measured.fetchNs } },
    ...synced,
  ];
  const columns = [
    { key: 'wasm', title: 'WASM GB/s' },
    { key: 'c', title: 'C GB/s' },
    { key: 'js', title: 'JS GB/s' },
    { key: 'ns', title: 'ns' },
    { key: 'p50', title: 'p50 ms' },
    { key: 'p99', title: 'p99 ms' },
  ];
  yield { title: 'Floors of this machine, in this run', columns, rows };
};
