import { open, type FileHandle } from 'node:fs/promises';

import { FileError } from '@skillrl/core';
import { z } from 'zod';

const headerSchema = z.record(
  z.string(),
  z.object({ dtype: z.string(), shape: z.array(z.number()), data_offsets: z.tuple([z.number(), z.number()]) }),
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
    const { __metadata__: _, ...rest } = JSON.parse((await take(file, 8, length)).toString('utf8')) as Record<
      string,
      unknown
    >;
    const header = headerSchema.parse(rest);
    const end = Object.values(header).reduce((most, { data_offsets: [, last] }) => Math.max(most, last), 0);
    if ((await file.stat()).size < 8 + length + end) throw new RangeError('it ends too early');
    const foreign = Object.values(header).find(({ dtype }) => !['F32', 'F16', 'BF16'].includes(dtype));
    if (foreign !== undefined) throw new RangeError(`numbers of the kind ${foreign.dtype} are not read here`);
    const tensors = Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]): StoredTensor => ({
        name,
        shape,
        values: async () => decode(dtype, await take(file, 8 + length + from, to - from)),
      }),
    );
    return { tensors, [Symbol.asyncDispose]: () => file.close() };
  } catch (cause) {
    await file.close();
    throw invalid(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const mostHeaderBytes = 100_000_000;

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
