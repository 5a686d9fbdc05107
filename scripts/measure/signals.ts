import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import {
  clippedPolicyLoss,
  confidenceSequence,
  dispersionWeights,
  expectedCalibrationError,
  exposureEffect,
  fitCalibrator,
  groupAdvantages,
  importanceWeights,
  klEstimate,
  ngramJaccardDistance,
  pairedSequentialTest,
  referenceMatrix,
  seededRandom,
  semanticClasses,
  splitWords,
  tokenDispersion,
} from '@skillrl/signals';

export const description = 'the signals at realistic sizes, each beside a plain loop over the same numbers';

/** A function, its input's size, and the least that any such function must do: read its numbers once and compute with them. */
interface Case {
  readonly name: string;
  readonly size: number;
  readonly unit: string;
  run(): unknown;
  floor(): unknown;
}

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

function cases(): Case[] {
  const random = seededRandom(1);
  const uniform = (count: number): Float64Array => Float64Array.from({ length: count }, random);
  const bits = (count: number, share: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => (random() < share ? 1 : 0));

  const tokens = 1_000_000;
  const [trainer, sampler] = [uniform(tokens).map((value) => -3 * value), uniform(tokens).map((value) => -3 * value)];
  const groups = Array.from({ length: 2_000 }, () => Array.from({ length: 64 }, () => Number(random() < 0.4)));
  const rows = Array.from({ length: 16 }, () => uniform(tokens / 16).map((value) => -3 * value));
  const [confidences, outcomes] = [uniform(100_000), bits(100_000, 0.5)];
  const [shown, exposed] = [bits(100_000, 0.9), bits(100_000, 0.45)];
  const propensity = new Float64Array(100_000).fill(0.9);
  const texts = Array.from({ length: 64 }, () =>
    splitWords(Array.from({ length: 100 }, () => `w${Math.floor(200 * random())}`).join(' ')),
  );
  const vectors = Array.from({ length: 64 }, () => [...uniform(256)].map((value) => value - 0.5));

  return [
    {
      name: 'groupAdvantages',
      size: 128_000,
      unit: 'rollouts',
      run: () => groups.map((group) => groupAdvantages(group, { normalise: true })),
      floor: () => groups.map(plainAdvantages),
    },
    {
      name: 'importanceWeights',
      size: tokens,
      unit: 'tokens',
      run: () => importanceWeights(trainer, sampler),
      floor: () => plainExp(trainer, sampler),
    },
    {
      name: 'clippedPolicyLoss',
      size: tokens,
      unit: 'tokens',
      run: () => clippedPolicyLoss(trainer, sampler, 1),
      floor: () => plainExp(trainer, sampler),
    },
    {
      name: 'klEstimate',
      size: tokens,
      unit: 'tokens',
      run: () => klEstimate(trainer, sampler),
      floor: () => plainExp(trainer, sampler),
    },
    {
      name: 'tokenDispersion + weights',
      size: tokens,
      unit: 'log-probabilities',
      run: () => dispersionWeights(tokenDispersion(referenceMatrix(rows))),
      floor: () => rows.map(plainSquares),
    },
    {
      name: 'expectedCalibrationError',
      size: 100_000,
      unit: 'outcomes',
      run: () => expectedCalibrationError(confidences, outcomes),
      floor: () => plainSquares(confidences),
    },
    {
      name: 'fitCalibrator',
      size: 10_000,
      unit: 'outcomes',
      run: () => fitCalibrator(confidences.subarray(0, 10_000), outcomes.subarray(0, 10_000), { policyVersion: 'p' }),
      floor: () => confidences.slice(0, 10_000).sort(),
    },
    {
      name: 'exposureEffect',
      size: 100_000,
      unit: 'exposures',
      run: () => exposureEffect({ shown, propensity, outcome: exposed }),
      floor: () => plainSquares(propensity),
    },
    {
      name: 'pairedSequentialTest',
      size: 100_000,
      unit: 'pairs',
      run: () => pairedSequentialTest(shown, shown),
      floor: () => plainSquares(propensity),
    },
    {
      name: 'confidenceSequence',
      size: 100_000,
      unit: 'outcomes',
      run: () => confidenceSequence(confidences),
      floor: () => plainSquares(confidences),
    },
    {
      name: 'ngramJaccardDistance',
      size: 64,
      unit: 'texts of 100 words',
      run: () => ngramJaccardDistance(texts, 2),
      floor: () => plainPairs(texts),
    },
    {
      name: 'semanticClasses',
      size: 64,
      unit: 'embeddings of 256',
      run: () => semanticClasses(vectors),
      floor: () => plainCosines(vectors),
    },
  ];
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

function plainAdvantages(group: readonly number[]): number[] {
  let sum = 0;
  let squares = 0;
  for (const reward of group) {
    sum += reward;
    squares += reward * reward;
  }
  const mean = sum / group.length;
  const deviation = Math.sqrt((squares - group.length * mean * mean) / (group.length - 1));
  return group.map((reward) => (reward - mean) / (deviation + 1e-4));
}

function plainExp(a: Float64Array, b: Float64Array): Float64Array {
  const ratios = new Float64Array(a.length);
  for (let index = 0; index < a.length; index += 1) ratios[index] = Math.exp(a[index]! - b[index]!);
  return ratios;
}

function plainSquares(values: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index]! * values[index]!;
  return sum;
}

function plainPairs(texts: readonly (string | readonly string[])[]): number {
  const sets = texts.map((text) => new Set(text));
  let common = 0;
  for (const [index, one] of sets.entries())
    for (const other of sets.slice(index + 1)) for (const word of one) if (other.has(word)) common += 1;
  return common;
}

function plainCosines(vectors: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const one of vectors)
    for (const other of vectors) for (let at = 0; at < one.length; at += 1) sum += one[at]! * other[at]!;
  return sum;
}
