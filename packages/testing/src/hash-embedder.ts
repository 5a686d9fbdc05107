import type { Embedder } from '@skillrl/core';

export interface HashEmbedderOptions {
  /** Length of the vectors. Default 256. */
  readonly dimensions?: number;
}

/**
 * An embedder for tests: hashed words and character trigrams, no table and no network. Texts that share words are near, paraphrases are
 * not. Equal texts give equal vectors in every process.
 */
export function hashEmbedder({ dimensions = 256 }: HashEmbedderOptions = {}): Embedder {
  return {
    id: `hash-${dimensions}`,
    dimensions,
    embed: async (texts, options) => {
      options?.signal?.throwIfAborted();
      return texts.map((text) => embedText(text, dimensions));
    },
  };
}

function embedText(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    addFeature(vector, word, 1);
    const padded = `<${word}>`;
    for (let start = 0; start + 3 <= padded.length; start += 1) {
      addFeature(vector, padded.slice(start, start + 3), 0.3);
    }
  }
  return normalise(vector);
}

function addFeature(vector: Float32Array, feature: string, weight: number): void {
  const hash = fnv1a(feature);
  const position = (hash >>> 1) % vector.length;
  vector[position] = (vector[position] ?? 0) + (hash & 1 ? weight : -weight);
}

function normalise(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** 32-bit FNV-1a over UTF-16 code units, with a final mix so that the low bits are as good as the high ones. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let position = 0; position < text.length; position += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
