import { contentHash } from '@skillrl/core';
import type { LlamaModel, Token } from 'node-llama-cpp';

import { textList, type GgufHeader } from './gguf-header.ts';

/**
 * Names the vocabulary of a GGUF file: SHA-256 of its tokens, one a line, an empty line, its merges, one a line. A tokenizer with the
 * same tokens and merges in the same order gives the same name, in whatever file it lies.
 */
export function tokenizerId(header: GgufHeader): string {
  const tokens = textList(header, 'tokenizer.ggml.tokens');
  return contentHash(`${tokens.join('\n')}\n\n${textList(header, 'tokenizer.ggml.merges').join('\n')}`);
}

/** What llama.cpp puts before a text of this model. */
export function startOf({ tokens }: LlamaModel): readonly Token[] {
  return tokens.shouldPrependBosToken && tokens.bos !== null ? [tokens.bos] : [];
}

/**
 * Whether the file names a token that ends a text. For a byte-level vocabulary that names none, llama.cpp takes GPT-2's old id 11 for one, which is
 * a comma or a digit elsewhere.
 */
export function hasEndToken(header: GgufHeader): boolean {
  return ['eos', 'eot', 'eom'].some((end) => header.has(`tokenizer.ggml.${end}_token_id`));
}

/**
 * The bytes each token stands for; absent for control tokens and for places nobody uses.
 *
 * Sources: GPT-2's table of printable letters for bytes; SentencePiece's `▁` for a blank and `<0x0A>` for a byte.
 */
export function tokenBytes(header: GgufHeader): readonly (Uint8Array | undefined)[] {
  const types = header.get('tokenizer.ggml.token_type');
  const isByteLevel = header.get('tokenizer.ggml.model') === 'gpt2';
  return textList(header, 'tokenizer.ggml.tokens').map((token, id) => {
    const type = Array.isArray(types) ? types[id] : normalType;
    if (type === byteType) return Uint8Array.of(Number.parseInt(token.slice(3, 5), 16));
    if (type !== normalType && type !== userDefinedType) return undefined;
    if (isByteLevel && type === normalType) return fromByteLetters(token);
    return encoder.encode(token.replaceAll('▁', ' '));
  });
}

const encoder = new TextEncoder();
const normalType = 1;
const userDefinedType = 4;
const byteType = 6;

function fromByteLetters(token: string): Uint8Array {
  return Uint8Array.from(Array.from(token, (letter) => byteOfLetter.get(letter) ?? [...encoder.encode(letter)]).flat());
}

const byteOfLetter: ReadonlyMap<string, number> = (() => {
  const letters = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte += 1) {
    const isPrintable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    letters.set(String.fromCodePoint(isPrintable ? byte : next), byte);
    if (!isPrintable) next += 1;
  }
  return letters;
})();
