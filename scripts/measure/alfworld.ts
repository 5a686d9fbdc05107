import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import {
  compileGame,
  type CompiledGame,
  drawPanel,
  type GameFile,
  type GamePlay,
  type GameSnapshot,
  openGames,
  playGame,
} from '../../packages/environments/src/index.ts';

export const description = 'ALFWorld engine: steps/s of random play, load time, memory a game, snapshots';

/** One measured quantity. Times are of one core's processor time, so that other work on the machine disturbs them less. */
interface Measurement {
  readonly games: 'official valid_unseen' | 'generated';
  readonly quantity: string;
  /** Median over the repetitions. */
  readonly value: number;
  readonly lowest: number;
  readonly highest: number;
  readonly unit: string;
  /** What was asked for, where something was. */
  readonly goal?: string;
}

/**
 * Prints the measurements as a table, or with `--json` as one JSON object. `--data DIR`: where the official games are (default `SKILLRL_DATA`,
 * else `../shared/data`; without them only generated games are measured). `--repeat N`: default 5.
 */
export async function measure(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean' }, data: { type: 'string' }, repeat: { type: 'string', default: '5' } },
  });
  const repeat = Number(values.repeat);
  const results: Measurement[] = [];
  const official = await officialFiles(values.data);
  if (official !== undefined) results.push(...measureGames('official valid_unseen', official, repeat));
  results.push(...measureGames('generated', generatedFiles(), repeat), measureDrawing(repeat));
  const machine = { processor: cpus()[0]?.model, node: process.version };
  if (values.json) console.log(JSON.stringify({ machine, repeat, measurements: results }, undefined, 2));
  else printTable(machine, results);
}

function measureGames(games: Measurement['games'], files: readonly GameFile[], repeat: number): Measurement[] {
  const entry = measurer(games, repeat);
  const compiled = files.map((file) => compileGame(file));
  return [
    entry('random play with admissible commands', 'steps/s', '≥ 10000', (seed) => randomPlay(files, seed)),
    entry('random play, 20 plays of each game', 'steps/s', undefined, (seed) => randomPlay(files, seed, 20)),
    entry(
      'load a game (read and compile)',
      'ms',
      '< 2',
      () => spent(() => files.forEach((file) => compileGame(file))) / files.length,
    ),
    entry(
      'memory of a compiled game',
      'kB',
      undefined,
      () => memoryOf(() => files.map((file) => compileGame(file))) / files.length,
    ),
    entry(
      'memory of a game after 5 plays of 50 steps',
      'kB',
      undefined,
      (seed) => memoryOf(() => played(files, seed)) / files.length,
    ),
    entry('snapshot, and restore another', 'µs', 'microseconds', () => eachPlay(compiled, swapSnapshots())),
    entry('fork', 'µs', 'microseconds', () => eachPlay(compiled, (play) => play.fork())),
    entry('state key', 'µs', undefined, () => eachPlay(compiled, (play) => play.stateKey())),
  ];
}

/** Drawing a test panel, two games a house: of four houses drawn, three belong to other panels. */
function measureDrawing(repeat: number): Measurement {
  const options = { houses: 50, tasksPerHouse: 2 };
  return measurer('generated', repeat)('draw a panel', 'games/s', '≥ 200', (seed) => {
    let games = 0;
    const ms = spent(() => {
      games = drawPanel('test', { panelSeed: `measure ${seed}`, ...options }).games.length;
    });
    return (games / ms) * 1000;
  });
}

/** Repeats what gives one number a repetition, after one that does not count. */
function measurer(games: Measurement['games'], repeat: number) {
  return (quantity: string, unit: string, goal: string | undefined, once: (seed: number) => number): Measurement => {
    once(0); // compiled by the JavaScript engine, caches filled
    const found = Array.from({ length: repeat }, (_, index) => once(index + 1)).sort((a, b) => a - b);
    const at = (share: number) => found[Math.round((found.length - 1) * share)] ?? Number.NaN;
    return { games, quantity, unit, value: at(0.5), lowest: at(0), highest: at(1), ...(goal && { goal }) };
  };
}

/** Games are compiled before, and not counted; every play has at most 50 steps, as in the benchmark. @returns steps a second. */
function randomPlay(files: readonly GameFile[], seed: number, plays = 3): number {
  const games = files.map((file) => compileGame(file));
  const random = randomFrom(seed);
  let steps = 0;
  const ms = spent(() => {
    for (const game of games) for (let play = 0; play < plays; play += 1) steps += playOnce(game, random);
  });
  return (steps / ms) * 1000;
}

function played(files: readonly GameFile[], seed: number): CompiledGame[] {
  const random = randomFrom(seed);
  return files.map((file) => {
    const game = compileGame(file);
    for (let play = 0; play < 5; play += 1) playOnce(game, random);
    return game;
  });
}

function playOnce(game: CompiledGame, random: () => number): number {
  const play = playGame(game);
  let turn = play.reset();
  let steps = 0;
  for (; steps < 50 && !turn.done; steps += 1) {
    turn = play.step(turn.admissible[Math.floor(random() * turn.admissible.length)] ?? 'look');
  }
  return steps;
}

/** @returns µs of one operation, on plays that are three steps into their games. */
function eachPlay(games: readonly CompiledGame[], operate: (play: GamePlay) => void): number {
  const plays = games.map((game) => {
    const play = playGame(game);
    let turn = play.reset();
    for (let step = 0; step < 3; step += 1) turn = play.step(turn.admissible[step] ?? 'look');
    return play;
  });
  const rounds = Math.ceil(200_000 / plays.length);
  const ms = spent(() => {
    for (let round = 0; round < rounds; round += 1) for (const play of plays) operate(play);
  });
  return (ms / (rounds * plays.length)) * 1000;
}

/** Puts each play alternately into two states: where it is, and one `go to` further. */
function swapSnapshots(): (play: GamePlay) => void {
  const others = new Map<GamePlay, GameSnapshot>();
  return (play) => {
    const here = play.snapshot();
    let other = others.get(play);
    if (other === undefined) {
      play.step(play.step('look').admissible.find((command) => command.startsWith('go to')) ?? 'look');
      other = play.snapshot();
    }
    play.restore(other);
    others.set(play, here);
  };
}

/** @returns kB of heap that the result keeps. */
function memoryOf(make: () => unknown): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  const kept = make();
  collect();
  const after = process.memoryUsage().heapUsed;
  if (kept === undefined) throw new Error('There is nothing to weigh.');
  return (after - before) / 1000;
}

/** @returns ms of processor time. */
function spent(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x100000000;
  };
}

async function officialFiles(data: string | undefined): Promise<GameFile[] | undefined> {
  const folder =
    data ?? join(process.env['SKILLRL_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'), 'alfworld');
  if (!existsSync(folder)) return undefined;
  const records = await Array.fromAsync((await openGames({ folder })).records('valid_unseen'));
  return records.map(({ file }) => file);
}

function generatedFiles(): GameFile[] {
  return [...drawPanel('development', { panelSeed: 'measure', houses: 20, tasksPerHouse: 5 }).games];
}

function printTable(machine: object, results: readonly Measurement[]): void {
  console.log(`${Object.values(machine).join(', ')}; processor time, median (lowest to highest)\n`);
  const rows = results.map(({ games, quantity, value, lowest, highest, unit, goal = '' }) => [
    games,
    quantity,
    `${rounded(value)} ${unit} (${rounded(lowest)} to ${rounded(highest)})`,
    goal,
  ]);
  const table = [['games', 'quantity', 'measured', 'asked for'], ...rows];
  const width = (column: number) => Math.max(...table.map((row) => (row[column] ?? '').length));
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(width(column)))
        .join('  ')
        .trimEnd(),
    );
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toString() : value.toPrecision(3);
}
