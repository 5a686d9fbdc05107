import { boundaryError } from '@skillrl/core';
import type { Token } from 'node-llama-cpp';

import { readGgufHeader } from './llama-cpp/gguf-header.ts';
import { sharedLlama } from './llama-cpp/shared-llama.ts';
import { hasEndToken, startOf, tokenBytes, tokenizerId } from './llama-cpp/vocabulary.ts';

/** A model's vocabulary, for servers that name tokens by the bytes they stand for. */
export interface ByteTokenizer {
  /** Content hash of the vocabulary. */
  readonly id: string;
  /** The token that stands for these bytes; `undefined` when none does, or more than one. */
  idOf(bytes: readonly number[]): number | undefined;
  encode(text: string): readonly number[];
}

/** A vocabulary with all that is needed to keep a conversation as ids, for servers that know ids alone. */
export interface Tokenizer extends ByteTokenizer {
  /** By id, the bytes it stands for; `undefined` for control tokens and for places nobody uses. */
  readonly bytes: readonly (Uint8Array | undefined)[];
  /** What stands before every text. */
  readonly start: readonly number[];
  /** What ends a text of the model's own accord. */
  readonly ends: readonly number[];
  close(): Promise<void>;
}

/** A text as the ids that a server which knows no text is asked to continue, by the vocabulary of a GGUF file. @throws as `ggufTokenizer`. */
export async function promptIdsOf(modelPath: string, text: string): Promise<readonly number[]> {
  const tokenizer = await ggufTokenizer({ modelPath });
  try {
    return [...tokenizer.start, ...tokenizer.encode(text)];
  } finally {
    await tokenizer.close();
  }
}

/**
 * The vocabulary of a GGUF file; its weights stay unread.
 *
 * @throws {ModelError} `MODEL_FILE_MISSING`, `MODEL_FILE_INVALID`, `LLAMA_CPP_MISSING`
 */
export async function ggufTokenizer({ modelPath }: { readonly modelPath: string }): Promise<Tokenizer> {
  const header = readGgufHeader(modelPath);
  const bytes = tokenBytes(header);
  const ids = idsByBytes(bytes);
  const { llama } = await sharedLlama();
  try {
    const model = await llama.loadModel({ modelPath, vocabOnly: true, gpuLayers: 0 });
    return {
      id: tokenizerId(header),
      bytes,
      start: startOf(model),
      ends: hasEndToken(header) ? [...bytes.keys()].filter((id) => model.isEogToken(id as Token)) : [],
      idOf: (wanted) => ids.get(keyOf(wanted)),
      encode: (text) => model.tokenize(text),
      close: () => model.dispose(),
    };
  } catch (error) {
    throw boundaryError('model', `read the vocabulary of '${modelPath}'`, error);
  }
}

function idsByBytes(tokens: readonly (Uint8Array | undefined)[]): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const ambiguous = new Set<string>();
  for (const [id, bytes] of tokens.entries()) {
    if (bytes === undefined) continue;
    const key = keyOf(bytes);
    if (ids.has(key)) ambiguous.add(key);
    ids.set(key, id);
  }
  for (const key of ambiguous) ids.delete(key);
  return ids;
}

function keyOf(bytes: Iterable<number>): string {
  return Buffer.from([...bytes]).toString('latin1');
}
