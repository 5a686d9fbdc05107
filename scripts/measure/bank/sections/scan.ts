import { clusteredVectors } from '../clustered-vectors.ts';
import { sizeName, type Section } from '../context.ts';
import { inChild } from '../in-child.ts';
import { target, type Row } from '../table.ts';
import type { ScanInput, ScanResult } from '../work/scan.ts';

/** How near the exact search comes to merely reading its vectors. */
export const scan: Section = async function* ({ sizes, dimensions, queries, isQuick, say, signal }) {
  const rows: Row[] = [];
  for (const count of sizes) {
    say(`scan: ${sizeName(count)}`);
    const set = await clusteredVectors({ dimensions, count, queries });
    const input: ScanInput = { set, rounds: isQuick ? 20 : count > 200_000 ? 40 : 300 };
    const result = await inChild<ScanInput, Promise<ScanResult>>(new URL('../work/scan.ts', import.meta.url), {
      input,
      signal,
    });
    const share = result.scanGbS / result.readGbS;
    rows.push({
      name: `flat, ${sizeName(count)} × ${dimensions}`,
      values: {
        ms: result.scanMs,
        mb: result.megabytes,
        scan: result.scanGbS,
        read: result.readGbS,
        share: share * 100,
      },
      target: target('≥ 85 %', share >= 0.85),
    });
  }
  const columns = [
    { key: 'ms', title: 'ms' },
    { key: 'mb', title: 'MB read' },
    { key: 'scan', title: 'GB/s' },
    { key: 'read', title: 'plain read GB/s' },
    { key: 'share', title: '%' },
  ];
  yield {
    title: 'The exact search beside a plain read of as many bytes',
    columns,
    rows,
    note: 'Searches and reads took turns in one process; medians. The read is the one of the first table (WASM, one thread, the same size, so the same cache). A search does more than read: it checks and scales the query, keeps the best and compares them again.',
  };
};
