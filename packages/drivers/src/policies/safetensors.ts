import { open, type FileHandle } from 'node:fs/promises';

import { FileError } from '@skillrl/core';
import { z } from 'zod';

const headerSchema = z.record(
  z.string(),
  z.union([
    z.object({ dtype: z.string(), shape: z.array(z.number()), data_offsets: z.tuple([z.number(), z.number()]) }),
    z.record(z.string(), z.string()),
  ]),
);

/** A tensor as it lies in a file. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Its numbers, row-major; read when they are asked for. */
  values(): Promise<Float32Array>;
}

/** A safetensors file that is open. */
export interface SafetensorsFile extends AsyncDisposable {
  readonly tensors: readonly StoredTensor[];
}

/**
 * Opens a file of tensors in f16, bf16 or f32; their numbers stay unread.
 *
 * Source: the format in github.com/huggingface/safetensors, README.
 *
 * @throws {FileError} `SAFETENSORS_INVALID`
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw invalid(path, 'it cannot be opened', cause);
  });
  try {
    const length = Number((await take(file, 0, 8)).readBigUInt64LE());
    if (length > mostHeaderBytes) throw new RangeError('its header has no sensible length');
    const header = headerSchema.parse(JSON.parse((await take(file, 8, length)).toString('utf8')));
    const tensors = Object.entries(header).flatMap(([name, tensor]): StoredTensor[] => {
      if (!isTensor(tensor)) return [];
      const { dtype, shape, data_offsets } = tensor;
      const [begin, end] = data_offsets;
      const values = async (): Promise<Float32Array> =>
        decode(dtype, await take(file, 8 + length + begin, end - begin));
      return [{ name, shape, values }];
    });
    const stored = Object.values(header).filter(isTensor);
    const end = stored.reduce((most, { data_offsets }) => Math.max(most, data_offsets[1]), 0);
    if ((await file.stat()).size < 8 + length + end) throw new RangeError('it ends too early');
    const foreign = stored.find(({ dtype }) => !['F32', 'F16', 'BF16'].includes(dtype));
    if (foreign !== undefined) throw new RangeError(`numbers of the kind ${foreign.dtype} are not read here`);
    return { tensors, [Symbol.asyncDispose]: () => file.close() };
  } catch (cause) {
    await file.close();
    throw invalid(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const mostHeaderBytes = 100_000_000;

type Stored = {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
};

function isTensor(value: object): value is Stored {
  return Array.isArray((value as { data_offsets?: unknown }).data_offsets);
}

async function take(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw new RangeError('it ends too early');
  return bytes;
}

function decode(dtype: string, bytes: Buffer): Float32Array {
  switch (dtype) {
    case 'F32':
      return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
    case 'F16':
      return Float32Array.from({ length: bytes.length / 2 }, (_, index) => half(bytes.readUInt16LE(index * 2)));
    case 'BF16': {
      const words = Uint32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readUInt16LE(index * 2) << 16);
      return new Float32Array(words.buffer);
    }
    default:
      throw new RangeError(`numbers of the kind ${dtype} are not read here`);
  }
}

/** IEEE 754 half precision. */
function half(bits: number): number {
  const sign = bits >>> 15 === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function invalid(path: string, why: string, cause: unknown): FileError {
  return new FileError({
    code: 'SAFETENSORS_INVALID',
    message: `${path} is no whole safetensors file: ${why}.`,
    hint: 'Export it again; weights in other number formats than F32, F16 and BF16 must be converted first.',
    cause,
  });
}
