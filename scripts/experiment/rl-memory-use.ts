import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { InputError } from '@skillrl/core';
import { equivalenceTest } from '@skillrl/signals';
import { baselines } from '@skillrl/training';

import { playRows } from './policy-table.ts';
import type { PlayedRow } from './policy-table-worker.ts';
import { overSeeds } from './rl/over-seeds.ts';
import { type Conclusion, runStudy, type StudyPlace, type StudyRun, withoutCanary } from './rl/study.ts';

export const description =
  'does RL erode the use of memory? success within 10 steps with true facts, before and after, trained with entries and without';

const margin = 0.05;

/** Where its entries come from does not matter here: true facts are read from the game, and asked is what a policy does with them. */
export const experiment = (args: readonly string[]): Promise<void> =>
  runStudy(
    args,
    {
      name: 'rl-memory-use',
      description,
      question: 'Is the use of entries worse for training, with half of each group seeing entries, and with none?',
      endpoint: `success within 10 steps with true facts, after − before, paired by game; equivalent within ±${100 * margin} points`,
      arms: { grpo: withoutCanary(baselines.grpo), 'grpo-memory': withoutCanary(baselines['grpo-memory']) },
      sampleSize: '134 games × 3 plays a policy, 8 seeds',
      defaults: { seeds: 8 },
    },
    conclude,
  );

async function conclude(runs: readonly StudyRun[], place: StudyPlace): Promise<Conclusion> {
  const before = await withFacts('builtin:warm', 'before', place);
  const rows = [];
  for (const { arm, seed, model } of runs) {
    const after = await withFacts(model, `${arm}-${seed}`, place);
    rows.push({ arm, seed, was: shareQuick(before), is: shareQuick(after), ...compared(before, after) });
  }
  const lines = rows.map(
    ({ arm, seed, was, is, mean, interval, equivalent }) =>
      `${arm}, seed ${seed}: within 10 with facts ${percent(was)} → ${percent(is)} %, ${percent(mean)} points, ${inWords(interval, equivalent)}`,
  );
  const overall = [...Map.groupBy(rows, ({ arm }) => arm)].map(([arm, own]) => overAll(arm, own));
  return { rows: { runs: rows, overall }, lines: [...lines, '', ...overall.map(({ line }) => line)] };
}

/** Seeds are the units here: what training does differs from run to run. */
function overAll(arm: string, rows: readonly { readonly mean: number }[]) {
  const means = rows.map(({ mean }) => mean);
  const { mean, deviation } = overSeeds(means);
  if (means.length < 2) return { arm, mean, line: `${arm}: ${percent(mean)} points, one seed` };
  const test = equivalenceTest(means, { margin });
  return {
    arm,
    ...test,
    deviation,
    line: `${arm}: ${percent(mean)} points over ${means.length} seeds, ${inWords(test.interval, test.equivalent)}`,
  };
}

/** Plays official games of unseen rooms with their facts in the prompt; what was played before is read. */
async function withFacts(model: string, label: string, { options, folder }: StudyPlace): Promise<readonly PlayedRow[]> {
  const { plays, workers, quick, data = '' } = options;
  const place = join(data, 'alfworld');
  if (!existsSync(join(place, 'valid_unseen.jsonl.br')))
    throw new InputError({
      code: 'GAMES_MISSING',
      message: `The facts are read from packed official games, and ${place} has none.`,
      hint: 'Give --data with the folder whose alfworld/ holds valid_unseen.jsonl.br.',
    });
  const setup = { model, data: place, split: 'valid_unseen', temperature: 0.7 };
  const log = join(folder, `facts-${label}.jsonl`);
  return (await playRows({ rows: ['facts'], plays, games: quick ? 8 : undefined, workers, log, setup })).results;
}

/** Differences are means of games, whose plays agree with each other. */
function compared(before: readonly PlayedRow[], after: readonly PlayedRow[]) {
  const byGame = Map.groupBy(after, ({ game }) => game);
  const differences = [...Map.groupBy(before, ({ game }) => game)].flatMap(([game, was]) => {
    const is = byGame.get(game);
    return is === undefined ? [] : [shareQuick(is) - shareQuick(was)];
  });
  return equivalenceTest(differences, { margin });
}

function shareQuick(plays: readonly PlayedRow[]): number {
  return plays.filter(({ won, steps }) => won && steps <= 10).length / Math.max(1, plays.length);
}

function inWords({ low, high }: { readonly low: number; readonly high: number }, isEquivalent: boolean): string {
  const verdict = isEquivalent ? 'equivalent' : high < 0 ? 'eroded' : low > 0 ? 'better' : 'unresolved';
  return `90 % [${percent(low)}, ${percent(high)}]: ${verdict}`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
