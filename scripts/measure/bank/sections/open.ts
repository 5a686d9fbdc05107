import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { bankOf } from '../banks.ts';
import { sizeName, type Section } from '../context.ts';
import { inChild } from '../in-child.ts';
import { quantile } from '../per-query.ts';
import { target, type Row } from '../table.ts';
import type { FirstAnswerInput, FirstAnswerResult } from '../work/first-answer.ts';
import type { SavedIndexInput, SavedIndexResult } from '../work/saved-index.ts';

const ways = [
  { name: 'cold', isCold: true, isSaved: true },
  { name: 'files in the cache', isCold: false, isSaved: true },
  { name: 'files in the cache, no saved index', isCold: false, isSaved: false },
] as const;

/** A new process until its first answer. */
export const open: Section = async function* (context) {
  const { sizes, isQuick, say, signal } = context;
  const rows: Row[] = [];
  const saved: Row[] = [];
  for (const count of sizes.filter((size) => size <= 200_000)) {
    const { folder } = await bankOf(count, context);
    const indexFile = new URL('../work/saved-index.ts', import.meta.url);
    const result = await inChild<SavedIndexInput, Promise<SavedIndexResult>>(indexFile, { input: { folder }, signal });
    saved.push({ name: `${sizeName(count)} entries`, values: { ...result } });
    for (const { name, isCold, isSaved } of ways) {
      say(`open: ${sizeName(count)} entries, ${name}`);
      const results: FirstAnswerResult[] = [];
      let isDropped = true;
      for (let round = 0; round < (isQuick ? 1 : 5); round += 1) {
        if (isCold) isDropped = dropFromCache(folder) && isDropped;
        const file = new URL('../work/first-answer.ts', import.meta.url);
        const options = { input: { folder, isSaved }, signal };
        results.push(await inChild<FirstAnswerInput, Promise<FirstAnswerResult>>(file, options));
      }
      const median = (of: (result: FirstAnswerResult) => number): number => quantile(results.map(of), 0.5);
      const start = median(({ sinceStartMs }) => sinceStartMs);
      const degraded = results.find((result) => result.degraded !== undefined)?.degraded;
      const notes = [
        ...(isDropped ? [] : ['files perhaps in the cache']),
        ...(degraded === undefined ? [] : [degraded]),
      ];
      const isAsked = isCold && count === 100_000;
      rows.push({
        name: `${sizeName(count)} entries, ${[name, ...notes].join('; ')}`,
        values: { start, open: median(({ openMs }) => openMs), processor: median(({ processorMs }) => processorMs) },
        target: isAsked ? target('≤ 1,000 ms, whole', start <= 1000 && degraded === undefined) : undefined,
      });
    }
  }
  const columns = [
    { key: 'start', title: 'ms since the process began' },
    { key: 'open', title: 'of these, open and answer' },
    { key: 'processor', title: 'ms of processor time' },
  ];
  yield {
    title: 'Opening a bank: the first answer of a new process',
    columns,
    rows,
    note: 'Medians of five processes by the clock; the rest is the start of Node and the loading of the packages, with the compile cache of Node, as the command line program does. An answer that is less than whole says so.',
  };
  yield {
    title: 'The saved index',
    columns: [
      { key: 'megabytes', title: 'MB' },
      { key: 'loadMs', title: 'loaded, ms' },
      { key: 'floorMs', title: 'floor: read and summed up, ms' },
      { key: 'saveMs', title: 'saved, ms' },
      { key: 'heldMs', title: 'held up the event loop, ms' },
    ],
    rows: saved,
    note: 'Processor time; the last column by the clock.',
  };
};

/** Asks the system to forget what it holds of the files; only theirs, for others are at work on the machine. False where it cannot be asked. */
function dropFromCache(folder: string): boolean {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return names.every(({ parentPath, name }) => {
    const args = [`if=${join(parentPath, name)}`, 'iflag=nocache', 'count=0', 'status=none'];
    return spawnSync('dd', args, { stdio: 'ignore' }).status === 0;
  });
}
