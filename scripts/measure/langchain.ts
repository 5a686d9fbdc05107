import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { compact, createVectorIndex, sqlite } from '../../packages/drivers/src/index.ts';
import { loadWordVectors } from '../../packages/drivers/src/embedders/word-vectors.ts';
import { skillMemory } from '../../packages/langchain/src/index.ts';
import {
  measuredAgent,
  type MeasuredAgent,
  type MeasuredHooks,
} from '../../packages/langchain/test-support/measured-agent.ts';
import { createMemory } from '../../packages/memory/src/index.ts';
import { seededRandom, temporaryFolder } from '../../packages/testing/src/index.ts';
import { realisticBank } from './retrieval/realistic-bank.ts';

export const description = 'A run of a LangChain agent: no hooks, hooks that do nothing, the memory';

interface Arm {
  readonly name: string;
  readonly agent: MeasuredAgent;
  /** Writes what a run left to be written. */
  readonly settle: () => Promise<unknown>;
  /** Milliseconds until a run gave its answer. */
  readonly times: number[];
  /** Milliseconds of the processor, all threads, until then. */
  readonly processor: number[];
  /** The same until all of the run was written. */
  readonly processorInAll: number[];
}

/**
 * Prints milliseconds of a run, by the clock and by the processor until it answers, and by the processor until it is written too, and what each
 * arm takes more than bare hooks. p10 is what other programs disturb least.
 *
 * A run is three model calls and two tool calls of a fake model. `bare, typed` declares the memory's state and context and does nothing else.
 * The memory has a store on disk, the compact embedder and a bank of 1,000 entries; two arms leave parts of it out. Arms take turns.
 * `--runs N`: default 300. `--json`: one JSON object.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { runs: { type: 'string', default: '300' }, json: { type: 'boolean' } },
  });
  const runs = Number(values.runs);
  const warm = 40;
  const { rowOf } = await loadWordVectors();
  const vocabulary = [...rowOf.keys()].filter((word) => /^[a-z]{4,9}$/.test(word)).slice(0, 8000);
  const { entries, tasks } = realisticBank(1_000, vocabulary, seededRandom(1));
  const store = sqlite({ path: join(temporaryFolder(), 'bank.db') });
  await store.entries.commit({ namespace: 'default', reason: 'measure', put: entries });
  const embedder = compact();
  const memory = createMemory({ ...store, embedder, createVectorIndex }, { recall: { embedTimeoutMs: 600_000 } });
  await memory.recaller.prepare();
  const options = { learn: 'off', onError: (what: string, error: unknown) => console.error(what, error) } as const;
  const skills = skillMemory(memory, options);
  const note = { bankRevision: 0, shown: [], withheld: [], tokens: 0 };
  const nothing = { recall: async () => ({ entries: [], text: '', recall: note }) };
  const forgetful = createMemory({ entries: store.entries, episodes: { ...store.episodes, append: async () => {} } });

  const arm = (name: string, hooks: MeasuredHooks): Arm => ({
    name,
    agent: measuredAgent(runs + warm, hooks),
    settle: async () => (typeof hooks === 'string' ? undefined : hooks.flush()),
    times: [],
    processor: [],
    processorInAll: [],
  });
  const arms = [
    arm('no hooks', 'none'),
    arm('bare hooks', 'bare'),
    arm('bare, typed', 'typed'),
    arm('nothing recalled or written', skillMemory(forgetful, { ...options, recaller: () => nothing })),
    arm('nothing recalled', skillMemory(memory, { ...options, recaller: () => nothing })),
    arm('memory', skills),
  ];
  for (let run = 0; run < runs + warm; run += 1) {
    const { instruction } = tasks[run % tasks.length]!;
    for (let at = 0; at < arms.length; at += 1) {
      const { agent, settle, times, processor, processorInAll } = arms[(at + run) % arms.length]!;
      const [begin, used] = [performance.now(), process.cpuUsage()];
      await agent.run(instruction);
      const [end, answered] = [performance.now(), process.cpuUsage(used)];
      await settle();
      if (run < warm) continue;
      times.push(end - begin);
      processor.push(milliseconds(answered));
      processorInAll.push(milliseconds(process.cpuUsage(used)));
    }
  }
  await memory.close();
  await store.close();
  const syncMs = at(syncs(), 0.5);

  const bare = arms[1]!;
  const rows = arms.map(({ name, times, processor, processorInAll }) => ({
    name,
    clock: summary(times, bare.times),
    processor: summary(processor, bare.processor),
    processorInAll: summary(processorInAll, bare.processorInAll),
  }));
  const machine = `${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}`;
  if (values.json) {
    console.log(JSON.stringify({ machine, runs, syncMs, rows }, undefined, 2));
    return;
  }
  console.log(`${machine}; ${runs} runs an arm; the disk syncs 8 KiB in ${syncMs.toFixed(2)} ms\n`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const parts = { clock: 'until it answers', processor: 'processor', processorInAll: 'processor, until written' };
  for (const [part, title] of Object.entries(parts)) {
    console.log(`${`ms a run, ${title}`.padEnd(width + 12)}     p10     p50     p99    above bare p10     p50`);
    for (const row of rows) {
      const { p10, p50, p99, aboveBareP10, aboveBareP50 } = row[part as keyof typeof parts];
      const cells = [p10, p50, p99].map((ms) => ms.toFixed(2).padStart(8));
      const above = [aboveBareP10.toFixed(2).padStart(18), aboveBareP50.toFixed(2).padStart(8)];
      console.log(`${row.name.padEnd(width + 12)}${cells.join('')}${above.join('')}`);
    }
    console.log();
  }
}

/** Above bare hooks: at p10, what the arm takes where others disturb it least; at p50, the median of the differences run by run. */
function summary(ones: readonly number[], bare: readonly number[]) {
  const differences = ones.map((one, run) => one - bare[run]!);
  const [p10, p50, p99] = [at(ones, 0.1), at(ones, 0.5), at(ones, 0.99)];
  return { p10, p50, p99, aboveBareP10: p10 - at(bare, 0.1), aboveBareP50: at(differences, 0.5) };
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

/** The floor of a durable write on this disk, now: milliseconds each. */
function syncs(): number[] {
  const file = openSync(join(temporaryFolder(), 'floor'), 'w');
  const bytes = Buffer.alloc(8_192, 1);
  return Array.from({ length: 200 }, (_, turn) => {
    const begin = performance.now();
    writeSync(file, bytes, 0, bytes.length, (turn % 50) * bytes.length);
    fdatasyncSync(file);
    return performance.now() - begin;
  });
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
