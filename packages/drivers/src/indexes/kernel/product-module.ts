import { wasm, wasmModule, type Code } from './wasm-module.ts';

/** What the product's module exports. */
export type Product = (
  /** Bytes of the row, a multiple of 32: eight numbers. */
  bytes: number,
) => number;

/**
 * The product of a row of f32 and a query of f64, summed in double precision in eight lanes, the numbers of a lane lying eight apart. `UnitRows`
 * sums in the same order, so that both give the same bits.
 *
 * @param row @param query - where they stand; behind their last number zeros up to a multiple of eight.
 */
export function productModule(row: number, query: number): Uint8Array<ArrayBuffer> {
  return wasmModule({
    parameters: { bytes: 'i32' },
    locals: { place: 'i32', lanes01: 'v128', lanes23: 'v128', lanes45: 'v128', lanes67: 'v128' },
    result: 'f64',
    body: ({ get, set, tee }) => {
      const pairs = ['lanes01', 'lanes23', 'lanes45', 'lanes67'] as const;
      const addPair = (pair: (typeof pairs)[number], number: number): Code => [
        [get('place'), wasm.v128Load64Zero(row + number * 8), wasm.f64x2OfLowF32x4],
        [get('place'), get('place'), wasm.i32Add, wasm.v128Load(query + number * 16), wasm.f64x2Multiply],
        [get(pair), wasm.f64x2Add, set(pair)],
      ];
      return [
        wasm.loop(pairs.map(addPair), [
          get('place'),
          wasm.i32Const(32),
          wasm.i32Add,
          tee('place'),
          get('bytes'),
          wasm.i32LessUnsigned,
          wasm.brIf(0),
        ]),
        [get('lanes01'), get('lanes23'), wasm.f64x2Add, get('lanes45'), get('lanes67'), wasm.f64x2Add, wasm.f64x2Add],
        [
          set('lanes01'),
          get('lanes01'),
          wasm.f64x2ExtractLane(0),
          get('lanes01'),
          wasm.f64x2ExtractLane(1),
          wasm.f64Add,
        ],
      ];
    },
  });
}
