import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { TrainerError } from '@skillrl/core';

import { type TinyBase, TinyEngine, type TinyState } from './tiny-engine.ts';
import type { TwoTokenModel } from './two-token-model.ts';

/** Writes a save, whole or not at all. @returns its SHA-256, in hex. */
export function writeState(path: string, { base, weights, moments, step, draws }: TinyState): string {
  const numbers = { weights: encode(weights), mean: encode(moments.mean), square: encode(moments.square) };
  const text = JSON.stringify({ base, step, draws, ...numbers });
  const sha256 = hash('sha256', text, 'hex');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${sha256}\n${text}`);
  renameSync(`${path}.new`, path);
  return sha256;
}

/** @throws {TrainerError} `CHECKPOINT_UNKNOWN`, `CHECKPOINT_CORRUPT` */
export function readState(path: string): TinyState {
  if (!existsSync(path)) {
    throw new TrainerError({
      code: 'CHECKPOINT_UNKNOWN',
      message: `There is no save at ${path}.`,
      hint: 'Load one that was saved.',
    });
  }
  const [sha256, text = ''] = readFileSync(path, 'utf8').split('\n');
  if (hash('sha256', text, 'hex') !== sha256) {
    throw new TrainerError({
      code: 'CHECKPOINT_CORRUPT',
      message: `What stands in ${path} is not what was saved.`,
      hint: 'Load another one.',
    });
  }
  const saved = JSON.parse(text) as { base: TinyBase; step: number; draws: number } & Record<string, string>;
  const numbers = (key: string): Float64Array => decode(saved[key] ?? '');
  const moments = { mean: numbers('mean'), square: numbers('square') };
  return { base: saved.base, step: saved.step, draws: saved.draws, weights: numbers('weights'), moments };
}

/**
 * Writes what a server of these models loads: `model.safetensors` (64-bit numbers), `config.json`, `tokenizer.json` and `manifest.json`;
 * whole or not at all. There is no GGUF: llama.cpp knows no such model.
 *
 * @returns SHA-256 of `model.safetensors`, in hex.
 */
export function writeExport(folder: string, engine: TinyEngine, name: string): string {
  const { vocabulary } = engine.base;
  const file = safetensors(engine.weights(), vocabulary);
  const sha256 = hash('sha256', file, 'hex');
  const temporary = `${folder}.new`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  writeFileSync(join(temporary, 'model.safetensors'), file);
  const json = (file_: string, value: object): void => writeFileSync(join(temporary, file_), JSON.stringify(value));
  json('config.json', { model_type: 'two-token', vocab_size: vocabulary });
  json('tokenizer.json', { model: { type: 'ids', vocab_size: vocabulary } });
  json('manifest.json', { name, base: engine.base, step: engine.steps, sha256 });
  renameSync(temporary, folder);
  return sha256;
}

/** The model of a folder that `exportWeights` of the in-memory trainer wrote, to sample from. */
export function readExport(folder: string): TwoTokenModel {
  const file = readFileSync(join(folder, 'model.safetensors'));
  const { vocab_size: vocabulary } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as {
    vocab_size: number;
  };
  const data = file.subarray(8 + Number(file.readBigUInt64LE()));
  return { vocabulary, weights: new Float64Array(new Uint8Array(data).buffer) };
}

/**
 * The bytes of a safetensors file: length of the header, header, numbers.
 *
 * Source: github.com/huggingface/safetensors, README, "Format".
 */
function safetensors(weights: Float64Array, vocabulary: number): Buffer {
  const matrix = vocabulary * vocabulary;
  const tensor = (start: number, shape: readonly number[], count: number): object => ({
    dtype: 'F64',
    shape,
    data_offsets: [8 * start, 8 * (start + count)],
  });
  const header = JSON.stringify({
    bias: tensor(0, [vocabulary], vocabulary),
    last: tensor(vocabulary, [vocabulary, vocabulary], matrix),
    earlier: tensor(vocabulary + matrix, [vocabulary, vocabulary], matrix),
  });
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, Buffer.from(padded), Buffer.from(weights.buffer)]);
}

function encode(numbers: Float64Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64');
}

function decode(text: string): Float64Array {
  return new Float64Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}
