import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import type { BankEntry, Embedder, Task } from '../../packages/core/src/index.ts';
import { compact, vectorIndex } from '../../packages/drivers/src/index.ts';
import { loadWordVectors } from '../../packages/drivers/src/embedders/word-vectors.ts';
import { lexicalIndex, referenceBlock } from '../../packages/memory/src/index.ts';
import { entryKey } from '../../packages/memory/src/bank/entry-text.ts';
import { proseWords, type WordSet } from '../../packages/memory/src/bank/prose-words.ts';
import { candidatesFor, mostFound, type Candidate } from '../../packages/memory/src/retrieval/candidates.ts';
import { choose } from '../../packages/memory/src/retrieval/choose.ts';
import { diversify } from '../../packages/memory/src/retrieval/diversify.ts';
import { findEntries, groupOf, meets, type Halves } from '../../packages/memory/src/retrieval/find-entries.ts';
import { seededRandom } from '../../packages/testing/src/index.ts';
import { carriedEmbedder } from './retrieval/carried-embedder.ts';
import { fts5, minisearch } from './retrieval/peers.ts';
import { realisticBank } from './retrieval/realistic-bank.ts';

export const description = 'The parts of a retrieval; the lexical index beside FTS5 and minisearch';

interface Measurement {
  readonly part: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Mean of all passes in processor time; absent for what is worked out from other parts. */
  readonly processorMs?: number;
}

/** Milliseconds of each task by the clock, the median of its passes; and the mean processor time. */
interface Times {
  readonly medians: readonly number[];
  readonly processorMs?: number;
}

const passes = 5;
const options = { limit: 6, minRelevance: 0.3, budgetTokens: 600, renderer: referenceBlock };

/**
 * Prints one line a part, or with `--json` one JSON object. `--entries N`: size of the bank, default 10,000; `--dimensions D`: 100 as the
 * built-in embedder makes them, or more, into which its vectors are carried; `--no-peers`: without FTS5 and minisearch.
 *
 * 200 tasks in five passes by the clock; of each task the median, of these the percentiles. Beside them the mean processor time, which does
 * not grow when others use the machine. The parts are functions by themselves; the whole is measured by `measure -- bank --only retrieval`.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      entries: { type: 'string', default: '10000' },
      dimensions: { type: 'string', default: '100' },
      'no-peers': { type: 'boolean' },
    },
  });
  const count = Number(values.entries);
  const embedder = carriedEmbedder(compact(), Number(values.dimensions));
  const { rowOf } = await loadWordVectors();
  const vocabulary = [...rowOf.keys()].filter((word) => /^[a-z]{4,9}$/.test(word)).slice(0, 8000);
  const { entries, tasks } = realisticBank(count, vocabulary, seededRandom(1));
  const results = [
    ...(await measureParts(entries, tasks, embedder)),
    ...(values['no-peers'] === true ? [] : await measurePeers(entries, tasks)),
  ];

  const machine = `${cpus()[0]?.model}, Node ${process.version}`;
  const bytes = Math.round(JSON.stringify(entries).length / count);
  const what = { entries: count, bytesPerEntry: bytes, dimensions: embedder.dimensions, tasks: tasks.length };
  if (values.json) {
    console.log(JSON.stringify({ machine, ...what, measurements: results }, undefined, 2));
    return;
  }
  console.log(
    `${machine}; ${count} entries of ${bytes} bytes, ${embedder.dimensions} dimensions, ${tasks.length} tasks\n`,
  );
  const width = Math.max(...results.map(({ part }) => part.length));
  console.log(`${'ms'.padEnd(width)}     p50     p99  processor`);
  for (const { part, p50Ms, p99Ms, processorMs } of results) {
    const cells = [p50Ms.toFixed(3).padStart(7), p99Ms.toFixed(3).padStart(7), processorMs?.toFixed(3).padStart(10)];
    console.log(`${part.padEnd(width)} ${cells.join(' ')}`.trimEnd());
  }
}

/** The parts of a recall, one after another, on what the part before gave. */
async function measureParts(
  entries: readonly BankEntry[],
  tasks: readonly Task[],
  embedder: Embedder,
): Promise<Measurement[]> {
  const lexical = lexicalIndex();
  const dense = vectorIndex({ dimensions: embedder.dimensions });
  const keys = entries.map((entry) => entryKey(entry));
  const vectors = await embedder.embed(keys, { kind: 'document' });
  const items = entries.map(({ id, conditions }, at) => ({ id, group: groupOf(conditions), vector: vectors[at]! }));
  for (const [at, { id, group }] of items.entries()) lexical.add(id, keys[at]!, group);
  dense.add(items.filter(({ vector }) => vector.some((value) => value !== 0)));
  await dense.settled();
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const halves: Halves = { lexical, dense, isWaiting: () => false };
  const queries = await embedder.embed(
    tasks.map(({ instruction }) => instruction),
    { kind: 'query' },
  );
  const queryOf = new Map(tasks.map((task, at) => [task, queries[at]!]));
  const filterOf = (task: Task) => (group: string) => group === '' || meets(task, JSON.parse(group) as object);
  const allowed = new Map(tasks.map((task) => [task, groupsOf(entries, filterOf(task))]));
  const filters = new Map(tasks.map((task) => [task, (group: string) => allowed.get(task)!.has(group)]));
  const find = (task: Task) =>
    findEntries(halves, task.instruction, queryOf.get(task), { limit: mostFound, task }).found;
  const found = new Map(tasks.map((task) => [task, find(task)]));
  const score = (task: Task): Candidate[] => candidatesFor(task, found.get(task)!, [], byId, options.minRelevance);
  const candidates = new Map(tasks.map((task) => [task, score(task)]));
  const ranked = (task: Task) =>
    candidates
      .get(task)!
      .filter(({ relevance, rejected }) => relevance >= options.minRelevance && rejected === undefined)
      .map(({ relevance, entry }) => {
        let words: WordSet | undefined;
        return { relevance, words: () => (words ??= proseWords(entry)) };
      });

  const lexicalMs = await timed(tasks, (task) =>
    lexical.search(task.instruction, { limit: mostFound, filter: filters.get(task) }),
  );
  const denseMs = await timed(tasks, (task) =>
    dense.search(queryOf.get(task)!, { limit: mostFound, filter: filters.get(task) }),
  );
  const findMs = await timed(tasks, find);
  const scoreMs = await timed(tasks, score);
  const diverseMs = await timed(tasks, (task) => diversify(ranked(task), options.limit));
  const chooseMs = await timed(tasks, (task) => choose(candidates.get(task)!, { task, ...options }));
  return [
    measured('lexical search', lexicalMs),
    measured('dense search', denseMs),
    measured('fusion: conditions, coverage, missing similarities', less(findMs, lexicalMs, denseMs)),
    measured('scoring: focus and relevance', scoreMs),
    measured('diversity', diverseMs),
    measured('packing: rendering, budget', less(chooseMs, diverseMs)),
  ];
}

function groupsOf(entries: readonly BankEntry[], filter: (group: string) => boolean): ReadonlySet<string> {
  return new Set([...new Set(entries.map(({ conditions }) => groupOf(conditions)))].filter(filter));
}

async function measurePeers(entries: readonly BankEntry[], tasks: readonly Task[]): Promise<Measurement[]> {
  const texts = entries.map((entry) => [entry.id, entryKey(entry)] as const);
  const ours = lexicalIndex();
  for (const [id, text] of texts) ours.add(id, text);
  const search = (query: string) => ours.search(query, { limit: mostFound });
  const results = [measured('words alone: ours', await timed(tasks, ({ instruction }) => search(instruction)))];
  for (const peer of [fts5(texts, mostFound), await minisearch(texts, mostFound)]) {
    if (peer === undefined) continue;
    // The first twenty tasks tell: peers are slow.
    const times = await timed(tasks.slice(0, 20), ({ instruction }) => peer.search(instruction), 3);
    results.push(measured(`words alone: ${peer.name}, 20 tasks`, times));
  }
  return results;
}

async function timed(tasks: readonly Task[], work: (task: Task) => unknown, rounds = passes): Promise<Times> {
  const times = tasks.map((): number[] => []);
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, task] of tasks.entries()) {
      const begin = performance.now();
      const result = work(task);
      if (result instanceof Promise) await result;
      times[at]!.push(performance.now() - begin);
    }
  }
  const { user, system } = process.cpuUsage(before);
  return {
    medians: times.map((each) => each.toSorted((a, b) => a - b)[Math.floor(each.length / 2)]!),
    processorMs: (user + system) / 1000 / rounds / tasks.length,
  };
}

/** What is left of each task's time without that of parts measured by themselves; 0 at the least. */
function less(whole: Times, ...parts: readonly Times[]): Times {
  const medians = whole.medians.map((time, at) => parts.reduce((left, part) => left - part.medians[at]!, time));
  return { medians: medians.map((time) => Math.max(0, time)) };
}

function measured(part: string, { medians, processorMs }: Times): Measurement {
  const sorted = medians.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { part, p50Ms: at(0.5), p99Ms: at(0.99), processorMs };
}
