import { join } from 'node:path';

import { temporaryFolder, writeTinyModel } from '@skillrl/testing';
import { describe, expect, it } from 'vitest';

import { readGgufHeader, textList } from './gguf-header.ts';
import { tokenBytes, tokenizerId } from './vocabulary.ts';

const folder = temporaryFolder();
const path = join(folder, 'tiny.gguf');
writeTinyModel(path);
const header = readGgufHeader(path);

describe('readGgufHeader', () => {
  it('reads keys and values of every kind', () => {
    expect(header.get('general.architecture')).toBe('llama');
    expect(header.get('llama.context_length')).toBe(1024);
    expect(header.get('llama.attention.layer_norm_rms_epsilon')).toBeCloseTo(1e-5, 9);
    expect(header.get('tokenizer.ggml.add_bos_token')).toBe(false);
    expect(textList(header, 'tokenizer.ggml.merges')[0]).toBe('Ġ g');
    expect(textList(header, 'no.such.key')).toEqual([]);
  });
});

describe('tokenizerId', () => {
  it('names the vocabulary, not the weights', () => {
    const other = join(folder, 'other.gguf');
    writeTinyModel(other, { seed: 2, width: 96 });
    expect(tokenizerId(readGgufHeader(other))).toBe(tokenizerId(header));
  });
});

describe('tokenBytes', () => {
  it('knows the bytes of words, of single bytes, and of no control token', () => {
    const bytes = tokenBytes(header);
    const tokens = textList(header, 'tokenizer.ggml.tokens');
    const text = (token: string): string => Buffer.from(bytes[tokens.indexOf(token)] ?? []).toString('latin1');
    expect(text('Ġdesk')).toBe(' desk');
    expect(text('Ċ')).toBe('\n');
    expect(text('ĩ')).toBe('\x87');
    expect(bytes[tokens.indexOf('<|endoftext|>')]).toBeUndefined();
    expect(new Set(bytes.filter((value) => value !== undefined).map((value) => value.join())).size).toBe(
      bytes.filter((value) => value !== undefined).length,
    );
  });
});
