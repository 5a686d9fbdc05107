import { join } from 'node:path';

import type { Section } from '../context.ts';
import { inChild } from '../in-child.ts';
import { target, type Row } from '../table.ts';
import type { WritesInput, WritesResult } from '../work/writes.ts';

const most = { 'event append': 2, 'statistic commit': 1.5 } as const;

/** What is durable when it is acknowledged, beside the least that the disk can do. */
export const writes: Section = async function* ({ folder, isQuick, say, signal }) {
  say('writes');
  const input: WritesInput = {
    folder: join(folder, 'writes'),
    rounds: isQuick ? 20 : 400,
    entries: isQuick ? 500 : 20_000,
  };
  const file = new URL('../work/writes.ts', import.meta.url);
  const result = await inChild<WritesInput, Promise<WritesResult>>(file, { input, signal });
  const rows: Row[] = result.times.map(({ name, p50, p99, overwrite, append }) => {
    const ratio = p50 / overwrite;
    const limit = Object.entries(most).find(([start]) => name.startsWith(start))?.[1];
    const aim = limit === undefined ? undefined : target(`≤ ${limit} × the floor`, ratio <= limit);
    return { name, values: { p50, p99, overwrite, ratio, append }, target: aim };
  });
  const { clock, processor } = result.statisticsPerSecond;
  rows.push({
    name: 'batched statistic updates, one append of outcomes',
    values: { rate: clock, processor },
    target: target('≥ 100,000/s', clock >= 100_000),
  });
  rows.push({ name: 'entries committed at once', values: { processor: result.entriesPerSecond } });
  rows.push({ name: '300 episodes listed', values: { list: result.listMs } });
  const columns = [
    { key: 'p50', title: 'p50 ms' },
    { key: 'p99', title: 'p99 ms' },
    { key: 'overwrite', title: 'floor p50 ms' },
    { key: 'ratio', title: '× the floor' },
    { key: 'append', title: 'synced append p50 ms' },
    { key: 'rate', title: 'a second' },
    { key: 'processor', title: 'a second of processor time' },
    { key: 'list', title: 'ms of processor time' },
  ];
  yield {
    title: 'Durable writes',
    columns,
    rows,
    note: 'By the clock, each write with the floor, 4 KiB overwritten in place and fdatasync, right after it in the same folder. A synced append costs more than the floor: the file system keeps its new length as well.',
  };
};
