import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';

import { GgmlType, GgufFileType, readGgufFileInfo } from 'node-llama-cpp';

import type { StoredModel } from './model-store.ts';

/** What a model's file says about itself. */
export interface FileDetails {
  readonly family: string;
  /** Such as `1.40M`. */
  readonly parameterSize: string;
  /** Such as `Q8_0`. */
  readonly quantization: string;
  readonly contextLength: number;
  readonly embeddingLength: number;
  readonly capabilities: readonly ('completion' | 'embedding')[];
  /** Header keys as in `show`; the long lists are kept. */
  readonly info: Readonly<Record<string, unknown>>;
  readonly tensors: readonly { readonly name: string; readonly type: string; readonly shape: readonly number[] }[];
}

const known = new Map<string, Promise<FileDetails>>();

/** The details of a GGUF file, read once. */
export function fileDetails(path: string): Promise<FileDetails> {
  const details = known.get(path) ?? readDetails(path);
  known.set(path, details);
  return details;
}

async function readDetails(path: string): Promise<FileDetails> {
  const file = await readGgufFileInfo(path, { sourceType: 'filesystem', logWarnings: false });
  const tensors = (file.fullTensorInfo ?? []).map(({ name, ggmlType, dimensions }) => ({
    name,
    type: GgmlType[ggmlType],
    shape: dimensions.map(Number),
  }));
  const parameters = tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const info: Readonly<Record<string, unknown>> = {
    ...flat(file.metadata),
    'general.parameter_count': parameters,
    // A real server adds it when it writes the file anew.
    'general.quantization_version': 2,
  };
  const family: string = file.metadata.general.architecture;
  const number = (key: string): number => Number(info[`${family}.${key}`] ?? 0);
  return {
    family,
    parameterSize: inWords(parameters),
    quantization: quantizationName(Number(info['general.file_type'])),
    contextLength: number('context_length'),
    embeddingLength: number('embedding_length'),
    capabilities: [`${family}.pooling_type` in info ? 'embedding' : 'completion'],
    info,
    tensors,
  };
}

/** The `details` of `tags`, `show` and `ps`. */
export function detailsOf(model: StoredModel, file: FileDetails): Record<string, unknown> {
  return {
    parent_model: model.parent,
    format: 'gguf',
    family: file.family,
    families: model.families,
    parameter_size: file.parameterSize,
    quantization_level: file.quantization,
  };
}

/** Names a model's content: its files and words. */
export function digestOf({ layer, adapter, template, system, parameters }: StoredModel): string {
  return createHash('sha256')
    .update(JSON.stringify([layer, adapter?.digest, template, system, parameters]))
    .digest('hex');
}

export function sizeOf({ path, adapter }: StoredModel): number {
  return statSync(path).size + (adapter === undefined ? 0 : statSync(adapter.path).size);
}

function flat(value: object, prefix = ''): Record<string, unknown> {
  const entries = Object.entries(value).map(([key, child]): Record<string, unknown> => {
    if (typeof child === 'object' && child !== null && !Array.isArray(child))
      return flat(child as object, `${prefix}${key}.`);
    return { [prefix + key]: typeof child === 'bigint' ? Number(child) : child };
  });
  return Object.assign({}, ...entries) as Record<string, unknown>;
}

/** `MOSTLY_Q8_0` → `Q8_0`. */
function quantizationName(fileType: number): string {
  return (GgufFileType[fileType] ?? 'unknown').replace(/^(?:MOSTLY|ALL)_/, '');
}

function inWords(parameters: number): string {
  const [size, letter] = parameters >= 1e9 ? [1e9, 'B'] : parameters >= 1e6 ? [1e6, 'M'] : [1e3, 'K'];
  return `${(parameters / size).toFixed(letter === 'B' ? 1 : 2)}${letter}`;
}
