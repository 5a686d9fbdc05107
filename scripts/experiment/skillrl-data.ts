import { parseArgs } from 'node:util';

import { requirement } from '../../packages/testing/src/index.ts';
import { labelledRecords } from './skillrl-data/records.ts';
import { retrieval, type RetrievalReport } from './skillrl-data/retrieval.ts';
import { routing } from './skillrl-data/routing.ts';

export const description =
  'SkillRL’s own ALFWorld records: its router and its “first k” beside ours, at the same budget';

/** Prints both comparisons; `--json` as one object. The measures were written before the first run: docs/benchmarks/skillrl-data.md. */
export async function experiment(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
  const data = requirement('data', { part: 'skillrl' });
  if (!data.available) throw new Error(data.reason);
  const records = labelledRecords(requirement('data').path!);
  const routers = routing(records);
  // The project's own budget with its own limit, and the length of SkillRL's block with as many entries as fit.
  const reports = [await retrieval(records, 400, 6), await retrieval(records, 1100, 30)];
  if (values.json) {
    console.log(JSON.stringify({ routers, retrieval: reports }, undefined, 2));
    return;
  }
  for (const { router, right, of } of routers) console.log(`${String(right).padStart(3)} of ${of}  ${router}`);
  for (const report of reports) print(report);
}

function print({ budgetTokens, entries, tokens, comparisons }: RetrievalReport): void {
  console.log(
    `\nat ${budgetTokens} tokens                                       first k   first k of true type   recaller`,
  );
  const line = (name: string, row: { first: number; firstOfType: number; ours: number }, digits: number): string =>
    `${name.padEnd(58)} ${row.first.toFixed(digits).padStart(6)} ${row.firstOfType.toFixed(digits).padStart(12)} ${row.ours.toFixed(digits).padStart(18)}`;
  console.log(line('entries shown', entries, 2));
  console.log(line('tokens shown', tokens, 0));
  for (const { measure, records, difference, interval, ...row } of comparisons) {
    const [lower, upper] = interval.map((limit) => limit.toFixed(3));
    console.log(
      `${line(`${measure} (${records})`, row, 3)}   recaller − first k: ${difference.toFixed(3)} [${lower}, ${upper}]`,
    );
  }
}
