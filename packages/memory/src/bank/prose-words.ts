import type { BankEntry } from '@skillrl/core';

import { tokenise } from '../retrieval/tokenise.ts';
import { headProse, machineLines } from './entry-text.ts';

/** The words of a text as numbers, each once, rising: 32 bits of a hash stand for a word. */
export type WordSet = Uint32Array;

/** The words of an entry's prose. What does not depend on the task is worked out once for as long as the entry is kept. */
export function proseWords(entry: BankEntry): WordSet {
  // By body, which all that is focused from a stored entry shares.
  let head = heads.get(entry.body);
  if (head === undefined) {
    head = wordSet(tokenise(headProse(entry)));
    heads.set(entry.body, head);
  }
  return entry.machine === undefined ? head : union(head, wordSet(tokenise(machineLines(entry).join('\n'))));
}

const heads = new WeakMap<object, WordSet>();

export function wordSet(words: readonly string[]): WordSet {
  const hashes = Uint32Array.from(words, hashOf).sort();
  let size = 0;
  for (const hash of hashes) if (size === 0 || hashes[size - 1] !== hash) hashes[size++] = hash;
  return hashes.subarray(0, size);
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

function union(a: WordSet, b: WordSet): WordSet {
  const both = new Uint32Array(a.length + b.length);
  let [size, mine, theirs] = [0, 0, 0];
  while (mine < a.length || theirs < b.length) {
    const [one = Infinity, other = Infinity] = [a[mine], b[theirs]];
    both[size++] = Math.min(one, other);
    if (one <= other) mine += 1;
    if (other <= one) theirs += 1;
  }
  return both.subarray(0, size);
}

/** FNV-1a over UTF-16 code units. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
