/**
 * Makes demonstrations for training the small policy, one JSON line each:
 * `node scripts/make-demonstrations.ts --out FILE [--count 40000] [--seed 1] [--workers 2] [--official-share 0.6] [--success TABLE.json]`.
 * Official games are read from `alfworld/` under `--data`, `SKILLRL_DATA` or `../shared/data`; without them, generated houses only.
 * Equal arguments give an equal file.
 */
import { createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { GenerateOptions } from '../packages/environments/src/alfworld/compact/generate-demonstrations.ts';
import { createRandom, shuffle } from '../packages/environments/src/alfworld/expert/random.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    count: { type: 'string', default: '40000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    'official-share': { type: 'string', default: '0.6' },
    data: { type: 'string' },
    success: { type: 'string' },
  },
});
if (values.out === undefined) throw new Error('Say where to write: --out FILE.');

const workers = Number(values.workers);
const count = Number(values.count);
const seed = Number(values.seed);
const data = values.data ?? process.env['SKILLRL_DATA'] ?? join(import.meta.dirname, '..', '..', 'shared', 'data');
const folder = join(data, 'alfworld');
const hasOfficial = existsSync(join(folder, 'train.jsonl.br'));
if (!hasOfficial) console.log(`No official games under ${folder}: generated houses only.`);

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
    ...(hasOfficial && { officialFolder: folder }),
    ...(values.success !== undefined && { success: JSON.parse(readFileSync(values.success, 'utf8')) }),
  };
  const url = new URL('../packages/environments/src/alfworld/compact/demonstration-worker.ts', import.meta.url);
  const worker = new Worker(url, { workerData: options });
  const mine: string[] = [];
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('message', (batch: string[] | undefined) => {
      if (batch === undefined) return resolve(mine);
      mine.push(...batch);
      const before = received;
      received += batch.length;
      if (Math.floor(received / 5000) > Math.floor(before / 5000)) console.log(`${received} of ${count}`);
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
    const { form, variant, source, kind, steps, segments } = JSON.parse(line);
    const words = (segments as [string, string][])
      .map(([text]) => text)
      .join('')
      .split(/[ \n]+/).length;
    for (const key of [`form ${form}`, `form ${form} / ${variant}`, `source ${source}`, `kind ${kind}`, 'all']) {
      const cell = cells.get(key) ?? { episodes: 0, words: 0, steps: 0 };
      cells.set(key, { episodes: cell.episodes + 1, words: cell.words + words, steps: cell.steps + steps });
    }
  }
  const total = cells.get('all')!;
  for (const [key, { episodes, words, steps }] of [...cells].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const share = ((100 * words) / total.words).toFixed(1);
    console.log(
      `${key.padEnd(28)} ${String(episodes).padStart(6)} episodes  ${share.padStart(5)} % of words  ${(steps / episodes).toFixed(1)} steps`,
    );
  }
  console.log(
    `${all.length} demonstrations, ${total.words} words, ${((performance.now() - started) / 1000).toFixed(1)} s`,
  );
}
