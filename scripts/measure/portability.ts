import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, rmSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import type { BankEntry } from '../../packages/core/src/index.ts';
import { sqlite } from '../../packages/drivers/src/index.ts';
import { entryLine, headerLine } from '../../packages/memory/src/portability/bank-line.ts';
import { aDemonstration, aLesson, temporaryFolder } from '../../packages/testing/src/index.ts';

export const description = 'Import and export of a bank: entries a second, memory, and how long others wait';

const transfer = fileURLToPath(new URL('./portability/transfer.ts', import.meta.url));

interface Step {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly peakWalMb: number;
  readonly longestStallMs: number;
  readonly result?: { readonly stages?: Record<string, number> } & Record<string, unknown>;
}

/**
 * `--entries N`, default 100,000; `--million` for a million; `--short` for one import and one export; `--json`. Each step runs in a process of its own, beside reading the same file
 * and `JSON.parse` of its lines. While the import runs, another process (this one) commits to another namespace all the time.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      million: { type: 'boolean', default: false },
      entries: { type: 'string', default: '100000' },
      short: { type: 'boolean', default: false },
    },
  });
  const count = values.million ? 1_000_000 : Number(values.entries);
  const folder = temporaryFolder();
  const [bank, file, out, again] = ['bank.db', 'in.jsonl', 'out.jsonl', 'again.jsonl'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  await writeBank(file, count);
  const megabytes = statSync(file).size / 2 ** 20;
  const rows: Record<string, unknown>[] = [];
  const run = async (name: string, ...input: readonly string[]): Promise<Step> => {
    const { stdout } = await promisify(execFile)(process.execPath, [transfer, ...input], { maxBuffer: 1 << 26 });
    const step = JSON.parse(stdout) as Step;
    const { stages } = step.result ?? {};
    process.stderr.write(`${name}: ${step.seconds.toFixed(1)} s, peak ${Math.round(step.peakMb)} MB\n`);
    rows.push({
      step: name,
      s: round(step.seconds),
      'cpu s': round(step.cpuSeconds),
      'entries/s': Math.round(count / step.seconds),
      'peak RSS MB': Math.round(step.peakMb),
      'peak WAL MB': Math.round(step.peakWalMb),
      'longest stall ms': Math.round(step.longestStallMs),
      ...(stages && { 'commit s': round((stages['commit'] ?? 0) / 1000) }),
    });
    return step;
  };
  await run('read the file', 'read', bank, file);
  await run('read and JSON.parse', 'parse', bank, file);
  const others = committing(bank);
  await run('import', 'import', bank, file);
  const waits = await others();
  await run('export', 'export', bank, out);
  let isEqual: boolean | undefined;
  if (!values.short) {
    await run('import once more: all skipped', 'import', bank, file);
    await run('import into a second namespace', 'import', bank, out, 'second');
    await run('export of the second', 'export', bank, again, 'second');
    isEqual = (await hashOf(out)) === (await hashOf(again));
  }
  const machine = `${cpus()[0]?.model}, Node ${process.version}`;
  const summary = {
    entries: count,
    fileMb: Math.round(megabytes),
    bankMb: Math.round(statSync(bank).size / 2 ** 20),
    ...(isEqual !== undefined && { exportsAreEqual: isEqual }),
    otherWriter: waits,
  };
  rmSync(folder, { recursive: true });
  if (values.json) {
    console.log(JSON.stringify({ machine, ...summary, steps: rows }, undefined, 2));
    return;
  }
  console.log(`${machine}; wall time, with whatever else the machine does\n`);
  console.log(JSON.stringify(summary));
  console.table(rows);
}

/** Commits one small entry after another elsewhere in the bank until it is told to stop; says how long they took. */
function committing(path: string): () => Promise<{ commits: number; medianMs: number; longestMs: number }> {
  const store = sqlite({ path, busyTimeoutMs: 600_000 });
  const waits: number[] = [];
  let isDone = false;
  const work = (async () => {
    for (let number = 0; !isDone; number += 1) {
      const startedAt = performance.now();
      const put = [aLesson({ id: `o${number % 100}`, namespace: 'others', title: `title ${number}` })];
      await store.entries.commit({ namespace: 'others', reason: 'meanwhile', put });
      waits.push(performance.now() - startedAt);
      await delay(5);
    }
  })();
  return async () => {
    isDone = true;
    await work;
    await store.close();
    const sorted = waits.toSorted((a, b) => a - b);
    return {
      commits: waits.length,
      medianMs: round(sorted[Math.floor(sorted.length / 2)] ?? 0),
      longestMs: Math.round(sorted.at(-1) ?? 0),
    };
  };
}

async function writeBank(path: string, count: number): Promise<void> {
  const hash = createHash('sha256');
  for (const line of linesOf(count)) hash.update(line);
  const header = `${headerLine({ count, sha256: hash.digest('hex') })}\n`;
  await pipeline(
    Readable.from(
      (function* () {
        yield header;
        let block = '';
        for (const line of linesOf(count)) {
          block += line;
          if (block.length < 256 * 1024) continue;
          yield block;
          block = '';
        }
        yield block;
      })(),
    ),
    createWriteStream(path),
  );
}

function* linesOf(count: number): Generator<string> {
  for (let number = 0; number < count; number += 1) yield `${entryLine(entryOf(number, count))}\n`;
}

/** Demonstrations and lessons of about a kilobyte, whose ids come in no order. */
function entryOf(number: number, count: number): BankEntry {
  const id = `entry_${((number * 7_368_787) % count).toString(36).padStart(6, '0')}_${number.toString(36)}`;
  const evidence = [
    { episodeId: `episode_${number}`, taskId: `task_${number % 5000}`, hash: 'f'.repeat(64), trusted: true },
  ];
  const fields = {
    id,
    evidence,
    createdAt: 1_700_000_000_000 + number,
    title: `Heat thing ${number} before it is put away`,
  };
  if (number % 2 === 0) return aDemonstration({ ...fields, machine: { facts: factsOf(number) } });
  return aLesson({ ...fields, conditions: { environments: ['house'], families: [`house-${number % 300}`] } });
}

function factsOf(number: number) {
  return Array.from({ length: 6 }, (_, at) => ({
    subject: `thing ${number + at}`,
    relation: 'in',
    object: `cabinet ${at}`,
  }));
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
