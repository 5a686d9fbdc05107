/**
 * A WebAssembly module written here byte by byte: the fastest plain read and the fastest plain scan that one thread of this process can do.
 * The product's own kernels are not used, so that a floor cannot share their mistakes.
 */
export interface Simd {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Reads `[from, to)`, a multiple of 256 bytes, and returns a number that depends on all of it. */
  read(from: number, to: number): number;
  /** `count` dot products of float32 rows with the query at `query`; rows and query are `rowBytes` long, a multiple of 64. They go to `out`. */
  dots(query: number, rows: number, count: number, rowBytes: number, out: number): void;
}

/** @param bytes - of memory, at most 4 GiB. */
export function simd(bytes: number): Simd {
  const { Module, Instance, Memory } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
  const memory = new Memory({ initial: Math.ceil(bytes / 65_536) });
  const { read, dots } = new Instance(new Module(binary()), { js: { memory } }).exports;
  return { memory, read: read as Simd['read'], dots: dots as Simd['dots'] };
}

/** What is used of the global; the types of Node leave it out. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
  readonly Memory: new (options: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
}

type Code = readonly number[];

const i32 = 0x7f;
const v128 = 0x7b;
const end = 0x0b;
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const add32: Code = [0x6a];
const constant = (value: number): Code => [0x41, ...signed(value)];
const advance = (local: number, by: Code): Code => [...get(local), ...by, ...add32, ...set(local)];
const loopWhileBelow = (local: number, limit: number, body: Code): Code => [
  0x03,
  0x40,
  ...body,
  ...get(local),
  ...get(limit),
  0x49,
  0x0d,
  0x00,
  end,
];
const load = (address: number, offset: number): Code => [...get(address), 0xfd, 0x00, 0x04, ...unsigned(offset)];
const zero = (local: number): Code => [0xfd, 0x0c, ...Array.from<number>({ length: 16 }).fill(0), ...set(local)];
const addIntegers: Code = [0xfd, 0xae, 0x01];
const addFloats: Code = [0xfd, 0xe4, 0x01];
const multiplyFloats: Code = [0xfd, 0xe6, 0x01];

function readBody(): Code {
  // Eight sums, so that no addition waits for the one before. Parameters: from, to.
  const sums = [2, 3, 4, 5, 6, 7, 8, 9];
  const step = Array.from({ length: 16 }, (_, at) => at).flatMap((at) => {
    const sum = sums[at % sums.length]!;
    return [...get(sum), ...load(0, 16 * at), ...addIntegers, ...set(sum)];
  });
  const loop = loopWhileBelow(0, 1, [...step, ...advance(0, constant(256))]);
  const total = [...get(2), ...sums.slice(1).flatMap((sum) => [...get(sum), ...addIntegers]), ...set(2)];
  const lanes = [0, 1, 2, 3].flatMap((lane) => [...get(2), 0xfd, 0x1b, lane, ...(lane === 0 ? [] : add32)]);
  return [...loop, ...total, ...lanes, end];
}

function dotsBody(): Code {
  // Parameters: query, rows, count, rowBytes, out. Then: 5 end of out, 6 place in the query, 7 end of the query; sums 8 to 11.
  const sums = [8, 9, 10, 11];
  const step = sums.flatMap((sum, at) => [
    ...get(sum),
    ...load(6, 16 * at),
    ...load(1, 16 * at),
    ...multiplyFloats,
    ...addFloats,
    ...set(sum),
  ]);
  const row = loopWhileBelow(6, 7, [...step, ...advance(6, constant(64)), ...advance(1, constant(64))]);
  const total = [...get(8), ...sums.slice(1).flatMap((sum) => [...get(sum), ...addFloats]), ...set(8)];
  const lanes = [0, 1, 2, 3].flatMap((lane) => [...get(8), 0xfd, 0x1f, lane, ...(lane === 0 ? [] : [0x92])]);
  const one = [...sums.flatMap(zero), ...get(0), ...set(6), ...row, ...total];
  const store = [...get(4), ...lanes, 0x38, 0x02, 0x00, ...advance(4, constant(4))];
  const endOfOut = [...get(4), ...get(2), ...constant(4), 0x6c, ...add32, ...set(5)];
  const endOfQuery = [...get(0), ...get(3), ...add32, ...set(7)];
  return [...endOfOut, ...endOfQuery, ...loopWhileBelow(4, 5, [...one, ...store]), end];
}

function binary(): Uint8Array {
  const code = (locals: readonly (readonly [count: number, type: number])[], body: Code): Code =>
    sized([locals.length, ...locals.flat(), ...body]);
  const parts: readonly (readonly [id: number, items: readonly Code[]])[] = [
    [
      1,
      [
        [0x60, 2, i32, i32, 1, i32],
        [0x60, 5, i32, i32, i32, i32, i32, 0],
      ],
    ],
    [2, [[...name('js'), ...name('memory'), 0x02, 0x00, 0x00]]],
    [3, [[0], [1]]],
    [
      7,
      [
        [...name('read'), 0x00, 0],
        [...name('dots'), 0x00, 1],
      ],
    ],
    [
      10,
      [
        code([[8, v128]], readBody()),
        code(
          [
            [3, i32],
            [4, v128],
          ],
          dotsBody(),
        ),
      ],
    ],
  ];
  const sections = parts.flatMap(([id, items]) => [id, ...sized([items.length, ...items.flat()])]);
  return Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections]);
}

function name(text: string): Code {
  return sized([...Buffer.from(text)]);
}

function sized(bytes: Code): Code {
  return [...unsigned(bytes.length), ...bytes];
}

/** LEB128. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >> 7)];
}
