import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import type { VectorIndex, VectorItem } from '../../packages/core/src/index.ts';
import { flat, hnsw, isHnswAvailable, sqlite } from '../../packages/drivers/src/index.ts';
import { aLesson, episodeEvents, seededRandom, temporaryFolder } from '../../packages/testing/src/index.ts';

export const description = 'Store and vector index: durable writes beside the disk, searches with their recall';

interface Measurement {
  readonly quantity: string;
  readonly value: number;
  readonly unit: string;
}

const dimensions = 100;

/**
 * Prints the measurements as a table, or with `--json` as one JSON object. `--vectors N`: size of the index, default 10,000.
 * Writes are timed one by one beside an fdatasync of 4 KiB each, so that both see the same disk and the same neighbours;
 * all else is counted in processor time.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, vectors: { type: 'string', default: '10000' } },
  });
  const results = [...(await measureStore()), ...(await measureIndexes(Number(values.vectors)))];
  const machine = `${cpus()[0]?.model}, Node ${process.version}`;
  if (values.json) {
    console.log(JSON.stringify({ machine, measurements: results }, undefined, 2));
    return;
  }
  console.log(`${machine}; single writes: medians by the clock; all else: processor time\n`);
  const width = Math.max(...results.map(({ quantity }) => quantity.length));
  for (const { quantity, value, unit } of results) {
    const shown = value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
    console.log(`${quantity.padEnd(width)}  ${shown} ${unit}`);
  }
}

async function measureStore(): Promise<Measurement[]> {
  const folder = temporaryFolder();
  const store = sqlite({ path: join(folder, 'bank.db') });
  await store.entries.commit({ namespace: 'default', reason: 'begin', put: [aLesson({ id: 'a', status: 'trial' })] });
  const floor = openSync(join(folder, 'floor'), 'w');
  const page = Buffer.alloc(4096);
  const [synced, appended, committed]: number[][] = [[], [], []];
  for (let round = 0; round < 300; round += 1) {
    for (const event of episodeEvents({ id: `e${round}` }).slice(0, 2)) {
      appended!.push(await spent(() => store.episodes.append([event])));
      synced!.push(
        await spent(() => {
          writeSync(floor, page, 0, page.length, (round % 100) * page.length);
          fdatasyncSync(floor);
        }),
      );
    }
    const statuses = [{ id: 'a', status: round % 2 === 0 ? 'active' : 'trial' }] as const;
    committed!.push(await spent(() => store.entries.commit({ namespace: 'default', reason: 'a status', statuses })));
  }
  closeSync(floor);

  const listMs = await processorMs(async () => void (await Array.fromAsync(store.episodes.episodes())));
  const put = Array.from({ length: 20_000 }, (_, number) => aLesson({ id: `l${number}` }));
  const putMs = await processorMs(() => store.entries.commit({ namespace: 'default', reason: 'many', put }));
  await store.close();
  rmSync(folder, { recursive: true });
  return [
    { quantity: 'fdatasync of 4 KiB', value: median(synced!), unit: 'ms' },
    { quantity: 'one event appended', value: median(appended!), unit: 'ms' },
    { quantity: 'one event appended, beside the fdatasync', value: median(appended!) / median(synced!), unit: '×' },
    { quantity: 'one status committed', value: median(committed!), unit: 'ms' },
    { quantity: 'one status committed, beside the fdatasync', value: median(committed!) / median(synced!), unit: '×' },
    { quantity: '300 episodes listed', value: listMs, unit: 'ms' },
    { quantity: '20,000 entries committed at once', value: 20_000 / (putMs / 1000), unit: 'entries/s' },
  ];
}

async function measureIndexes(count: number): Promise<Measurement[]> {
  const random = seededRandom(1);
  const centres = Array.from({ length: Math.ceil(count / 50) }, () => randomVector(random, undefined));
  const near = (): Float32Array => randomVector(random, centres[Math.floor(random() * centres.length)]);
  const items = Array.from({ length: count }, (_, number) => ({
    id: `v${number}`,
    vector: near(),
    group: `${number % 10}`,
  }));
  const queries = Array.from({ length: 300 }, near);

  const exact = flat({ dimensions });
  const results = await measureIndex(exact, items, queries, exact);
  if (isHnswAvailable()) results.push(...(await measureIndex(hnsw({ dimensions }), items, queries, exact)));
  return results;
}

async function measureIndex(
  index: VectorIndex,
  items: readonly VectorItem[],
  queries: readonly Float32Array[],
  exact: VectorIndex,
): Promise<Measurement[]> {
  const addedPerSecond = items.length / ((await processorMs(() => index.add(items))) / 1000);
  const name = `${index.kind}, ${items.length} × ${dimensions}`;
  const oneInTen = (group: string): boolean => group === '7';
  const found = queries.reduce((sum, query) => sum + recall(index, exact, query), 0) / queries.length;
  return [
    { quantity: `${name}: added`, value: addedPerSecond, unit: 'vectors/s' },
    { quantity: `${name}: ten nearest`, value: await searchMs(index, queries), unit: 'ms' },
    { quantity: `${name}: ten nearest of one in ten`, value: await searchMs(index, queries, oneInTen), unit: 'ms' },
    { quantity: `${name}: recall of the ten nearest`, value: found, unit: '' },
  ];
}

function recall(index: VectorIndex, exact: VectorIndex, query: Float32Array): number {
  const truth = new Set(exact.search(query, { limit: 10 }).map(({ id }) => id));
  return index.search(query, { limit: 10 }).filter(({ id }) => truth.has(id)).length / truth.size;
}

/** Processor time of one search: the best of three passes over all queries. */
async function searchMs(
  index: VectorIndex,
  queries: readonly Float32Array[],
  filter?: (group: string) => boolean,
): Promise<number> {
  const passes: number[] = [];
  for (let pass = 0; pass < 3; pass += 1) {
    passes.push(
      await processorMs(() => {
        for (const query of queries) index.search(query, { limit: 10, filter });
      }),
    );
  }
  return Math.min(...passes) / queries.length;
}

async function processorMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function randomVector(random: () => number, centre: Float32Array | undefined): Float32Array {
  return Float32Array.from({ length: dimensions }, (_, position) => (centre?.[position] ?? 0) + random() - 0.5);
}

async function spent(work: () => unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
