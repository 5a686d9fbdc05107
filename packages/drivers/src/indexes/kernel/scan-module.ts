import { wasm, wasmModule, type Code } from './wasm-module.ts';

/** How 16 products of bytes are summed up: by one relaxed instruction, or by several that every engine with SIMD has. */
export type DotInstruction = 'relaxed' | 'plain';

/** What the scan's module exports. Addresses are bytes in its memory. */
export type Scan = (
  /** Address of row numbers (u32); 0: the rows are consecutive. */
  list: number,
  /** First place in the list, or row. */
  from: number,
  /** Place or row after the last. */
  to: number,
  /** Address of row 0. A row is its codes, then its scale and its error (f32 each); 16-byte aligned. */
  rows: number,
  /** Where pairs of row (u32) and upper bound (f32) are written. */
  out: number,
  /** Only rows whose upper bound is no less are written. */
  threshold: number,
  /** 64 times the sum of the query's codes. */
  bias: number,
  /** The query's scale, the norm of what its codes stand for, and what is added to every bound. */
  scale: number,
  norm: number,
  slack: number,
  /** @returns the address after the last pair. */
) => number;

/**
 * Writes, of each row whose upper bound of the similarity reaches a threshold, its number and that bound:
 *
 *     (Σ query code × row code − bias) × query scale × row scale + row error × query norm + slack
 *
 * The query's codes (signed bytes) stand at `query`; `codeBytes` is how many a row has, a multiple of 16.
 */
export function scanModule(dot: DotInstruction, codeBytes: number, query: number): Uint8Array<ArrayBuffer> {
  const step = Math.min(codeBytes, unrolled);
  const whole = codeBytes - (codeBytes % step);
  return wasmModule({
    parameters: {
      list: 'i32',
      from: 'i32',
      to: 'i32',
      rows: 'i32',
      out: 'i32',
      threshold: 'f32',
      bias: 'i32',
      scale: 'f32',
      norm: 'f32',
      slack: 'f32',
    },
    locals: {
      row: 'i32',
      address: 'i32',
      place: 'i32',
      bound: 'f32',
      sum0: 'v128',
      sum1: 'v128',
      sum2: 'v128',
      sum3: 'v128',
    },
    result: 'i32',
    body: ({ get, set, tee }) => {
      const sums = ['sum0', 'sum1', 'sum2', 'sum3'] as const;
      /** Adds the products of so many bytes from `place` and `address` on. */
      const products = (bytes: number): Code =>
        Array.from({ length: bytes / 16 }, (_, word) => {
          const sum = sums[word % 4]!;
          const operands = [get('place'), wasm.v128Load(query + word * 16), get('address'), wasm.v128Load(word * 16)];
          return [dot === 'relaxed' ? relaxedDot(operands, get(sum)) : plainDot(operands, get(sum)), set(sum)];
        });
      const advance = (bytes: number): Code => [
        [get('place'), wasm.i32Const(bytes), wasm.i32Add, set('place')],
        [get('address'), wasm.i32Const(bytes), wasm.i32Add, set('address')],
      ];
      const nextRow = wasm.loop(
        [
          get('list'),
          wasm.if(get('list'), get('from'), wasm.i32Const(4), wasm.i32Multiply, wasm.i32Add, wasm.i32Load, set('row')),
        ],
        [get('list'), wasm.i32Const(0), wasm.i32Equal, wasm.if(get('from'), set('row'))],
        [
          get('row'),
          wasm.i32Const(codeBytes + headerBytes),
          wasm.i32Multiply,
          get('rows'),
          wasm.i32Add,
          set('address'),
        ],
        [wasm.i32Const(0), set('place')],
        sums.map((sum) => [wasm.v128Zero, set(sum)]),
        whole === step
          ? [products(step), advance(step)]
          : wasm.loop(
              products(step),
              advance(step),
              get('place'),
              wasm.i32Const(whole),
              wasm.i32LessUnsigned,
              wasm.brIf(0),
            ),
        products(codeBytes - whole),
        advance(codeBytes - whole),

        [get('sum0'), get('sum1'), wasm.i32x4Add, get('sum2'), get('sum3'), wasm.i32x4Add, wasm.i32x4Add, set('sum0')],
        [get('sum0'), wasm.i32x4ExtractLane(0), get('sum0'), wasm.i32x4ExtractLane(1), wasm.i32Add],
        [get('sum0'), wasm.i32x4ExtractLane(2), get('sum0'), wasm.i32x4ExtractLane(3), wasm.i32Add, wasm.i32Add],
        [get('bias'), wasm.i32Subtract, wasm.f32OfI32],
        [get('address'), wasm.f32Load(0), get('scale'), wasm.f32Multiply, wasm.f32Multiply],
        [get('address'), wasm.f32Load(4), get('norm'), wasm.f32Multiply, wasm.f32Add],
        [get('slack'), wasm.f32Add, tee('bound')],
        [get('threshold'), wasm.f32GreaterOrEqual],
        wasm.if(
          [get('out'), get('row'), wasm.i32Store],
          [get('out'), get('bound'), wasm.f32Store(4)],
          [get('out'), wasm.i32Const(8), wasm.i32Add, set('out')],
        ),
        [get('from'), wasm.i32Const(1), wasm.i32Add, tee('from'), get('to'), wasm.i32LessUnsigned, wasm.brIf(0)],
      );
      return [get('from'), get('to'), wasm.i32LessUnsigned, wasm.if(nextRow), get('out')];
    },
  });
}

/** After a row's codes. */
export const headerBytes = 16;
/** So many bytes are multiplied without a loop. */
const unrolled = 384;

/** Trap: the operand that must be 0 to 127, that of the row, comes second. Each sum of two products fits 16 bits: 2 × 127 × 127 < 2^15. */
function relaxedDot(operands: Code, sum: Code): Code {
  return [operands, sum, wasm.i32x4RelaxedDotAdd];
}

function plainDot(operands: Code, sum: Code): Code {
  return [
    operands,
    wasm.i16x8ProductsLow,
    operands,
    wasm.i16x8ProductsHigh,
    wasm.i16x8Add,
    wasm.i32x4AddPairs,
    sum,
    wasm.i32x4Add,
  ];
}
