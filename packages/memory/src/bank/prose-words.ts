import type { BankEntry } from '@skillrl/core';

import { tokenise } from '../retrieval/tokenise.ts';
import { headProse, ofItems } from './entry-text.ts';

/** The words of a text as numbers, each once, rising: 32 bits of a hash stand for a word. */
export type WordSet = Uint32Array;

/** The words of an entry's prose. What does not depend on the task is worked out once for as long as the entry is kept. */
export function proseWords(entry: BankEntry): WordSet {
  // By body and by item, which all that is focused from a stored entry shares.
  const head = known(entry.body, () => headProse(entry));
  return entry.machine === undefined ? head : union([head, ...ofItems(entry.machine, known)]);
}

const sets = new WeakMap<object, WordSet>();

function known(part: object, text: () => string): WordSet {
  let words = sets.get(part);
  if (words === undefined) {
    words = wordSet(tokenise(text()));
    sets.set(part, words);
  }
  return words;
}

export function wordSet(words: readonly string[]): WordSet {
  return distinct(Uint32Array.from(words, hashOf));
}

/** Each number once, rising. */
function distinct(numbers: Uint32Array): WordSet {
  numbers.sort();
  let size = 0;
  for (let at = 0; at < numbers.length; at += 1) {
    if (size === 0 || numbers[size - 1] !== numbers[at]) numbers[size++] = numbers[at]!;
  }
  return numbers.subarray(0, size);
}

/** Share of common words, in [0, 1]; 0 beside an empty set. Jaccard's index. */
export function sharedWords(a: WordSet, b: WordSet): number {
  let common = 0;
  let at = 0;
  for (let mine = 0; mine < a.length && at < b.length; mine += 1) {
    const word = a[mine]!;
    while (at < b.length && b[at]! < word) at += 1;
    if (b[at] === word) common += 1;
  }
  return common === 0 ? 0 : common / (a.length + b.length - common);
}

function union(parts: readonly WordSet[]): WordSet {
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let size = 0;
  for (const part of parts) {
    all.set(part, size);
    size += part.length;
  }
  return distinct(all);
}

/** FNV-1a over UTF-16 code units. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
