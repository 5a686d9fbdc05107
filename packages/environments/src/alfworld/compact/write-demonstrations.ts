/**
 * Makes demonstrations for training the small policy, one JSON line each:
 * `node write-demonstrations.ts --out FILE [--count 40000] [--seed 1] [--workers 2] [--official FOLDER] [--official-share 0.6] [--success TABLE.json]
 * [--forms none,facts]`.
 * FOLDER holds the packed official games (`train.jsonl.br`, domain and grammar); without it, generated houses only. TABLE holds measured success by
 * `form|kind`, for the lines that state confidence. Equal arguments give an equal file. Progress goes to stderr.
 */
import { once } from 'node:events';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createRandom, shuffle } from '../expert/random.ts';
import type { Demonstration } from './demonstrations.ts';
import type { DemonstrationForm } from './draw-guidance.ts';
import type { GenerateOptions } from './generate-demonstrations.ts';
import { wordsOf } from './generate-demonstrations.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    count: { type: 'string', default: '40000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    official: { type: 'string' },
    'official-share': { type: 'string', default: '0.6' },
    success: { type: 'string' },
    forms: { type: 'string' },
  },
});
if (values.out === undefined) throw new Error('Say where to write: --out FILE.');

const workers = Number(values.workers);
const count = Number(values.count);
const seed = Number(values.seed);
const started = performance.now();
let received = 0;
const perWorker = await Promise.all(Array.from({ length: workers }, (_, index) => collect(index)));
const lines = shuffle(createRandom(seed), perWorker.flat());
await write(values.out, lines);
report(lines);

function collect(index: number): Promise<string[]> {
  const options: GenerateOptions = {
    seed: seed * 1000 + index,
    count: Math.floor(count / workers) + (index < count % workers ? 1 : 0),
    officialShare: Number(values['official-share']),
    ...(values.official !== undefined && { officialFolder: values.official }),
    ...(values.forms !== undefined && { forms: values.forms.split(',') as DemonstrationForm[] }),
    ...(values.success !== undefined && { success: JSON.parse(readFileSync(values.success, 'utf8')) }),
  };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const url = new URL(`./demonstration-worker.${extension}`, import.meta.url);
  const worker = new Worker(url, { workerData: options });
  const mine: string[] = [];
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (batch: string[] | undefined) => {
      if (batch === undefined) return resolve(mine);
      mine.push(...batch);
      const before = received;
      received += batch.length;
      if (Math.floor(received / 5000) > Math.floor(before / 5000))
        console.error(`${received} of ${count} demonstrations`);
    });
  });
}

async function write(path: string, all: readonly string[]): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const stream = createWriteStream(path);
  for (const line of all) if (!stream.write(`${line}\n`)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'finish');
}

function report(all: readonly string[]): void {
  const cells = new Map<string, { episodes: number; words: number; steps: number }>();
  for (const line of all) {
    const demonstration = JSON.parse(line) as Demonstration;
    const { form, variant, source, kind, steps } = demonstration;
    const words = wordsOf(demonstration);
    for (const key of [`form ${form}`, `form ${form} / ${variant}`, `source ${source}`, `kind ${kind}`, 'all']) {
      const cell = cells.get(key) ?? { episodes: 0, words: 0, steps: 0 };
      cells.set(key, { episodes: cell.episodes + 1, words: cell.words + words, steps: cell.steps + steps });
    }
  }
  const total = cells.get('all')?.words ?? 0;
  for (const [key, { episodes, words, steps }] of [...cells].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const share = ((100 * words) / total).toFixed(1).padStart(5);
    const mean = (steps / episodes).toFixed(1);
    console.error(`${key.padEnd(28)} ${String(episodes).padStart(6)} episodes  ${share} % of words  ${mean} steps`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.error(`${all.length} demonstrations, ${total} words, ${seconds} s`);
}
