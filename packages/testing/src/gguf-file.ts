/** A value of a GGUF header, with the type it is written as. */
export type GgufValue =
  | { readonly type: 'u32'; readonly value: number }
  | { readonly type: 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'i32[]'; readonly value: readonly number[] }
  | { readonly type: 'string[]'; readonly value: readonly string[] };

/** A tensor of a GGUF file. */
export interface GgufTensor {
  readonly name: string;
  /** How its numbers are written. `q8_0`: blocks of 32 with a common scale. */
  readonly type: 'f32' | 'f16' | 'q8_0';
  /** Innermost dimension first, as in GGUF: a matrix of `rows` × `columns` is `[columns, rows]`. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * The bytes of a GGUF file, version 3, little endian.
 *
 * Source: the specification in ggml, docs/gguf.md.
 */
export function ggufFile(header: Readonly<Record<string, GgufValue>>, tensors: readonly GgufTensor[]): Buffer {
  const parts: Buffer[] = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(Object.keys(header).length)];
  for (const [key, value] of Object.entries(header)) parts.push(text(key), encode(value));

  const data: Buffer[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const bytes = encoders[tensor.type](tensor.values);
    parts.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.map(u64));
    parts.push(u32(tensorType[tensor.type]), u64(offset));
    data.push(bytes, padding(bytes.length));
    offset += bytes.length + padding(bytes.length).length;
  }
  const head = Buffer.concat(parts);
  return Buffer.concat([head, padding(head.length), ...data]);
}

const tensorType = { f32: 0, f16: 1, q8_0: 8 };
const valueType = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 };

function encode(value: GgufValue): Buffer {
  switch (value.type) {
    case 'u32':
      return Buffer.concat([u32(valueType.u32), u32(value.value)]);
    case 'f32':
      return Buffer.concat([u32(valueType.f32), floats(Float32Array.of(value.value))]);
    case 'bool':
      return Buffer.concat([u32(valueType.bool), Buffer.from([value.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([u32(valueType.string), text(value.value)]);
    case 'i32[]':
      return array(valueType.i32, value.value.map(u32));
    case 'string[]':
      return array(valueType.string, value.value.map(text));
    default:
      return value satisfies never;
  }
}

function array(type: number, items: readonly Buffer[]): Buffer {
  return Buffer.concat([u32(valueType.array), u32(type), u64(items.length), ...items]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function floats(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes;
}

/** IEEE 754 half precision by truncation; subnormal halves become zero. Enough for made-up weights. */
function halves(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16LE(half(value), index * 2));
  return bytes;
}

function half(value: number): number {
  const [word = 0] = new Uint32Array(Float32Array.of(value).buffer);
  const exponent = ((word >>> 23) & 0xff) - 112;
  const magnitude = exponent <= 0 ? 0 : (Math.min(exponent, 30) << 10) | ((word >>> 13) & 0x3ff);
  return ((word >>> 16) & 0x8000) | magnitude;
}

/** Blocks of 32 numbers: a half for the scale, then a signed byte each. */
function blocksOf32(values: Float32Array): Buffer {
  const bytes = Buffer.alloc((values.length / 32) * 34);
  for (let block = 0; block < values.length / 32; block += 1) {
    const numbers = values.subarray(block * 32, block * 32 + 32);
    const scale = Math.max(...numbers.map(Math.abs)) / 127;
    bytes.writeUInt16LE(half(scale), block * 34);
    numbers.forEach((value, index) => {
      const level = scale === 0 ? 0 : Math.round(value / scale);
      bytes.writeInt8(Math.max(-127, Math.min(127, level)), block * 34 + 2 + index);
    });
  }
  return bytes;
}

const encoders: Record<GgufTensor['type'], (values: Float32Array) => Buffer> = {
  f32: floats,
  f16: halves,
  q8_0: blocksOf32,
};

/** Zeros up to the next multiple of 32, GGUF's default alignment. */
function padding(length: number): Buffer {
  return Buffer.alloc((32 - (length % 32)) % 32);
}
