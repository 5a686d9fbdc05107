/**
 * Counts the rooms of the official training games, and prints them in the notation of the tables that generated houses are drawn from
 * (`packages/environments/src/alfworld/houses/scenes`): `node scripts/count-rooms.ts [kitchen|bedroom|livingroom|bathroom]`.
 * Reads `alfworld/train.jsonl.br` under `SKILLRL_DATA`, else `../shared/data`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** Counts of one kind of thing by name. */
type Counts = Map<string, number>;

interface Room {
  games: number;
  /** Kind of receptacle → how many. */
  receptacles: Counts;
  items: Map<string, { readonly perGame: number[]; readonly places: Counts }>;
}

// Of windows, curtains and the like one can neither take nor use any; floor lamps stand in no receptacle.
const leftOut = new Set(['bathtub', 'curtains', 'floorlamp', 'mirror', 'showerglass', 'sink', 'window']);

const data = process.env['SKILLRL_DATA'] ?? join(import.meta.dirname, '..', '..', 'shared', 'data');
const rooms = new Map<string, Room>();
for (const line of brotliDecompressSync(readFileSync(join(data, 'alfworld/train.jsonl.br')))
  .toString()
  .trim()
  .split('\n')) {
  const { id, pddl } = JSON.parse(line) as { readonly id: string; readonly pddl: string };
  addGame(/-(\d+)\//.exec(id)?.[1] ?? '', pddl.slice(pddl.indexOf('(:init'), pddl.indexOf('(:goal')));
}
for (const scene of process.argv[2] ? [process.argv[2]] : ['kitchen', 'bedroom', 'livingroom', 'bathroom']) {
  const numbers = [...rooms.keys()].map(Number).toSorted((one, other) => one - other);
  const alike = numbers.flatMap((number) => (sceneOf(number) === scene ? (rooms.get(String(number)) ?? []) : []));
  console.log(`${scene}, ${alike.length} rooms`);
  for (const line of [...receptacleLines(alike), ...itemLines(alike)].toSorted()) console.log(line);
}

function addGame(number: string, init: string): void {
  const room = rooms.get(number) ?? { games: 0, receptacles: new Map(), items: new Map() };
  rooms.set(number, room);
  room.games += 1;
  room.receptacles = new Map();
  for (const [, id] of init.matchAll(/\(receptacleAtLocation (\S+)/g)) add(room.receptacles, kindOf(id!));
  const inGame: Counts = new Map();
  for (const [, item, receptacle] of init.matchAll(/\(inReceptacle (\S+) ([^\s)]+)\)/g)) {
    const kind = kindOf(item!);
    add(inGame, kind);
    const known = room.items.get(kind) ?? { perGame: [], places: new Map() };
    room.items.set(kind, known);
    add(known.places, kindOf(receptacle!));
  }
  for (const [kind, count] of inGame) room.items.get(kind)?.perGame.push(count);
}

/** `cabinet: '0x14 2 3 4x8'`: in how many rooms there are how many. */
function receptacleLines(alike: readonly Room[]): string[] {
  const kinds = new Set(alike.flatMap(({ receptacles }) => [...receptacles.keys()]));
  return [...kinds].map((kind) => {
    const counts = alike.map(({ receptacles }) => receptacles.get(kind) ?? 0).toSorted((one, other) => one - other);
    const runs = Map.groupBy(counts, (count) => count);
    return `  ${kind}: '${[...runs].map(([count, { length }]) => (length > 1 ? `${count}x${length}` : count)).join(' ')}'`;
  });
}

/** `mug: '100 | 27 33 40 | countertop 27 …'`: share of rooms; of games with one, with two, with three or four; and of places. Every room weighs the same. */
function itemLines(alike: readonly Room[]): string[] {
  const kinds = new Set(alike.flatMap(({ items }) => [...items.keys()].filter((kind) => !leftOut.has(kind))));
  return [...kinds].map((kind) => {
    const withIt = alike.filter(({ items }) => items.has(kind));
    const numbers: Counts = new Map();
    const places: Counts = new Map();
    for (const { games, items } of withIt) {
      const item = items.get(kind)!;
      for (const count of item.perGame) add(numbers, String(count), 1 / games);
      const all = sum(item.places);
      for (const [place, count] of item.places) add(places, place, count / all);
    }
    const few = ['1', '2'].map((number) => numbers.get(number) ?? 0);
    const three = (numbers.get('3') ?? 0) + (numbers.get('4') ?? 0);
    const shares = [...few, three].map((games) => percent(games, sum(numbers)));
    const where = [...places]
      .toSorted(([, one], [, other]) => other - one)
      .map(([place, weight]) => [place, percent(weight, sum(places))] as const)
      .filter(([, share]) => share >= 2);
    return `  ${kind}: '${percent(withIt.length, alike.length)} | ${shares.join(' ')} | ${where.flat().join(' ')}'`;
  });
}

function kindOf(id: string): string {
  const lower = id.toLowerCase();
  return lower.split('_bar_')[0]! + (lower.includes('basin') ? 'basin' : '');
}

function sceneOf(number: number): string {
  if (number < 200) return 'kitchen';
  if (number < 300) return 'livingroom';
  return number < 400 ? 'bedroom' : 'bathroom';
}

function add(counts: Counts, key: string, weight = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + weight);
}

function sum(counts: Counts): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

function percent(part: number, whole: number): number {
  return Math.round((100 * part) / whole);
}
