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
  readonly times: number[];
  /** Milliseconds of the processor, all threads. */
  readonly processor: number[];
}

/**
 * Prints milliseconds of a run by the clock, p50 and p99, and what each arm takes more than bare hooks, run by run. A run is three model calls and
 * two tool calls of a fake model; `bare, typed` declares the memory's state and context and does nothing else; the memory has a store on disk, the compact embedder and a bank of 1,000 entries. Arms take turns.
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
  const skills = skillMemory(memory, { learn: 'off', onError: (what, error) => console.error(what, error) });

  const arm = (name: string, hooks: MeasuredHooks): Arm => ({
    name,
    agent: measuredAgent(runs + warm, hooks),
    times: [],
    processor: [],
  });
  const arms = [arm('no hooks', 'none'), arm('bare hooks', 'bare'), arm('bare, typed', 'typed'), arm('memory', skills)];
  for (let run = 0; run < runs + warm; run += 1) {
    const { instruction } = tasks[run % tasks.length]!;
    for (let at = 0; at < arms.length; at += 1) {
      const { agent, times, processor } = arms[(at + run) % arms.length]!;
      const [begin, used] = [performance.now(), process.cpuUsage()];
      await agent.run(instruction);
      if (run < warm) continue;
      times.push(performance.now() - begin);
      const { user, system } = process.cpuUsage(used);
      processor.push((user + system) / 1000);
    }
  }
  await memory.close();
  await store.close();
  const syncMs = at(syncs(), 0.5);

  const bare = arms[1]!.times;
  const rows = arms.map(({ name, times, processor }) => ({
    name,
    p50Ms: at(times, 0.5),
    p99Ms: at(times, 0.99),
    aboveBareMs: at(
      times.map((time, run) => time - bare[run]!),
      0.5,
    ),
    processorMs: at(processor, 0.5),
  }));
  const machine = `${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]!.toFixed(1)}`;
  if (values.json) {
    console.log(JSON.stringify({ machine, runs, syncMs, rows }, undefined, 2));
    return;
  }
  console.log(`${machine}; ${runs} runs an arm; the disk syncs 8 KiB in ${syncMs.toFixed(2)} ms\n`);
  console.log(`${'ms a run'.padEnd(12)}     p50     p99   above bare  processor (p50)`);
  for (const { name, p50Ms, p99Ms, aboveBareMs, processorMs } of rows) {
    const cells = [p50Ms, p99Ms, aboveBareMs, processorMs].map((ms) => ms.toFixed(2).padStart(7));
    console.log(`${name.padEnd(12)} ${cells.join('   ')}`);
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

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}
