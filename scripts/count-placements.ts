/**
 * Counts where each class of object lies in the official training games and writes the table that the ALFWorld expert searches by:
 * `node scripts/count-placements.ts`. Reads `alfworld/train.jsonl.br` under `SKILLRL_DATA`, else `../shared/data`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const data = process.env['SKILLRL_DATA'] ?? join(root, '..', 'shared', 'data');
const target = join(root, 'packages/environments/src/alfworld/expert/placement-counts.ts');

const lines = brotliDecompressSync(readFileSync(join(data, 'alfworld/train.jsonl.br')))
  .toString()
  .trim()
  .split('\n');
const counts = new Map<string, Map<string, number>>();
for (const line of lines) {
  const { pddl } = JSON.parse(line) as { pddl: string };
  for (const match of pddl.matchAll(/\(inReceptacle ([^\s?]+) ([^\s)?]+)\)/gi)) {
    const object = classOfId(match[1]!);
    const receptacle = classOfId(match[2]!);
    const row = counts.get(object) ?? new Map<string, number>();
    row.set(receptacle, (row.get(receptacle) ?? 0) + 1);
    counts.set(object, row);
  }
}
writeFileSync(target, render(counts));
console.log(`${lines.length} games, ${counts.size} classes of object → ${target}`);

function classOfId(id: string): string {
  const lower = id.toLowerCase();
  return lower.split('_bar_')[0]! + (lower.includes('basin') ? 'basin' : '');
}

function render(table: Map<string, Map<string, number>>): string {
  const rows = [...table].sort(byName).map(([object, row]) => {
    const cells = [...row].sort(byName).map(([receptacle, count]) => `${receptacle}: ${count}`);
    return `  ${object}: { ${cells.join(', ')} },`;
  });
  return [
    '/** Objects of a class found in receptacles of a class, at the start of the official training games. Made by `scripts/count-placements.ts`. */',
    'export const placementCounts: Readonly<Record<string, Readonly<Record<string, number>>>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}

function byName(one: readonly [string, unknown], other: readonly [string, unknown]): number {
  return one[0] < other[0] ? -1 : 1;
}
