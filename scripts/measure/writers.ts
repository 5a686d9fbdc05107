import { execFile } from 'node:child_process';
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import type { EpisodeEvent } from '../../packages/core/src/index.ts';
import { sqlite } from '../../packages/drivers/src/index.ts';
import { aModelCall, episodeEvents, temporaryFolder } from '../../packages/testing/src/index.ts';

export const description =
  'Durable writes: each kind of event beside two floors of the disk, groups, several processes on one bank';

/**
 * Prints three tables. `--episodes N`: episodes that are written event by event, default 300. `--seconds N`: how long processes write together,
 * default 3.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { episodes: { type: 'string', default: '300' }, seconds: { type: 'string', default: '3' } },
  });
  const load = loadavg()[0]!.toFixed(1);
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, load ${load}\n`);
  await measureKinds(Number(values.episodes));
  await measureGroups();
  for (const processes of [1, 2, 3]) await measureProcesses(processes, Number(values.seconds));
}

/** Each event in a write of its own, by the clock; after each one 4 KiB are synced, written over and appended in turn. */
async function measureKinds(count: number): Promise<void> {
  const folder = temporaryFolder();
  const store = sqlite({ path: join(folder, 'bank.db') });
  const page = Buffer.alloc(4096, 1);
  const over = openSync(join(folder, 'over'), 'w');
  for (let number = 0; number < 100; number += 1) writeSync(over, page);
  fdatasyncSync(over);
  const appended = openSync(join(folder, 'appended'), 'a');
  const times = new Map<string, number[]>();
  const floors: { readonly over: number[]; readonly appended: number[] } = { over: [], appended: [] };
  const spent = async (name: string, work: () => unknown): Promise<void> => {
    const begin = performance.now();
    await work();
    times.set(name, [...(times.get(name) ?? []), performance.now() - begin]);
  };
  for (let number = 0; number < count; number += 1) {
    const shown = Array.from({ length: 6 }, (_, at) => ({ entryId: `n${at}`, entryVersion: 1, propensity: 0.9 }));
    const recall = { namespace: 'default', bankRevision: 1, shown, withheld: [], tokens: 400 };
    for (const event of episodeEvents({ id: `e${number}`, calls: [aModelCall({ id: `c${number}`, recall })] })) {
      await spent(nameOf(event), () => store.episodes.append([event]));
      const begin = performance.now();
      if (floors.over.length % 2 === floors.appended.length % 2) {
        writeSync(over, page, 0, page.length, (floors.over.length % 100) * page.length);
        fdatasyncSync(over);
        floors.over.push(performance.now() - begin);
      } else {
        writeSync(appended, page);
        fdatasyncSync(appended);
        floors.appended.push(performance.now() - begin);
      }
    }
  }
  await store.close();
  for (const file of [over, appended]) closeSync(file);
  rmSync(folder, { recursive: true });
  const [overMs, appendedMs] = [median(floors.over), median(floors.appended)];
  console.log(
    `fdatasync of 4 KiB, medians: written over ${overMs.toFixed(3)} ms, appended ${appendedMs.toFixed(3)} ms`,
  );
  for (const [name, all] of times) {
    const ms = median(all);
    const ratios = `${(ms / overMs).toFixed(2)} × written over, ${(ms / appendedMs).toFixed(2)} × appended`;
    console.log(
      `  ${name.padEnd(36)} ${ms.toFixed(3)} ms   ${ratios}   (first 100: ${median(all.slice(0, 100)).toFixed(3)} ms)`,
    );
  }
}

function nameOf({ type }: EpisodeEvent): string {
  if (type === 'model-call') return 'model-call that was shown 6 entries';
  return type === 'outcome' ? 'outcome that counts for 6 entries' : type;
}

/** Outcomes, each of an episode that was shown entries: one write each, asked for together, and all in one write. */
async function measureGroups(): Promise<void> {
  const folder = temporaryFolder();
  const store = sqlite({ path: join(folder, 'bank.db') });
  const shownEach = 8;
  const count = 4000;
  const rate = async (name: string, write: (outcomes: readonly EpisodeEvent[]) => Promise<unknown>): Promise<void> => {
    const shown = (number: number) =>
      Array.from({ length: shownEach }, (_, at) => ({
        entryId: `n${(number * shownEach + at) % 2000}`,
        entryVersion: 1,
        propensity: 0.9,
      }));
    const logs = Array.from({ length: count }, (_, number) => {
      const recall = { namespace: 'default', bankRevision: 1, shown: shown(number), withheld: [], tokens: 400 };
      return episodeEvents({ id: `${name}${number}`, steps: [], calls: [aModelCall({ id: `c${number}`, recall })] });
    });
    await store.episodes.append(logs.flatMap((log) => log.slice(0, -1)));
    const begin = performance.now();
    const before = process.cpuUsage();
    await write(logs.map((log) => log.at(-1)!));
    const { user, system } = process.cpuUsage(before);
    const perSecond = (ms: number): string => Math.round((count * shownEach) / (ms / 1000)).toLocaleString('en');
    const clock = perSecond(performance.now() - begin);
    console.log(
      `  ${name.padEnd(36)} ${clock} updates/s by the clock, ${perSecond((user + system) / 1000)}/s of processor time`,
    );
  };
  console.log(`\nStatistic updates, ${count} outcomes of ${shownEach} entries each`);
  await rate('a write each, asked for together', (outcomes) =>
    Promise.all(outcomes.map((outcome) => store.episodes.append([outcome]))),
  );
  await rate('one write', (outcomes) => store.episodes.append(outcomes));
  await store.close();
  rmSync(folder, { recursive: true });
}

async function measureProcesses(processes: number, seconds: number): Promise<void> {
  const folder = temporaryFolder();
  const path = join(folder, 'bank.db');
  const loop = fileURLToPath(new URL('../../packages/drivers/src/stores/fixtures/write-in-a-loop.ts', import.meta.url));
  const from = Date.now() + 1500;
  const ended = Array.from({ length: processes }, async (_, number) => {
    const words = [loop, path, `w${number}`, String(from), String(seconds * 1000)];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    return JSON.parse(stdout) as { readonly writes: number; readonly longestMs: number };
  });
  const written = await Promise.all(ended);
  rmSync(folder, { recursive: true });
  const all = written.reduce((sum, { writes }) => sum + writes, 0);
  const shares = written.map(({ writes }) => `${((100 * writes) / all).toFixed(0)} %`).join(', ');
  const longest = Math.max(...written.map(({ longestMs }) => longestMs)).toFixed(0);
  if (processes === 1) console.log('\nProcesses that append to one bank in tight loops');
  console.log(
    `  ${processes}: ${Math.round(all / seconds)} writes/s together, shares ${shares}, longest wait ${longest} ms`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
