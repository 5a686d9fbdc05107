/** Bytes of WebAssembly instructions, nested as the text is indented. */
export type Code = readonly (number | Code)[];

/** The instructions that our modules are written with; names as in the WebAssembly text format. */
export const wasm = {
  block: (...body: Code) => [0x02, 0x40, body, 0x0b],
  loop: (...body: Code) => [0x03, 0x40, body, 0x0b],
  if: (...body: Code) => [0x04, 0x40, body, 0x0b],
  br: (depth: number) => [0x0c, depth],
  brIf: (depth: number) => [0x0d, depth],
  i32Const: (value: number) => [0x41, signed(value)],
  i32Load: [0x28, 2, 0],
  i32Store: [0x36, 2, 0],
  i32Equal: 0x46,
  i32LessUnsigned: 0x49,
  i32GreaterOrEqualUnsigned: 0x4f,
  i32Add: 0x6a,
  i32Subtract: 0x6b,
  i32Multiply: 0x6c,
  f32Load: (offset: number) => [0x2a, 2, unsigned(offset)],
  f32Store: (offset: number) => [0x38, 2, unsigned(offset)],
  f32GreaterOrEqual: 0x60,
  f32Add: 0x92,
  f32Multiply: 0x94,
  f32OfI32: 0xb2,
  f64Add: 0xa0,
  v128Load: (offset: number) => [0xfd, 0x00, 0, unsigned(offset)],
  /** Eight bytes, and zeros behind them. */
  v128Load64Zero: (offset: number) => [0xfd, unsigned(0x5d), 0, unsigned(offset)],
  v128Zero: [0xfd, 0x0c, Array.from<number>({ length: 16 }).fill(0)],
  i32x4ExtractLane: (lane: number) => [0xfd, 0x1b, lane],
  f64x2OfLowF32x4: [0xfd, unsigned(0x5f)],
  f64x2Add: [0xfd, unsigned(0xf0)],
  f64x2Multiply: [0xfd, unsigned(0xf2)],
  f64x2ExtractLane: (lane: number) => [0xfd, unsigned(0x21), lane],
  i16x8ProductsLow: [0xfd, unsigned(0x9c)],
  i16x8ProductsHigh: [0xfd, unsigned(0x9d)],
  i16x8Add: [0xfd, unsigned(0x8e)],
  i32x4AddPairs: [0xfd, unsigned(0x7e)],
  i32x4Add: [0xfd, unsigned(0xae)],
  /** i32x4.relaxed_dot_i8x16_i7x16_add_s: signed 8 bit, then 7 bit (0 to 127), then the sums to add to. */
  i32x4RelaxedDotAdd: [0xfd, unsigned(0x113)],
} as const;

const valueTypes = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof valueTypes;

export interface WasmFunction<Name extends string> {
  /** By name, in the order of the call. */
  readonly parameters: Readonly<Partial<Record<Name, ValueType>>>;
  readonly locals: Readonly<Partial<Record<Name, ValueType>>>;
  readonly result: ValueType;
  readonly body: (variable: { get(name: Name): Code; set(name: Name): Code; tee(name: Name): Code }) => Code;
}

/** A module that imports the memory `m.memory` and exports one function, `run`. */
export function wasmModule<Name extends string>(given: WasmFunction<Name>): Uint8Array<ArrayBuffer> {
  const parameters = Object.entries<ValueType | undefined>(given.parameters);
  const locals = Object.entries<ValueType | undefined>(given.locals);
  const names = [...parameters, ...locals].map(([name]) => name);
  const at = (name: string): Code => unsigned(names.indexOf(name));
  const types = (list: readonly (readonly [string, ValueType | undefined])[]): number[] =>
    list.map(([, type]) => valueTypes[type!]);
  const body = given.body({
    get: (name) => [0x20, at(name)],
    set: (name) => [0x21, at(name)],
    tee: (name) => [0x22, at(name)],
  });
  const code = [vector(types(locals).map((type) => [1, type])), body, 0x0b];
  const module: Code = [
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [0x60, vector(types(parameters)), vector([valueTypes[given.result]])]),
    section(2, [text('m'), text('memory'), 0x02, 0x00, unsigned(1)]),
    section(3, [0]),
    section(7, [text('run'), 0x00, 0]),
    section(10, sized(code)),
  ];
  return Uint8Array.from(flatten(module));
}

/** A section with one item. */
function section(id: number, item: Code): Code {
  return [id, sized([1, item])];
}

function sized(code: Code): Code {
  const bytes = flatten(code);
  return [unsigned(bytes.length), bytes];
}

function vector(items: Code): Code {
  return [unsigned(items.length), items];
}

function text(value: string): Code {
  return vector([...Buffer.from(value)]);
}

function flatten(code: Code): number[] {
  return code.flatMap((part) => (typeof part === 'number' ? [part] : flatten(part)));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const isLast = value >= -64 && value < 64;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
