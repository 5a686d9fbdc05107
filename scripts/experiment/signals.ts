import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { decideAfterwards } from './signals/decide-afterwards.ts';
import { diversityByDomain } from './signals/diversity-by-domain.ts';
import { effectOfAnEntry } from './signals/effect-of-an-entry.ts';
import { hardSamples } from './signals/hard-samples.ts';
import { linePlot } from './signals/line-plot.ts';
import { lookingAtAnyTime } from './signals/looking-at-any-time.ts';
import { oneDispersion } from './signals/one-dispersion.ts';
import { reportHtml, type StudyReport } from './signals/report-html.ts';
import { stateConfidence } from './signals/state-confidence.ts';
import type { Check, Study } from './signals/study.ts';

export const description =
  'the learning signals, each in a small world where its claim can fail, and the coverage of the statistics';

const studies: readonly Study[] = [
  decideAfterwards,
  stateConfidence,
  diversityByDomain,
  hardSamples,
  oneDispersion,
  lookingAtAnyTime,
  effectOfAnEntry,
];

/**
 * Runs every study on the same seeds and prints claim, measured effect with interval, and whether it holds. Writes `report.json` and
 * `report.html` to `.skillrl/experiments/signals`, and each plot as a file of its own where `--plots FOLDER` says.
 */
export async function experiment(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: studies.map(({ name }) => name).join(',') },
      seeds: { type: 'string', default: '8' },
      plots: { type: 'string' },
      out: { type: 'string', default: '.skillrl/experiments/signals' },
      json: { type: 'boolean', default: false },
    },
  });
  const count = Number(values.seeds);
  if (!Number.isInteger(count) || count < 2)
    throw new RangeError(`--seeds takes a whole number of at least 2, not ${values.seeds}.`);
  const names = values.only.split(',');
  const unknown = names.find((name) => studies.every((study) => study.name !== name));
  if (unknown !== undefined)
    throw new RangeError(
      `There is no study called ${unknown}; there are: ${studies.map(({ name }) => name).join(', ')}.`,
    );

  const seeds = Array.from({ length: count }, (_, index) => index + 1);
  const chosen = studies.filter(({ name }) => names.includes(name));
  const reports: StudyReport[] = [];
  for (const study of chosen) {
    const startedAt = performance.now();
    const result = study.run(seeds, progress(study.name));
    const seconds = (performance.now() - startedAt) / 1_000;
    process.stderr.write(`\r${study.name}: ${seconds.toFixed(1)} s${' '.repeat(20)}\n`);
    reports.push({ ...study, ...result, seconds });
    if (!values.json) process.stdout.write(`${asText(reports.at(-1)!)}\n`);
  }
  const folder = resolve(values.out);
  mkdirSync(folder, { recursive: true });
  const json = `${JSON.stringify({ seeds, studies: reports }, undefined, 2)}\n`;
  writeFileSync(join(folder, 'report.json'), json);
  writeFileSync(join(folder, 'report.html'), reportHtml(reports, seeds));
  if (values.plots !== undefined) writePlots(resolve(values.plots), reports);
  if (values.json) process.stdout.write(json);
  else process.stdout.write(`report: ${join(folder, 'report.html')}\n`);
}

function progress(name: string): (share: number) => void {
  let shown = -1;
  return (share) => {
    const percent = Math.floor(share * 20) * 5;
    if (percent === shown || !process.stderr.isTTY) return;
    shown = percent;
    process.stderr.write(`\r${name}: ${percent} %`);
  };
}

function asText({ title, claim, checks }: StudyReport): string {
  return [
    `${title}\n  ${claim}`,
    ...checks.map((check) => `  ${check.verdict === 'holds' ? '✓' : '✗'} ${measured(check)}`),
    '',
  ].join('\n');
}

function measured({ claim, mean, interval, asked, verdict, values }: Check): string {
  const number = (value: number): string => value.toFixed(Math.abs(value) >= 100 ? 0 : 3);
  return `${claim}: ${number(mean)} [${number(interval.low)}, ${number(interval.high)}], ${values.length} seeds, asked ${asked}: ${verdict}`;
}

function writePlots(folder: string, reports: readonly StudyReport[]): void {
  mkdirSync(folder, { recursive: true });
  for (const { name, plots } of reports)
    plots.forEach((plot, index) =>
      writeFileSync(join(folder, `${name}${index === 0 ? '' : `-${index + 1}`}.svg`), linePlot(plot)),
    );
}
