import { join, resolve } from 'node:path';

import { equivalenceTest } from '@skillrl/signals';
import { baselines } from '@skillrl/training';

import { replaceFile } from '../../packages/skillrl/src/jobs/durable-file.ts';
import { playRows } from './policy-table.ts';
import type { PlayedRow } from './policy-table-worker.ts';
import { runStudy, studyOptions } from './rl/study.ts';

export const description =
  'does RL erode the use of memory? success within 10 steps with true facts, before and after, trained with entries and without';

/** Where its entries come from does not matter here: true facts are read from the game, and asked is what a policy does with them. */
const margin = 0.05;

/** The options of `rl`. `--plays` are those of each official valid_unseen game, with facts. Resumable. */
export async function experiment(args: readonly string[]): Promise<void> {
  const options = studyOptions(args);
  const name = 'rl-memory-use';
  const isWatched = { pairs: 0, error: 0.025 };
  const runs = await runStudy(
    {
      name,
      question: 'Is the use of entries worse for training, with half of each group seeing entries, and with none?',
      endpoint: `success within 10 steps with true facts, after − before, paired by game and play; equivalent within ±${100 * margin} points`,
      arms: {
        grpo: { ...baselines.grpo, canary: isWatched },
        'grpo-memory': { ...baselines['grpo-memory'], canary: isWatched },
      },
      sampleSize: '134 games × 3 plays a policy',
    },
    { ...options, plays: 1 },
  );
  const folder = resolve(options.folder, name);
  const withFacts = async (model: string, label: string): Promise<readonly PlayedRow[]> => {
    const setup = { model, data: join(options.data ?? '', 'alfworld'), split: 'valid_unseen', temperature: 0.7 };
    const log = join(folder, `facts-${label}.jsonl`);
    return (await playRows({ rows: ['facts'], plays: options.plays, workers: Number(options.workers), log, setup }))
      .results;
  };
  const before = await withFacts('builtin:warm', 'before');
  const rows = [];
  for (const { arm, seed, result } of runs) {
    const after = await withFacts(result.state.served.model, `${arm}-${seed}`);
    rows.push({ arm, seed, ...compared(before, after) });
  }
  replaceFile(join(folder, 'result.json'), `${JSON.stringify(rows, undefined, 2)}\n`);
  for (const { arm, seed, was, is, mean, interval, equivalent } of rows) {
    const points = (share: number): string => (100 * share).toFixed(1);
    console.log(
      `${arm}, seed ${seed}: within 10 with facts ${points(was)} → ${points(is)} %, ${points(mean)} points, 90 % [${points(interval.low)}, ${points(interval.high)}]: ${equivalent ? 'equivalent' : interval.high < 0 ? 'eroded' : interval.low > 0 ? 'better' : 'unresolved'}`,
    );
  }
}

/** Differences are means of games, whose plays agree with each other. */
function compared(before: readonly PlayedRow[], after: readonly PlayedRow[]) {
  const shareOf = (plays: readonly PlayedRow[]): number => plays.filter(isQuick).length / Math.max(1, plays.length);
  const byGame = Map.groupBy(after, ({ game }) => game);
  const differences = [...Map.groupBy(before, ({ game }) => game)].flatMap(([game, was]) => {
    const is = byGame.get(game);
    return is === undefined ? [] : [shareOf(is) - shareOf(was)];
  });
  return { was: shareOf(before), is: shareOf(after), ...equivalenceTest(differences, { margin }) };
}

function isQuick({ won, steps }: PlayedRow): boolean {
  return won && steps <= 10;
}
