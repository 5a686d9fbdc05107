import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Checkpoint } from '@skillrl/core';

import { safetensorsFile, type Tensor } from './safetensors-file.ts';
import { seededRandom } from './seeded-random.ts';
import { tinyTokenizerId, writeTinyModel, type TinyModelOptions } from './tiny-model.ts';

export interface TinyCheckpointOptions extends TinyModelOptions {
  readonly version?: string;
  readonly parent?: string;
  readonly kind?: Checkpoint['kind'];
  readonly createdAt?: number;
}

/** SHA-256 of the base that tiny checkpoints say they were trained from. */
export const tinyBase = 'b'.repeat(64);

/**
 * Writes a checkpoint as a trainer exports it, of made-up weights: its GGUF file loads in every runtime; `model.safetensors` and the adapter
 * are whole files of a few numbers.
 *
 * @param folder - made when it is missing.
 */
export function writeTinyCheckpoint(folder: string, options: TinyCheckpointOptions = {}): Checkpoint {
  const { version = 'v1', parent, kind = 'lora', seed = 1, createdAt = 1_800_000_000_000 + seed } = options;
  mkdirSync(join(folder, 'adapter'), { recursive: true });
  const write = (file: string, content: string | Buffer): void => writeFileSync(join(folder, file), content);
  writeTinyModel(join(folder, 'model-f16.gguf'), options);
  const random = seededRandom(seed);
  const tensor = (name: string, ...shape: readonly number[]): Tensor => ({
    name,
    shape,
    values: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random() - 0.5),
  });
  write('model.safetensors', safetensorsFile([tensor('model.layers.0.self_attn.q_proj.weight', 8, 8)]));
  write('config.json', JSON.stringify({ model_type: 'llama' }));
  write('tokenizer.json', JSON.stringify({ model: { type: 'BPE' } }));
  if (kind === 'lora') {
    const part = 'base_model.model.model.layers.0.self_attn.q_proj';
    write(
      'adapter/adapter_model.safetensors',
      safetensorsFile([tensor(`${part}.lora_A.weight`, 2, 8), tensor(`${part}.lora_B.weight`, 8, 2)]),
    );
    write('adapter/adapter_config.json', JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 4 }));
  }
  const checkpoint: Checkpoint = {
    version,
    ...(parent === undefined ? {} : { parent }),
    kind,
    base: tinyBase,
    tokenizer: tinyTokenizerId(),
    path: folder,
    sha256: sha256(join(folder, 'model.safetensors')),
    createdAt,
  };
  return sealed(checkpoint);
}

/** The checkpoint with the hashes of its files as they lie there now. */
export function sealed(checkpoint: Checkpoint): Checkpoint {
  const adapter =
    checkpoint.kind === 'lora' ? ['adapter/adapter_model.safetensors', 'adapter/adapter_config.json'] : [];
  const files = ['model-f16.gguf', 'config.json', 'tokenizer.json', ...adapter];
  return { ...checkpoint, files: Object.fromEntries(files.map((file) => [file, sha256(join(checkpoint.path, file))])) };
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
