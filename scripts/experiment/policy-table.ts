import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import { clusterBootstrap } from '@skillrl/signals';

import {
  type EvaluationRow,
  evaluationRows,
} from '../../packages/environments/src/alfworld/compact/evaluation-guidance.ts';
import { parseConfidence } from '../../packages/environments/src/alfworld/compact/transcript.ts';
import type { PlayedRow, PlayOrder } from './policy-table-worker.ts';
import { truthOf } from './rl/stated-chances.ts';

export const description =
  'what entries do to the built-in policy: every row of guidance on official games (the table of docs/benchmarks/policy.md)';

/**
 * Plays every official game of a split several times under each row of guidance, with the model in the process, and writes the table.
 * Rows but `none` and the orders are made from a game's privileged truth: they show what a policy does with an entry, not what memory finds.
 * `--sure 0…10` puts that confidence line into the model's mouth instead of letting it state one. Resumable: finished plays are kept in `.skillrl/experiments/`.
 */
export async function experiment(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      model: { type: 'string', default: 'builtin:base' },
      split: { type: 'string', default: 'valid_unseen' },
      rows: { type: 'string', default: evaluationRows.join(',') },
      plays: { type: 'string', default: '6' },
      games: { type: 'string', default: '' },
      temperature: { type: 'string', default: '0.7' },
      sure: { type: 'string', default: '' },
      workers: { type: 'string', default: String(Math.min(2, availableParallelism())) },
      data: {
        type: 'string',
        default: process.env['SKILLRL_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'),
      },
      out: { type: 'string' },
    },
  });
  const rows = values.rows.split(',') as EvaluationRow[];
  const log = resolve(
    '.skillrl/experiments/policy-table',
    `${values.model.replaceAll(/\W+/g, '-')}-${values.split}-T${values.temperature}${values.sure && `-sure${values.sure}`}.jsonl`,
  );
  const { results, version, games } = await playRows({
    rows,
    plays: Number(values.plays),
    games: values.games === '' ? undefined : Number(values.games),
    workers: Number(values.workers),
    log,
    setup: {
      model: values.model,
      data: join(values.data, 'alfworld'),
      split: values.split,
      temperature: Number(values.temperature),
      confidence: values.sure === '' ? undefined : `sure ${values.sure}`,
    },
  });
  const played = rows.map((row) => [row, results.filter((one) => one.row === row)] as const);
  const table = played.map(([row, plays]) => tableRow(row, plays));
  const text = [
    `Model ${version}, ${values.split}, ${games} games × ${values.plays} plays, T = ${values.temperature}${values.sure && `, made to say sure ${values.sure}`}; 95 % intervals over scene → game → play.`,
    '',
    '| row | plays | success within 50 | within 20 | within 15 | within 10 | mean steps | look / pick / clean / cool / heat / pick2 |',
    '|---|---|---|---|---|---|---|---|',
    ...table,
    '',
    ...(values.sure === '' ? played.flatMap(([row, plays]) => statedLine(row, plays)) : []),
  ].join('\n');
  process.stdout.write(`${text}\n`);
  if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);
}

/** What is played, and where the plays are kept. */
export interface RowsPlan {
  readonly rows: readonly EvaluationRow[];
  /** Of each game, for each row. */
  readonly plays: number;
  /** The first so many of the split. Default: all. */
  readonly games?: number;
  readonly workers: number;
  /** File of finished plays: they are not played again. */
  readonly log: string;
  readonly setup: {
    readonly model: string;
    /** Folder of the official games. */
    readonly data: string;
    readonly split: string;
    readonly temperature: number;
    /** Put into the model's mouth. */
    readonly confidence?: string;
  };
}

/** Plays rows of guidance. @returns the plays to which their row applies, in the order of rows, games and plays. */
export async function playRows({ rows, plays, games: count, workers: threads, log, setup }: RowsPlan): Promise<{
  readonly results: readonly PlayedRow[];
  readonly version: string;
  readonly games: number;
}> {
  mkdirSync(dirname(log), { recursive: true });
  const known = existsSync(log)
    ? readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as PlayedRow)
    : [];

  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./policy-table-worker.ts', import.meta.url), { workerData: setup }),
  );
  const ready = await Promise.all(workers.map((worker) => nextMessage<{ games: string[]; version: string }>(worker)));
  const { games = [], version = '' } = ready[0] ?? {};
  const chosen = count === undefined ? games : games.slice(0, count);
  const orders = rows.flatMap((row) =>
    chosen.flatMap((game) => Array.from({ length: plays }, (_, play): PlayOrder => ({ row, game, play }))),
  );
  const nameOf = ({ row, game, play }: PlayOrder): string => `${row} ${game} ${play}`;
  const played = new Map(known.filter((one) => one.version === version).map((one) => [nameOf(one), one]));
  const waiting = orders.filter((order) => !played.has(nameOf(order)));
  const startedAt = Date.now();
  let done = 0;
  await Promise.all(
    workers.map(async (worker) => {
      for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
        const answer = nextMessage<PlayedRow>(worker);
        worker.postMessage(order);
        const result = await answer;
        played.set(nameOf(result), result);
        appendFileSync(log, `${JSON.stringify(result)}\n`);
        done += 1;
        if (done % 200 === 0)
          process.stderr.write(
            `${done} plays, ${waiting.length} left, ${((done * 1000) / (Date.now() - startedAt)).toFixed(1)}/s\n`,
          );
      }
      await worker.terminate();
    }),
  );

  const results = orders
    .map((order) => played.get(nameOf(order)))
    .filter((one) => one !== undefined && one.skipped !== true) as PlayedRow[];
  return { results, version, games: chosen.length };
}

function tableRow(row: string, plays: readonly PlayedRow[]): string {
  if (plays.length === 0) return `| ${row} | 0 | – | – | – | – | – | – |`;
  const share = (within: number): string => {
    const { mean, interval } = clusterBootstrap(
      plays.map((play) => ({
        clusters: [play.game.split('/')[1]?.split('-').at(-1) ?? '', play.game],
        value: play.won && play.steps <= within ? 1 : 0,
      })),
    );
    return `${(100 * mean).toFixed(1)} [${(100 * interval.low).toFixed(1)}, ${(100 * interval.high).toFixed(1)}]`;
  };
  const steps = plays.reduce((sum, play) => sum + (play.won ? play.steps : 50), 0) / plays.length;
  const kinds = ['look', 'pick', 'clean', 'cool', 'heat', 'pick2'].map((kind) => {
    const ofKind = plays.filter((play) => play.kind === kind);
    return ofKind.length === 0 ? '–' : ((100 * ofKind.filter((play) => play.won).length) / ofKind.length).toFixed(0);
  });
  return `| ${row} | ${plays.length} | ${share(50)} | ${share(20)} | ${share(15)} | ${share(10)} | ${steps.toFixed(1)} | ${kinds.join(' / ')} |`;
}

/** How true the chances were that the policy stated first; nothing where it stated none. */
function statedLine(row: string, plays: readonly PlayedRow[]): string[] {
  const pairs = plays.flatMap(({ confidence = '', won }) => {
    const stated = parseConfidence(confidence);
    return stated === undefined ? [] : [{ stated, won: won ? (1 as const) : (0 as const) }];
  });
  const truth = truthOf({ stated: pairs.map(({ stated }) => stated), won: pairs.map(({ won }) => won) });
  if (truth === undefined) return [];
  const { stated, won, ece, brier, auroc } = truth;
  return [
    `${row}: a chance was stated in ${pairs.length} of ${plays.length} plays, ${(100 * stated).toFixed(1)} % on average, of which ${(100 * won).toFixed(1)} % were won; ECE ${ece.toFixed(3)}, Brier ${brier.toFixed(3)}, AUROC ${auroc?.toFixed(3) ?? '–'}`,
  ];
}

function nextMessage<Message>(worker: Worker): Promise<Message> {
  return new Promise((resolveMessage, reject) => {
    const settle = (finish: () => void): void => {
      worker.off('message', onMessage).off('error', onError);
      finish();
    };
    const onMessage = (message: Message): void => settle(() => resolveMessage(message));
    const onError = (error: unknown): void => settle(() => reject(error as Error));
    worker.on('message', onMessage).on('error', onError);
  });
}
