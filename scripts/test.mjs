// `npm test`: layers, format, lint, types, then every suite; `--long` adds the suites named `*.long.test.ts`.
// The last line is the sum over all of them, alone.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sumOutcomes, summaryLines } from './test/outcome.mjs';
import { check, pythonSuites, vitestSuites } from './test/suites.mjs';

const begun = Date.now();
const isLong = process.argv.includes('--long');
const place = {
  root: dirname(dirname(fileURLToPath(import.meta.url))),
  env: { ...process.env, ...(isLong ? { SKILLRL_LONG: '1' } : {}) },
};
console.log(`Node ${process.version}, ${place.root}`);

/** @type {readonly (readonly [string, () => Promise<import('./test/outcome.mjs').Outcome>])[]} */
const steps = [
  ['layers', () => check('layers', 'scripts/check-layers.mjs', [], place)],
  ['format', () => check('format', 'oxfmt', ['--check'], place)],
  ['lint', () => check('lint', 'oxlint', ['--type-aware'], place)],
  [
    'types',
    () =>
      check(
        'types',
        'turbo',
        ['run', 'types', 'types:root', '--output-logs=errors-only', '--ui=stream', '--concurrency=2', '--continue'],
        place,
      ),
  ],
  ['suites', () => vitestSuites(place)],
  ['Python suites', () => pythonSuites('trainer', 'apps/trainer', place)],
];

const outcomes = [];
for (const [name, run] of steps) {
  const stepBegun = Date.now();
  console.log(`\n── ${name}`);
  outcomes.push(await run());
  console.log(`── ${name}: ${((Date.now() - stepBegun) / 1000).toFixed(1)} s`);
}

const total = sumOutcomes(outcomes);
console.log();
for (const line of summaryLines(total, (Date.now() - begun) / 1000)) console.log(line);
process.exitCode = total.failed.length > 0 ? 1 : 0;
