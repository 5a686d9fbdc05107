/** A tensor of a safetensors file, in f32. */
export interface Tensor {
  readonly name: string;
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * The bytes of a safetensors file.
 *
 * Source: the format in github.com/huggingface/safetensors, README: length of the header, the header as JSON, the numbers.
 */
export function safetensorsFile(tensors: readonly Tensor[]): Buffer {
  let offset = 0;
  const header = Object.fromEntries(
    tensors.map(({ name, shape, values }) => {
      const begin = offset;
      offset += values.byteLength;
      return [name, { dtype: 'F32', shape, data_offsets: [begin, offset] }];
    }),
  );
  const text = JSON.stringify({ __metadata__: { format: 'pt' }, ...header });
  const padded = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = tensors.map(({ values }) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  return Buffer.concat([length, padded, ...data]);
}
