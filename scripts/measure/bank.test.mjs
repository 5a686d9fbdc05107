import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { measure } from './bank.ts';
import { clusteredVectors } from './bank/clustered-vectors.ts';
import { generatedEntry, generatedTask } from './bank/generated-entries.ts';
import { inChild } from './bank/in-child.ts';
import { simd } from './bank/simd.ts';
import { renderTable, target } from './bank/table.ts';
import { everything, recallOf, trueNeighbours } from './bank/true-neighbours.ts';
import { parts, queriesOf } from './bank/vector-set.ts';
import { bankEntrySchema } from '../../packages/core/src/index.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'measure-bank-'));
  // What another run kept must not answer for the code of today.
  vi.stubEnv('TMPDIR', folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('npm run measure -- bank', () => {
  it('measures every part for real, small', { timeout: 300_000 }, async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const log = vi.spyOn(console, 'log').mockReturnValue();
    const json = join(folder, 'figures.json');
    await measure(['--quick', '--folder', folder, '--json', json]);

    const { machine, tables } = JSON.parse(readFileSync(json, 'utf8'));
    expect(machine.cores).toBeGreaterThan(0);
    expect(tables.map((/** @type {{ title: string }} */ { title }) => title.split(/[,:]/)[0])).toEqual([
      'Floors of this machine',
      'The exact search beside a plain read of as many bytes',
      'Vector search',
      'Vector search',
      'Filtered search',
      'Whole retrieval',
      'Opening a bank',
      'The saved index',
      'Durable writes',
      'Built-in embedder',
    ]);
    const rows = tables.flatMap((/** @type {import('./bank/table.ts').Table} */ table) => table.rows);
    expect(rows.filter((/** @type {import('./bank/table.ts').Row} */ { failure }) => failure !== undefined)).toEqual(
      [],
    );
    const figures = rows.flatMap((/** @type {import('./bank/table.ts').Row} */ { values }) => Object.values(values));
    expect(figures.every(Number.isFinite)).toBe(true);
    const flat = rows.find((/** @type {import('./bank/table.ts').Row} */ { name }) => name === 'flat');
    expect(flat.values.recall).toBe(1);
    const printed = log.mock.calls.map(([line]) => line).join('\n');
    expect(printed).toMatch(/\d+ of \d+ targets reached/);
    // Node's own cache of compiled code lies in the temporary folder, too.
    expect(
      readdirSync(folder)
        .filter((name) => name !== 'node-compile-cache')
        .toSorted(),
    ).toEqual(['figures.json', 'skillrl-measure-bank']);
  });

  it('refuses parts and numbers that are none', async () => {
    await expect(measure(['--only', 'astrology'])).rejects.toThrow(/no part called astrology/);
    await expect(measure(['--dimensions', '3.5'])).rejects.toThrow(/whole numbers/);
    await expect(measure(['--sizes', '10'])).rejects.toThrow(/from 100 on/);
  });
});

describe('the measuring itself', () => {
  it('makes the same vectors each time, of unit length, and a smaller set as the beginning of a larger one', async () => {
    const small = await clusteredVectors({ dimensions: 20, count: 300, queries: 5 });
    const large = await clusteredVectors({ dimensions: 20, count: 1500, queries: 5 });
    const [first] = parts(small, 300);
    const [begin] = parts(large, 300);
    expect(first?.rows).toEqual(begin?.rows);
    expect(queriesOf(small)).toEqual(queriesOf(large));
    expect(Math.hypot(...(first?.rows.subarray(0, 20) ?? []))).toBeCloseTo(1, 5);
  });

  it('finds the true neighbours of a plain loop in double precision, filtered or not', async () => {
    const set = await clusteredVectors({ dimensions: 20, count: 1500, queries: 5 });
    const rows = [...parts(set, 1500)][0]?.rows ?? new Float32Array();
    for (const subset of [everything, { name: 'thirds', allows: (/** @type {number} */ row) => row % 3 === 0 }]) {
      const truth = await trueNeighbours(set, 10, subset);
      const best = queriesOf(set).map((query) =>
        Array.from({ length: 1500 }, (_, row) => ({ row, similarity: dot(query, rows.subarray(row * 20)) }))
          .filter(({ row }) => subset.allows(row))
          .toSorted((a, b) => b.similarity - a.similarity)
          .slice(0, 10),
      );
      for (const [query, hits] of best.entries()) expect(truth[query]).toBeCloseTo(hits[9]?.similarity ?? 0, 12);
      const found = best.map((hits) => hits.map(({ row }) => row));
      expect(recallOf(set, queriesOf(set), found, truth, 10)).toBe(1);
      // Half of the hits, each twice, are half of what should have been found.
      const twice = found.map((hits) => [...hits.slice(0, 5), ...hits.slice(0, 5)]);
      expect(recallOf(set, queriesOf(set), twice, truth, 10)).toBe(0.5);
    }
  });

  it('reads every byte of what it says it read', () => {
    const { memory, read } = simd(65_536);
    const numbers = new Int32Array(memory.buffer, 256, 512);
    numbers.forEach((_, at) => (numbers[at] = at));
    expect(read(256, 256 + 2048)).toBe((511 * 512) / 2);
    expect(read(256, 256 + 1024)).toBe((255 * 256) / 2);
  });

  it('generates entries that a bank takes, of all kinds, and tasks in their words', () => {
    const entries = Array.from({ length: 300 }, (_, number) => generatedEntry(number, 'measured'));
    for (const entry of entries) expect(bankEntrySchema.parse(entry)).toEqual(entry);
    expect(new Set(entries.map(({ kind }) => kind)).size).toBe(3);
    expect(generatedEntry(17, 'measured')).toEqual(entries[17]);
    const environments = new Set(entries.flatMap(({ conditions }) => conditions?.environments ?? []));
    expect(environments).toContain(generatedTask(3).environment);
  });

  it('tells how the process of a piece of work ended when it gave no answer', async () => {
    const dies = new URL(`data:text/javascript,${encodeURIComponent('export const work = () => process.abort()')}`);
    const throws = new URL(
      `data:text/javascript,${encodeURIComponent('export const work = () => { throw new Error("no disk") }')}`,
    );
    const { signal } = new AbortController();
    await expect(inChild(dies, { input: {}, signal })).rejects.toThrow(/ended with SIGABRT/);
    await expect(inChild(throws, { input: {}, signal })).rejects.toThrow('no disk');
  });

  it('stops the process of a piece of work when the run is interrupted', async () => {
    const waits = new URL(
      `data:text/javascript,${encodeURIComponent('export const work = () => new Promise(() => setInterval(() => {}, 1000))')}`,
    );
    const controller = new AbortController();
    const ended = inChild(waits, { input: {}, signal: controller.signal });
    controller.abort(new Error('interrupted'));
    await expect(ended).rejects.toThrow('interrupted');
  });

  it('says beside a figure what was to be reached', () => {
    const rows = [
      { name: 'fast', values: { ms: 0.1234 }, target: target('≤ 1', true) },
      { name: 'slow', values: { ms: 12_345.6 }, target: target('≤ 1', false) },
      { name: 'absent', values: {}, failure: 'not installed' },
    ];
    const text = renderTable({ title: 'Speeds', columns: [{ key: 'ms', title: 'ms' }], rows });
    expect(text).toMatch(/fast +\| +0.123 \| ≤ 1: reached/);
    expect(text).toMatch(/slow +\| 12,346 \| ≤ 1: \*\*not reached/);
    expect(text).toMatch(/absent: not installed/);
  });
});

/** @param {Float32Array} a @param {Float32Array} b */
function dot(a, b) {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
