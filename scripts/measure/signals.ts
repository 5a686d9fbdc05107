import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { cases } from './signals/cases.ts';

export const description = 'the signals at realistic sizes, each beside a plain loop over the same numbers';

/** Prints a table, or with `--json` one JSON object: processor time, medians of `--repeat N` (default 7) after one run that does not count. */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, repeat: { type: 'string', default: '7' } },
  });
  const repeat = Number(values.repeat);
  const rows = cases().map(({ name, size, unit, run, floor }) => {
    const [ms, floorMs] = [median(repeat, run), median(repeat, floor)];
    return { name, size, unit, ms, floorMs, ratio: ms / floorMs };
  });
  const machine = { processor: cpus()[0]?.model, node: process.version };
  if (values.json) {
    console.log(JSON.stringify({ machine, repeat, rows }, undefined, 2));
    return;
  }
  console.log(`${Object.values(machine).join(', ')}; processor time, median of ${repeat}\n`);
  console.log(
    `${'function'.padEnd(30)}${'size'.padStart(22)}${'ms'.padStart(10)}${'floor'.padStart(10)}${'ratio'.padStart(8)}`,
  );
  for (const { name, size, unit, ms, floorMs, ratio } of rows)
    console.log(
      `${name.padEnd(30)}${`${size.toLocaleString('en')} ${unit}`.padStart(22)}${ms.toPrecision(3).padStart(10)}${floorMs.toPrecision(3).padStart(10)}${ratio.toFixed(1).padStart(8)}`,
    );
}

function median(repeat: number, work: () => unknown): number {
  const spent: number[] = [];
  for (let round = -1; round < repeat; round += 1) {
    const before = process.cpuUsage();
    const begin = performance.now();
    work();
    const wall = performance.now() - begin;
    const { user, system } = process.cpuUsage(before);
    // The processor's clock ticks in milliseconds: what is shorter is read from the wall's.
    if (round >= 0) spent.push(Math.min(wall, wall < 20 ? wall : (user + system) / 1_000));
  }
  return spent.toSorted((a, b) => a - b)[repeat >> 1]!;
}
