import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { bankOf } from '../banks.ts';
import { sizeName, type Section } from '../context.ts';
import { inChild } from '../in-child.ts';
import { quantile } from '../per-query.ts';
import { target, type Row } from '../table.ts';
import type { FirstAnswerResult } from '../work/first-answer.ts';

/** A new process until its first answer. */
export const open: Section = async function* (context) {
  const { sizes, isQuick, say, signal } = context;
  const rows: Row[] = [];
  for (const count of sizes.filter((size) => size <= 200_000)) {
    const { folder } = await bankOf(count, context);
    for (const isCold of [true, false]) {
      say(`open: ${sizeName(count)} entries${isCold ? ', cold' : ''}`);
      const results: FirstAnswerResult[] = [];
      let isDropped = true;
      for (let round = 0; round < (isQuick ? 1 : 3); round += 1) {
        if (isCold) isDropped = dropFromCache(folder) && isDropped;
        const file = new URL('../work/first-answer.ts', import.meta.url);
        results.push(await inChild<{ folder: string }, FirstAnswerResult>(file, { input: { folder }, signal }));
      }
      const median = (of: (result: FirstAnswerResult) => number): number => quantile(results.map(of), 0.5);
      const sinceStart = median(({ sinceStartMs }) => sinceStartMs);
      const degraded = results.find((result) => result.degraded !== undefined)?.degraded;
      const files = isCold
        ? isDropped
          ? 'files not in the cache'
          : 'files perhaps in the cache'
        : 'files in the cache';
      rows.push({
        name: `${sizeName(count)} entries, ${files}${degraded === undefined ? '' : ` (${degraded})`}`,
        values: { start: sinceStart, open: median(({ openMs }) => openMs) },
        target:
          isCold && count === 100_000 ? target('≤ 1,000 ms', sinceStart <= 1000 && degraded === undefined) : undefined,
      });
    }
  }
  const columns = [
    { key: 'start', title: 'ms since the process began' },
    { key: 'open', title: 'of these, open and answer' },
  ];
  yield { title: 'Opening a bank: the first answer of a new process', columns, rows };
};

/** Asks the system to forget what it holds of the files; only theirs, for others are at work on the machine. False where it cannot be asked. */
function dropFromCache(folder: string): boolean {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return names.every(({ parentPath, name }) => {
    const args = [`if=${join(parentPath, name)}`, 'iflag=nocache', 'count=0', 'status=none'];
    return spawnSync('dd', args, { stdio: 'ignore' }).status === 0;
  });
}
