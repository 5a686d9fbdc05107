import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import type { Report } from '@skillrl/bench';

import { linePlot } from './signals/line-plot.ts';

export const description = 'a finished benchmark run as a picture: share of games won by steps, arm by arm';

/** Draws `--report FILE` (a run's `report.json`) into `--out FILE`, an SVG picture; `--arms` chooses and orders them. */
export async function experiment(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { report: { type: 'string' }, arms: { type: 'string' }, out: { type: 'string' } },
  });
  if (values.report === undefined || values.out === undefined)
    throw new RangeError('A plot needs --report, a run’s report.json, and --out, the picture to write.');
  const report = JSON.parse(readFileSync(values.report, 'utf8')) as Report;
  const names = values.arms?.split(',') ?? report.arms.map(({ arm }) => arm);
  const series = names.map((name) => {
    const found = report.arms.find(({ arm }) => arm === name);
    if (found === undefined)
      throw new RangeError(`The run has no arm ${name}; it has: ${report.arms.map(({ arm }) => arm).join(', ')}.`);
    return { name, points: found.successBySteps.map((share, steps) => [steps, share] as const) };
  });
  writeFileSync(values.out, linePlot({ title: 'Share of games won, by steps', x: 'steps', y: 'share won', series }));
}
