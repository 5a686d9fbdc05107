import type { WordVectors } from './word-vectors.ts';

/** What a word that is not in the table counts, beside a typical one that is. */
const unknownWeight = 0.3;
/** A part of three letters must be among so many most frequent words: others are mostly abbreviations. */
const frequentRows = 5000;
const endings = ['s', 'es', 'd', 'ed', 'ing', 'er', 'ly'] as const;
/** Scripts that do not put spaces between words. */
const withoutSpaces = /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmr}\p{scx=Mymr}]/u;

/**
 * A row for a word without one: that of its stem (`microwaved`), the sum of its parts (`sinkbasin`), or else a small vector made of its
 * letters, so that equal and similarly spelled words are near each other and no others.
 *
 * @param add - adds a row of the table to the vector.
 */
export function unknownWord(
  word: string,
  table: WordVectors,
  add: (vector: Float32Array, row: number) => void,
): Float32Array {
  const vector = new Float32Array(table.dimensions);
  const rows = stemRows(word, table.rowOf) ?? partRows(word, table.rowOf);
  if (rows === undefined) addLetters(vector, word, unknownWeight * table.typicalLength);
  else for (const row of rows) add(vector, row);
  return vector;
}

function stemRows(word: string, rowOf: ReadonlyMap<string, number>): number[] | undefined {
  for (const ending of endings) {
    if (word.length < ending.length + 4 || !word.endsWith(ending)) continue;
    const stem = word.slice(0, -ending.length);
    const row = rowOf.get(stem) ?? (ending === 'ing' ? rowOf.get(`${stem}e`) : undefined);
    if (row !== undefined) return [row];
  }
  return undefined;
}

/** The longest first part whose rest can be split as well, into at most three. */
function partRows(word: string, rowOf: ReadonlyMap<string, number>, parts = 3): number[] | undefined {
  const whole = rowOfPart(word, rowOf);
  if (whole !== undefined) return [whole];
  if (parts === 1) return undefined;
  for (let length = word.length - 3; length >= 3; length -= 1) {
    const first = rowOfPart(word.slice(0, length), rowOf);
    if (first === undefined) continue;
    const rest = partRows(word.slice(length), rowOf, parts - 1);
    if (rest !== undefined) return [first, ...rest];
  }
  return undefined;
}

function rowOfPart(part: string, rowOf: ReadonlyMap<string, number>): number | undefined {
  const row = part.length < 3 ? undefined : rowOf.get(part);
  return row === undefined || part.length > 3 || row < frequentRows ? row : undefined;
}

/** Each stretch of three letters (two where a script has no spaces) points in a random direction of its own. */
function addLetters(vector: Float32Array, word: string, length: number): void {
  const letters = Array.from(`<${word}>`);
  const size = withoutSpaces.test(word) ? 2 : 3;
  const count = Math.max(1, letters.length - size + 1);
  // Directions are nearly at right angles, so their lengths add up like sides of a right-angled triangle.
  const share = length / Math.sqrt(count * vector.length);
  for (let start = 0; start < count; start += 1) {
    let state = hash(letters.slice(start, start + size).join(''));
    for (let position = 0; position < vector.length; position += 1) {
      state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
      vector[position]! += (state ^ (state >>> 13)) & 1 ? share : -share;
    }
  }
}

/** 32-bit FNV-1a over UTF-16 code units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let position = 0; position < text.length; position += 1) {
    value = Math.imul(value ^ text.charCodeAt(position), 0x01000193);
  }
  return value;
}
