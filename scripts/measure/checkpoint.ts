import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { crc32 } from 'node:zlib';

import { openEntryIndex } from '../../packages/memory/src/index.ts';
import { temporaryFolder } from '../../packages/testing/src/index.ts';
import { lesson, openBank, type EmbedderName } from './checkpoint/bank.ts';

export const description =
  'The saved index: size, saving, loading, and the first answer of a fresh process with and without it';

const program = fileURLToPath(new URL('./checkpoint/first-answer.ts', import.meta.url));
const commitSize = 5_000;

interface FirstAnswer {
  readonly startedMs: number;
  readonly answeredMs: number;
  readonly processorMs: number;
  readonly wholeMs?: number;
  readonly degraded?: string;
  readonly memoryMb: number;
}

/**
 * `--entries N`: size of the bank, default 10,000. `--embedder compact|random-384`: default both. `--folder F`: keeps the banks there, and uses
 * them again. All but the whole processes is processor time; a process is timed by the clock from its beginning, and is the best of five,
 * with the file cache warm. The floor is reading the same files and summing them up.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      entries: { type: 'string', default: '10000' },
      embedder: { type: 'string' },
      folder: { type: 'string' },
    },
  });
  const embedders = values.embedder === undefined ? (['compact', 'random-384'] as const) : [values.embedder];
  console.log(`${cpus()[0]?.model}, Node ${process.version}, ${values.entries} entries\n`);
  for (const name of embedders) {
    const folder = join(values.folder ?? temporaryFolder(), `${name}-${values.entries}`);
    await measureBank(folder, name as EmbedderName, Number(values.entries));
    if (values.folder === undefined) rmSync(folder, { recursive: true });
  }
}

async function measureBank(folder: string, name: EmbedderName, count: number): Promise<void> {
  const say = (what: string, value: number, unit: string): void =>
    console.log(
      `${name.padEnd(11)} ${what.padEnd(58)} ${value >= 100 ? Math.round(value) : value.toPrecision(3)} ${unit}`,
    );
  const bank = openBank(folder, name);
  if ((await bank.ports.entries.revision()) === 0) {
    for (let start = 0; start < count; start += commitSize) {
      const put = Array.from({ length: Math.min(commitSize, count - start) }, (_, at) => lesson(start + at));
      await bank.ports.entries.commit({ namespace: 'default', reason: 'measure', put });
    }
    // Embeds all of it: from here on vectors come from the store.
    await bank.recaller.prepare();
  }
  await bank.close();
  const checkpoints = join(folder, 'checkpoints');
  rmSync(checkpoints, { recursive: true, force: true });

  const first = await firstAnswer(folder, name, 'whole');
  say('first answer without a checkpoint, the whole process', first.answeredMs, 'ms');
  if (first.degraded !== undefined) console.log(`${' '.repeat(12)}(${first.degraded})`);
  say('until all entries answer', first.wholeMs!, 'ms');

  const { ports, close } = openBank(folder, name);
  const revision = await ports.entries.revision();
  const built = await openEntryIndex({ ...ports, checkpoints: undefined }, { namespace: 'default', revision });
  await built.close();
  const index = await openEntryIndex(ports, { namespace: 'default', revision });
  const longest = longestTurn();
  say('saved, in the background', await processorMs(() => index.save()), 'ms');
  say('longest time that this held up the loop of events', longest.stop(), 'ms');
  const files = readdirSync(checkpoints).map((file) => join(checkpoints, file));
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  say('size', bytes / 1e6, 'MB');
  for (const file of files.filter((each) => statSync(each).size > 1e5)) {
    say(`  ${file.split('.').slice(2).join('.')}`, statSync(file).size / 1e6, 'MB');
  }
  await index.close();
  const floor = await processorMs(() => files.map((file) => crc32(readFileSync(file))));
  say('floor: the same files read and summed up', floor, 'ms');
  const loadMs = await processorMs(async () => {
    const loaded = await openEntryIndex(ports, { namespace: 'default', revision });
    if (loaded.unsaved > 0) throw new Error('The checkpoint was not used.');
    await loaded.close();
  });
  say('loaded', loadMs, 'ms');
  await close();

  for (const [how, cache] of [
    ['from TypeScript', ''],
    ['with the compile cache of Node', join(folder, 'compiled')],
  ] as const) {
    const answers: FirstAnswer[] = [];
    for (let round = 0; round < (cache === '' ? 5 : 7); round += 1)
      answers.push(await firstAnswer(folder, name, '', cache));
    const best = answers.toSorted((a, b) => a.answeredMs - b.answeredMs)[0]!;
    say(`first answer, the whole process ${how}`, best.answeredMs, 'ms');
    say('  of it before the first line of the program', best.startedMs, 'ms');
    say('  processor time, all threads', Math.min(...answers.map(({ processorMs: spent }) => spent)), 'ms');
    say('  memory', best.memoryMb, 'MB');
    if (best.degraded !== undefined) console.log(`${' '.repeat(12)}(${best.degraded})`);
  }
  console.log();
}

async function firstAnswer(folder: string, name: EmbedderName, whole: string, cache = ''): Promise<FirstAnswer> {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, folder, name, ...(whole === '' ? [] : [whole])],
    {
      env: cache === '' ? env : { ...env, NODE_COMPILE_CACHE: cache },
    },
  );
  return JSON.parse(stdout) as FirstAnswer;
}

/** How long the loop of events stood still at the longest. */
function longestTurn(): { stop(): number } {
  let before = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - before - 1);
    before = now;
  }, 1);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.max(longest, performance.now() - before - 1);
    },
  };
}

async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
