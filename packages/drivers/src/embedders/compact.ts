import { setImmediate } from 'node:timers/promises';
import type { Embedder } from '@skillrl/core';

import { splitWords } from './split-words.ts';
import { unknownWord } from './unknown-word.ts';
import { loadWordVectors, type WordVectors } from './word-vectors.ts';

/** Texts embedded before other work of the process gets its turn; some milliseconds. */
const textsAtOnce = 256;
/** Words without a row whose vectors are kept. */
const rememberedWords = 20_000;

/** Over the packaged table, which is read once a process: it never changes. */
let embedPackaged: Promise<(text: string) => Float32Array> | undefined;

/**
 * The built-in embedder: word vectors of 36,000 English words in 2.2 MB, weighted and summed. No network, no model, some ten thousand
 * texts a second. Texts in other languages are compared by their spelling.
 *
 * The table is read on first use.
 */
export function compact(): Embedder {
  return {
    id: 'compact-1',
    dimensions: 100,
    embed: async (texts, { signal } = {}) => {
      signal?.throwIfAborted();
      embedPackaged ??= loadWordVectors().then(textEmbedder);
      const embedText = await embedPackaged;
      const vectors: Float32Array[] = [];
      for (const [position, text] of texts.entries()) {
        if (position % textsAtOnce === textsAtOnce - 1) {
          await setImmediate();
          signal?.throwIfAborted();
        }
        vectors.push(embedText(text));
      }
      return vectors;
    },
  };
}

/** What embeds one text after another over a table. */
function textEmbedder(table: WordVectors): (text: string) => Float32Array {
  const { dimensions, rowOf, levels, steps } = table;
  const unknown = new Map<string, Float32Array>();

  function addRow(vector: Float32Array, row: number): void {
    const step = steps[row]!;
    const start = row * dimensions;
    for (let position = 0; position < dimensions; position += 1) vector[position]! += step * levels[start + position]!;
  }

  function vectorOfUnknown(word: string): Float32Array {
    let vector = unknown.get(word);
    if (vector === undefined) {
      if (unknown.size >= rememberedWords) unknown.clear();
      vector = unknownWord(word, table, addRow);
      unknown.set(word, vector);
    }
    return vector;
  }

  return (text) => {
    const vector = new Float32Array(dimensions);
    for (const word of splitWords(text)) {
      const row = rowOf.get(word);
      if (row !== undefined) addRow(vector, row);
      else addTo(vector, vectorOfUnknown(word));
    }
    return normalise(vector);
  };
}

function addTo(vector: Float32Array, other: Float32Array): void {
  for (let position = 0; position < vector.length; position += 1) vector[position]! += other[position]!;
}

function normalise(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return vector;
  const scale = 1 / Math.sqrt(squares);
  for (let position = 0; position < vector.length; position += 1) vector[position]! *= scale;
  return vector;
}
