import { aDemonstration, aLesson, aPrinciple, memoryEntryStore, seededRandom } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { entryLine, headerLine } from './bank-line.ts';
import { exportBank } from './export-bank.ts';
import { importBank, type ImportReport } from './import-bank.ts';
import type { ImportNote } from './import-items.ts';
import { splitLines } from './split-lines.ts';

const count = 10_000;
const encoder = new TextEncoder();
const newline = Uint8Array.of(0x0a);

type Random = () => number;
const pick = <Item>(random: Random, items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;

/** A valid line; now and then with an id that another line has. */
function validLine(random: Random, number: number): string {
  const id = random() < 0.05 ? `e${Math.floor(random() * 50)}` : `e${number}`;
  const title = pick(random, [
    'plain',
    'naïve 寿司 👩‍🚀',
    'a\u2028b\u2029c\u0085d',
    '"\\\n\t\u0000',
    '\u202Eright to left',
  ]);
  return entryLine(pick(random, [aDemonstration, aLesson, aPrinciple])({ id, title, evidence: [] }));
}

/** Deep and long lines take their time: few of them are. */
const mostlyLittle = (random: Random, most: number): number => Math.floor(most * random() ** 6);

const values = ['null', '""', '-1', '1e400', '[]', '{}', 'true', '"\\ud800"', '1.5', '"active"', '9007199254740993'];

/** Ways in which a line can be wrong, or only unusual. */
const mutations: readonly ((line: string, random: Random) => string | Uint8Array)[] = [
  (line) => line,
  (line) => `${line}\r`,
  (line) => `  ${line}\t`,
  (line) => `\uFEFF${line}`,
  (line, random) => line.slice(0, Math.floor(random() * line.length)),
  (line, random) => line.slice(Math.floor(random() * line.length)),
  (line, random) => flipped(line, random),
  (line, random) => line.replace(/:("[^"]*"|\d+)/u, () => `:${pick(random, values)}`),
  (line, random) =>
    line.replace(/"(status|kind|body|evidence|id|version|tokens)":/u, (key) => `${key}${pick(random, values)},${key}`),
  (line, random) =>
    line.replace(/"(status|kind|body|evidence|id|version|tokens)":/u, () =>
      pick(random, ['"x":', '"__proto__":', '"constructor":']),
    ),
  (line) => line.replace('{', '{"__proto__":{"polluted":true},'),
  (line) => line.replace('{', '{"id":"first","id":"second",'),
  (line) => line.replace(/"id":"/u, '"id":"\\udfff'),
  (line) => line.replace(/"id":"/u, '"id":"\\u0000'),
  (line, random) => `${'['.repeat(1 + mostlyLittle(random, 20_000))}${line}`,
  (_line, random) => '['.repeat(mostlyLittle(random, 20_000)) + ']'.repeat(mostlyLittle(random, 20_000)),
  (line, random) => {
    const depth = mostlyLittle(random, 30_000);
    return line.replace('{', `{"deep":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)},`);
  },
  (line, random) => {
    const depth = mostlyLittle(random, 30_000);
    return line.replace('{', `{"deep":${'['.repeat(depth)}${']'.repeat(depth)},`);
  },
  (line, random) => line.replace('"title":"', `"title":"${'x'.repeat(mostlyLittle(random, 150_000))}`),
  (line, random) => `${line}${line.slice(0, random() * line.length)}`,
  (_line, random) => pick(random, values),
  (_line, random) => Uint8Array.from({ length: 1 + random() * 200 }, () => 11 + Math.floor(random() * 245)),
  (line, random) => {
    const bytes = encoder.encode(line);
    bytes[Math.floor(random() * bytes.length)] = pick(random, [0x80, 0xc0, 0xff, 0xed]);
    return bytes;
  },
];

function flipped(line: string, random: Random): string {
  const at = Math.floor(random() * line.length);
  return line.slice(0, at) + String.fromCharCode(11 + Math.floor(random() * 200)) + line.slice(at + 1);
}

/** A file of fuzzed lines in pieces of any size, and how many of its lines are not blank. */
function fuzzedFile(seed: number, most = count): { readonly chunks: Uint8Array[]; readonly lines: number } {
  const random = seededRandom(seed);
  const parts: Uint8Array[] = [encoder.encode(`${headerLine({ count, sha256: '' })}\n`)];
  let lines = 0;
  for (let number = 0; number < most; number += 1) {
    const made = pick(random, mutations)(validLine(random, number), random);
    const bytes = typeof made === 'string' ? encoder.encode(made) : made;
    if (!isBlank(bytes)) lines += 1;
    parts.push(bytes, newline);
  }
  const whole = Buffer.concat(parts);
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < whole.length;) {
    const size = 1 + Math.floor(random() * 100_000);
    chunks.push(whole.subarray(start, start + size));
    start += size;
  }
  return { chunks, lines };
}

function isBlank(bytes: Uint8Array): boolean {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).trim() === '';
  } catch {
    return false;
  }
}

const accounted = ({ added, replaced, skipped, rejected }: ImportReport): number =>
  added + replaced + skipped + rejected;

describe('an import of fuzzed lines', () => {
  it(`accounts for each of ${count}, takes what is valid and nothing else`, { timeout: 60_000 }, async () => {
    const { chunks, lines } = fuzzedFile(1);
    const store = memoryEntryStore();
    const notes: ImportNote[] = [];
    const target = { entries: store, namespace: 'default', onNote: (note: ImportNote) => void notes.push(note) };
    const report = await importBank(splitLines(chunks, { maxBytes: 100_000 }), target);

    expect(report).toMatchObject({ revision: 1, intact: false, lines });
    expect(accounted(report)).toBe(lines);
    expect(notes).toHaveLength(report.rejected);
    expect(new Set(notes.map(({ line }) => line)).size).toBe(notes.length);
    expect(notes.every(({ reason }) => reason.length > 5)).toBe(true);
    // Both halves are there, or nothing was tried.
    expect(report.added).toBeGreaterThan(count / 20);
    expect(report.rejected).toBeGreaterThan(count / 4);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();

    const exported = await Array.fromAsync(exportBank({ entries: store, namespace: 'default' }));
    expect(exported).toHaveLength(report.added + 1);
    const other = memoryEntryStore();
    expect(await importBank(exported, { entries: other, namespace: 'x' })).toMatchObject({ intact: true, rejected: 0 });
    expect(await Array.fromAsync(exportBank({ entries: other, namespace: 'x' }))).toEqual(exported);
    // A second time nothing is new.
    const again = await importBank(splitLines(fuzzedFile(1).chunks, { maxBytes: 100_000 }), target);
    expect(again).toMatchObject({ revision: 1, added: 0, replaced: 0, skipped: report.added });
    expect(accounted(again)).toBe(lines);
  });

  it('changes nothing when the file must be intact', async () => {
    const store = memoryEntryStore();
    const file = splitLines(fuzzedFile(2, 1000).chunks);
    await expect(importBank(file, { entries: store, namespace: 'default', requireIntact: true })).rejects.toMatchObject(
      { code: 'BANK_DAMAGED' },
    );
    expect(await store.revision()).toBe(0);
  }, 60_000);
});

describe('splitLines', () => {
  const split = (pieces: readonly (string | Uint8Array)[], options = {}) =>
    Array.fromAsync(
      splitLines(
        pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece)),
        options,
      ),
    );

  it('ends lines at \\n and \\r\\n only, wherever the pieces end', async () => {
    const text = 'a\u2028b\n\u0085c\u000Bd\r\n\r\ne\rf\n寿司';
    const lines = ['a\u2028b', '\u0085c\u000Bd', '', 'e\rf', '寿司'];
    expect(await split([text])).toEqual(lines);
    const bytes = encoder.encode(text);
    expect(await split(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(lines);
  });

  it('leaves the mark of byte order out, before the first line only', async () => {
    expect(await split(['\uFEFFa\n\uFEFFb'])).toEqual(['a', '\uFEFFb']);
  });

  it('says what it cannot read', async () => {
    const lines = await split(['a\n', Uint8Array.of(0xff, 0x0a), 'b\n', 'x'.repeat(50), 'x'.repeat(60), '\nc'], {
      maxBytes: 100,
    });
    expect(lines).toEqual([
      'a',
      { unreadable: expect.stringContaining('UTF-8') },
      'b',
      { unreadable: expect.stringContaining('110 bytes') },
      'c',
    ]);
  });

  it('gives no line for an empty file or after the last end', async () => {
    expect(await split([])).toEqual([]);
    expect(await split(['a\n'])).toEqual(['a']);
    expect(await split(['\n\n'])).toEqual(['', '']);
  });
});
