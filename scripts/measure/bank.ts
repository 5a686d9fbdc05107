import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import type { Context, Section } from './bank/context.ts';
import { installPeers, peersFolder } from './bank/install-peers.ts';
import { describeMachine, machineLine } from './bank/machine.ts';
import { embedder } from './bank/sections/embedder.ts';
import { filters } from './bank/sections/filters.ts';
import { floors } from './bank/sections/floors.ts';
import { open } from './bank/sections/open.ts';
import { retrieval } from './bank/sections/retrieval.ts';
import { scan } from './bank/sections/scan.ts';
import { vectors } from './bank/sections/vectors.ts';
import { writes } from './bank/sections/writes.ts';
import { renderTable, type Table } from './bank/table.ts';

export const description = 'The bank: searches, retrieval, durable writes and opening, beside the machine and peers';

const sections: Readonly<Record<string, Section>> = {
  floors,
  scan,
  vectors,
  filters,
  retrieval,
  open,
  writes,
  embedder,
};

const help = `npm run measure -- bank [options]

  --only NAMES        some of: ${Object.keys(sections).join(', ')}; default all
  --sizes N,N         how many vectors and entries, default 10000,100000
  --million           a million vectors as well: about half an hour more, 6 GB of memory, 3 GB in the temporary folder
  --quick             a few thousand vectors and entries, no peers: whether it works, not how fast
  --no-peers          leaves the peers out; else they are installed into .skillrl/peers at the first run
  --dimensions N      of the clustered vectors, default 384
  --folder PATH       where banks and the floor of the writes lie during the run; default the temporary folder
  --json FILE         writes all figures to a file as well
`;

/**
 * Prints each table as soon as it is measured, and progress to the error output. Every figure stands beside its floor or a peer of the same run;
 * every target with whether it was reached. Missing a target is no failure of the run.
 */
export async function measure(args: string[]): Promise<void> {
  const options = optionsOf(args);
  if (options === undefined) {
    console.log(help);
    return;
  }
  const { names, isQuick, hasPeers, sizes, dimensions, parent, json } = options;
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new Error('interrupted'));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal);
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'skillrl-bank-'));
  const say = (line: string): void => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  try {
    const machine = describeMachine(folder);
    console.log(`${machineLine(machine)}\n`);
    const needsPeers = hasPeers && names.some((name) => ['vectors', 'filters', 'retrieval'].includes(name));
    const missing = needsPeers ? await installPeers(say, stop.signal) : new Map<string, string>();
    const context: Context = {
      sizes,
      dimensions,
      queries: isQuick ? 100 : 1000,
      passes: isQuick ? 2 : 5,
      peers: hasPeers ? peersFolder : undefined,
      missing,
      folder,
      isQuick,
      say,
      signal: stop.signal,
    };
    const tables: Table[] = [];
    for (const name of names) {
      for await (const table of sections[name]!(context)) {
        tables.push(table);
        console.log(renderTable(table));
        if (json !== undefined) writeFileSync(json, JSON.stringify({ machine, args, tables }, undefined, 2));
      }
    }
    const aims = tables.flatMap(({ rows }) => rows.flatMap(({ target }) => target ?? []));
    const reached = aims.filter(({ isReached }) => isReached).length;
    console.log(`${reached} of ${aims.length} targets reached; load at the end ${describeMachine(folder).load}`);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    console.error('Interrupted: what was measured until then stands above.');
    process.exitCode = 130;
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, onSignal);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Options {
  readonly names: readonly string[];
  readonly isQuick: boolean;
  readonly hasPeers: boolean;
  readonly sizes: readonly number[];
  readonly dimensions: number;
  readonly parent: string;
  readonly json: string | undefined;
}

/** @returns `undefined` when help was asked for. @throws {TypeError} for an argument that does not exist or is not such a number. */
function optionsOf(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      sizes: { type: 'string', default: '10000,100000' },
      million: { type: 'boolean' },
      quick: { type: 'boolean' },
      'no-peers': { type: 'boolean' },
      dimensions: { type: 'string', default: '384' },
      folder: { type: 'string', default: tmpdir() },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const all = Object.keys(sections);
  const asked = values.only?.split(',').map((name) => name.trim()) ?? all;
  const unknown = asked.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new TypeError(`There is no part called ${unknown.join(', ')}; there are: ${all.join(', ')}.`);
  const [dimensions] = numbersOf('--dimensions', values.dimensions, 2);
  const sizes = [...numbersOf('--sizes', values.sizes, 100), ...(values.million ? [1_000_000] : [])];
  return {
    names: all.filter((name) => asked.includes(name)),
    isQuick: values.quick ?? false,
    hasPeers: !values['no-peers'] && !values.quick,
    sizes: values.quick ? [1000] : [...new Set(sizes)].toSorted((a, b) => a - b),
    dimensions: dimensions!,
    parent: resolve(values.folder),
    json: values.json === undefined ? undefined : resolve(values.json),
  };
}

function numbersOf(option: string, text: string, least: number): number[] {
  const numbers = text.split(',').map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number >= least)) return numbers;
  throw new TypeError(`${option} takes whole numbers from ${least} on, not ${text}.`);
}
