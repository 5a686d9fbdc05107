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
  /** Milliseconds of the processor, all threads, until all of a run was written. */
  readonly processor: number[];
}

/**
 * Prints milliseconds of a run by the clock until it answers, and by the processor until it is written too, and what each arm takes more than
 * bare hooks, run by run. p10 is what other programs disturb least.
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
      const { agent, settle, times, processor } = arms[(at + run) % arms.length]!;
      const [begin, used] = [performance.now(), process.cpuUsage()];
      await agent.run(instruction);
      const end = performance.now();
      await settle();
      if (run < warm) continue;
      times.push(end - begin);
      const { user, system } = process.cpuUsage(used);
      processor.push((user + system) / 1000);
    }
  }
  await memory.close();
  await store.close();
  const syncMs = at(syncs(), 0.5);

  const bare = arms[1]!;
  const rows = arms.map(({ name, times, processor }) => ({
    name,
    p10Ms: at(times, 0.1),
    p50Ms: at(times, 0.5),
    p99Ms: at(times, 0.99),
    aboveBareMs: at(differences(times, bare.times), 0.5),
    processorP10Ms: at(processor, 0.1),
    processorMs: at(processor, 0.5),
    processorAboveBareMs: at(differences(processor, bare.processor), 0.5),
  }));
  const machine = `${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}`;
  if (values.json) {
    console.log(JSON.stringify({ machine, runs, syncMs, rows }, undefined, 2));
    return;
  }
  console.log(`${machine}; ${runs} runs an arm; the disk syncs 8 KiB in ${syncMs.toFixed(2)} ms\n`);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const heads = ['p10', 'p50', 'p99', 'above bare p50', 'processor p10', 'p50', 'above bare p50'];
  console.log(`${'ms a run'.padEnd(width)}  ${heads.join('  ')}`);
  for (const row of rows) {
    const { name, p10Ms, p50Ms, p99Ms, aboveBareMs, processorP10Ms, processorMs, processorAboveBareMs } = row;
    const figures = [p10Ms, p50Ms, p99Ms, aboveBareMs, processorP10Ms, processorMs, processorAboveBareMs];
    const cells = figures.map((ms) => ms.toFixed(2));
    console.log(
      `${name.padEnd(width)}  ${cells.map((cell, column) => cell.padStart(heads[column]!.length)).join('  ')}`,
    );
  }
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

function differences(ones: readonly number[], others: readonly number[]): number[] {
  return ones.map((one, run) => one - others[run]!);
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
