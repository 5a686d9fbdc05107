import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { contentHash } from '@skillrl/core';

import { byteLetters } from './byte-letters.ts';
import { ggufFile, type GgufTensor, type GgufValue } from './gguf-file.ts';

export interface TinyModelOptions {
  /** Equal seeds give equal files. Default 1. */
  readonly seed?: number;
  /** Width of the residual stream, a multiple of 32. Default 64. */
  readonly width?: number;
  /** Default 2. */
  readonly layers?: number;
  /** Longest context the file claims to be made for. Default 1,024. */
  readonly context?: number;
  /** How matrices are written. Default `f16`. */
  readonly weights?: 'f16' | 'q8_0';
  /** Jinja chat template to put into the file. Default: none. */
  readonly chatTemplate?: string;
  /** Whether it ends texts of its own accord, as often as it says any other word. Default `false`. */
  readonly endsTexts?: boolean;
  /** Whether the model is one for embeddings, which gives the mean of its last states. Default `false`. */
  readonly isEmbedder?: boolean;
}

/**
 * Writes a language model of made-up weights as an F16 GGUF file: the Llama architecture and a byte-level BPE vocabulary, three
 * hundred kilobytes. Every runtime loads it. It speaks nonsense made of whole words and line breaks, always the same.
 *
 * @param path - of the file; its folder is made when it is missing.
 */
export function writeTinyModel(path: string, options: TinyModelOptions = {}): void {
  const {
    seed = 1,
    width = 64,
    layers = 2,
    context = 1024,
    weights = 'f16',
    chatTemplate,
    endsTexts = false,
    isEmbedder = false,
  } = options;
  const vocabulary = tinyVocabulary();
  const feedForward = width * 2;
  const heads = width / 32;

  const header: Record<string, GgufValue> = {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.file_type': { type: 'u32', value: weights === 'f16' ? 1 : 7 },
    'llama.vocab_size': { type: 'u32', value: vocabulary.tokens.length },
    'llama.context_length': { type: 'u32', value: context },
    'llama.embedding_length': { type: 'u32', value: width },
    'llama.block_count': { type: 'u32', value: layers },
    'llama.feed_forward_length': { type: 'u32', value: feedForward },
    'llama.rope.dimension_count': { type: 'u32', value: 32 },
    'llama.rope.freq_base': { type: 'f32', value: 10_000 },
    'llama.attention.head_count': { type: 'u32', value: heads },
    'llama.attention.head_count_kv': { type: 'u32', value: heads },
    'llama.attention.layer_norm_rms_epsilon': { type: 'f32', value: 1e-5 },
    'tokenizer.ggml.model': { type: 'string', value: 'gpt2' },
    'tokenizer.ggml.pre': { type: 'string', value: 'gpt-2' },
    'tokenizer.ggml.tokens': { type: 'string[]', value: vocabulary.tokens },
    'tokenizer.ggml.token_type': { type: 'i32[]', value: vocabulary.types },
    'tokenizer.ggml.merges': { type: 'string[]', value: vocabulary.merges },
    'tokenizer.ggml.bos_token_id': { type: 'u32', value: endOfText },
    'tokenizer.ggml.eos_token_id': { type: 'u32', value: endOfText },
    'tokenizer.ggml.padding_token_id': { type: 'u32', value: 1 },
    'tokenizer.ggml.add_bos_token': { type: 'bool', value: false },
    'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
  };
  if (chatTemplate !== undefined) header['tokenizer.chat_template'] = { type: 'string', value: chatTemplate };

  if (isEmbedder) header['llama.pooling_type'] = { type: 'u32', value: meanPooling };

  const random = gaussian(seed);
  const matrix = (name: string, columns: number, rows: number, deviation: number): GgufTensor => ({
    name,
    type: weights,
    shape: [columns, rows],
    values: Float32Array.from({ length: columns * rows }, () => random() * deviation),
  });
  const ones = (name: string): GgufTensor => ({
    name,
    type: 'f32',
    shape: [width],
    values: new Float32Array(width).fill(1),
  });
  const near = 1 / Math.sqrt(width);

  // The last number of the residual stream is the same for every token, and no layer changes it: the output reads a bias off it.
  const embedding = matrix('token_embd.weight', width, vocabulary.tokens.length, 1);
  const output = matrix('output.weight', width, vocabulary.tokens.length, 0.4);
  for (const [id, isSpoken] of vocabulary.isSpoken.entries()) {
    const from = id * width;
    // A token speaks against itself, so that the model does not say one word for ever.
    for (let place = from; place < from + width; place += 1) output.values[place]! -= embedding.values[place]! / 4;
    embedding.values[from + width - 1] = 4;
    output.values[from + width - 1] = isSpoken || (endsTexts && id === endOfText) ? 0 : -100;
  }
  const withoutLastRow = (tensor: GgufTensor): GgufTensor => {
    tensor.values.fill(0, tensor.values.length - (tensor.shape[0] ?? 0));
    return tensor;
  };

  const tensors = [embedding, output, ones('output_norm.weight')];
  for (let layer = 0; layer < layers; layer += 1) {
    const block = `blk.${layer}`;
    tensors.push(
      ones(`${block}.attn_norm.weight`),
      matrix(`${block}.attn_q.weight`, width, width, 2 * near),
      matrix(`${block}.attn_k.weight`, width, width, 2 * near),
      matrix(`${block}.attn_v.weight`, width, width, 2 * near),
      withoutLastRow(matrix(`${block}.attn_output.weight`, width, width, near)),
      ones(`${block}.ffn_norm.weight`),
      matrix(`${block}.ffn_gate.weight`, width, feedForward, near),
      matrix(`${block}.ffn_up.weight`, width, feedForward, near),
      withoutLastRow(matrix(`${block}.ffn_down.weight`, feedForward, width, near / 2)),
    );
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, ggufFile(header, tensors));
}

/** The content hash of the tiny model's vocabulary, as `TokenTrace.tokenizer` names it. */
export function tinyTokenizerId(): string {
  const { tokens, merges } = tinyVocabulary();
  return contentHash(`${tokens.join('\n')}\n\n${merges.join('\n')}`);
}

/** How many tokens the tiny model knows. */
export function tinyVocabularySize(): number {
  return tinyVocabulary().tokens.length;
}

const meanPooling = 1;

/** Writes a LoRA adapter of rank 2 for the tiny model's first query matrix as a GGUF file. */
export function writeTinyAdapter(path: string, { seed = 1, width = 64 }: { seed?: number; width?: number } = {}): void {
  const random = gaussian(seed);
  const part = (name: string, columns: number, rows: number): GgufTensor => ({
    name: `blk.0.attn_q.weight.${name}`,
    type: 'f32',
    shape: [columns, rows],
    values: Float32Array.from({ length: columns * rows }, random),
  });
  const header: Record<string, GgufValue> = {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.type': { type: 'string', value: 'adapter' },
    'adapter.type': { type: 'string', value: 'lora' },
    'adapter.lora.alpha': { type: 'f32', value: 4 },
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, ggufFile(header, [part('lora_a', width, 2), part('lora_b', 2, width)]));
}

interface TinyVocabulary {
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  readonly merges: readonly string[];
  /** Whether the model says the token of its own accord. */
  readonly isSpoken: readonly boolean[];
}

/**
 * A byte-level BPE vocabulary: end of text, padding, the 256 bytes, and whole words whose letters merge from the left.
 * Byte strings of tokens are unique.
 */
function tinyVocabulary(): TinyVocabulary {
  const tokens = ['<|endoftext|>', '<|pad|>', ...byteLetters];
  const merges: string[] = [];
  for (const word of words) {
    let left = letters(word)[0] ?? '';
    for (const right of letters(word).slice(1)) {
      if (!tokens.includes(left + right)) {
        merges.push(`${left} ${right}`);
        tokens.push(left + right);
      }
      left += right;
    }
  }
  while (tokens.length % 32 !== 0) tokens.push(`<|unused${tokens.length}|>`);
  const types = tokens.map((token) =>
    token.startsWith('<|unused') ? unused : token.startsWith('<|') ? control : normal,
  );
  const spoken = new Set([...words, '\n'].map((word) => letters(word).join('')));
  return { tokens, types, merges, isSpoken: tokens.map((token) => spoken.has(token)) };
}

const endOfText = 0;
const normal = 1;
const control = 3;
const unused = 5;

const words =
  ' go to desk drawer cabinet shelf mug apple take put from in on open close clean heat cool with 1 2 3 4 the a is nothing ok task'
    .split(' ')
    .slice(1)
    .map((word) => ` ${word}`);

function letters(word: string): string[] {
  return [...Buffer.from(word, 'utf8')].map((byte) => byteLetters[byte] ?? '');
}

/** Normally distributed numbers from a seed. Source: Box and Muller 1958 over Marsaglia's xorshift32. */
function gaussian(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
