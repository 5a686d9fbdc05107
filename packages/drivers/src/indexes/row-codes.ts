import { IndexError } from '@skillrl/core';

import { loadScan } from './kernel/load-scan.ts';
import type { Product } from './kernel/product-module.ts';
import { headerBytes, type DotInstruction, type Scan } from './kernel/scan-module.ts';
import type { WasmMemory } from './kernel/web-assembly.ts';
import { quantiseQuery, quantiseRow } from './quantise.ts';
import { SmallestOfLargest } from './smallest-of-largest.ts';
import { clampCosine } from './unit-rows.ts';

/** Rows that may be among the nearest, each with a similarity that it cannot exceed. */
export interface Candidates {
  readonly rows: readonly number[];
  readonly bounds: readonly number[];
}

/**
 * Every row's vector once more in 7 bits a number, in the memory of the scan, to find in a quarter of the reading which rows need a look at
 * their full vectors.
 *
 * With a row v ≈ a·s lost e, a query q ≈ b·t lost f and |v| = 1, the similarity is q·v = ab(t·s) + b(t·e) + f·v. The first term is what the
 * scan computes, exactly, in whole numbers; by Cauchy and Schwarz the others are at most |bt||e| + |f|. So each row has an upper and a lower
 * bound, and whatever has an upper bound below the k-th best lower bound is not among the nearest k.
 */
export class RowCodes {
  readonly #memory: WasmMemory;
  readonly #scan: Scan;
  readonly #product: Product;
  readonly #dimensions: number;
  readonly #codeBytes: number;
  readonly #stride: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #wideRow: Float32Array<ArrayBuffer>;

  constructor(dimensions: number, dot: DotInstruction) {
    this.#dimensions = dimensions;
    this.#codeBytes = Math.ceil(dimensions / 16) * 16;
    this.#stride = this.#codeBytes + headerBytes;
    const loaded = loadScan(dot, this.#codeBytes, layout);
    this.#memory = loaded.memory;
    this.#scan = loaded.scan;
    this.#product = loaded.product;
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
    this.#wideRow = new Float32Array(this.#memory.buffer, layout.wideRow, dimensions);
  }

  /** Makes room. @throws {IndexError} `INDEX_FULL` */
  reserve(rows: number): void {
    const missing = rowsAddress + rows * this.#stride - this.#bytes.length;
    if (missing <= 0) return;
    const most = 65_536 - this.#bytes.length / pageBytes;
    // An eighth more than needed: growing is cheap, but each time all views must be made anew.
    const pages = Math.min(most, Math.ceil((missing + this.#bytes.length / 8) / pageBytes));
    try {
      if (pages * pageBytes < missing) throw new RangeError('WebAssembly has no more than 4 GiB.');
      this.#memory.grow(pages);
    } catch (cause) {
      throw new IndexError({
        code: 'INDEX_FULL',
        message: `The exact index has no memory for ${rows} vectors of ${this.#dimensions} numbers.`,
        hint: 'Its codes may take 4 GiB: split the bank into namespaces, or take an embedder with fewer dimensions.',
        cause,
      });
    }
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
    this.#wideRow = new Float32Array(this.#memory.buffer, layout.wideRow, this.#dimensions);
  }

  /** There must be room for the row. */
  set(row: number, unit: Float32Array): void {
    const address = rowsAddress + row * this.#stride;
    const { scale, error } = quantiseRow(unit, this.#bytes.subarray(address, address + this.#codeBytes));
    this.#view.setFloat32(address + this.#codeBytes, scale, true);
    this.#view.setFloat32(address + this.#codeBytes + 4, error, true);
  }

  move(from: number, to: number): void {
    const address = rowsAddress + from * this.#stride;
    this.#bytes.copyWithin(rowsAddress + to * this.#stride, address, address + this.#stride);
  }

  /** @param list - the rows to look at; a number: so many from the first. @returns among others all of the nearest `limit`, whole number. */
  candidates(unit: Float32Array, limit: number, list: Uint32Array | number): Candidates {
    const count = typeof list === 'number' ? list : list.length;
    const query = quantiseQuery(unit, new Int8Array(this.#memory.buffer, layout.query, this.#codeBytes));
    const slack = query.error * (1 + 1e-5) + rounding;
    const best = new SmallestOfLargest(limit);
    const rows: number[] = [];
    const bounds: number[] = [];
    // The first steps are short: the sooner there is a threshold, the fewer rows are written out.
    let step = 256;
    for (let from = 0; from < count; from += step, step = Math.min(blockRows, step * 4)) {
      const to = Math.min(count, from + step);
      const isList = typeof list !== 'number';
      if (isList) new Uint32Array(this.#memory.buffer, listAddress).set(list.subarray(from, to));
      const end = this.#scan(
        isList ? listAddress : 0,
        isList ? 0 : from,
        isList ? to - from : to,
        rowsAddress,
        outAddress,
        best.smallest,
        query.bias,
        query.scale,
        query.norm,
        slack,
      );
      for (let at = outAddress; at < end; at += 8) {
        const row = this.#view.getUint32(at, true);
        const bound = this.#view.getFloat32(at + 4, true);
        if (bound < best.smallest) continue;
        const error = this.#view.getFloat32(rowsAddress + row * this.#stride + this.#codeBytes + 4, true);
        rows.push(row);
        bounds.push(bound);
        best.offer(bound - 2 * (error * query.norm + slack));
      }
    }
    return { rows, bounds };
  }

  /** What `similarity` compares with from now on. */
  prepare(query: Float32Array): void {
    new Float64Array(this.#memory.buffer, layout.wideQuery, this.#dimensions).set(query);
  }

  /** Cosine of a vector and the prepared query, both of length 1. The same bits as that of `UnitRows`, sooner. */
  similarity(unit: Float32Array): number {
    this.#wideRow.set(unit);
    return clampCosine(this.#product(Math.ceil(this.#dimensions / 8) * 32));
  }
}

const pageBytes = 65_536;
/** More rows are never scanned at once, so that what is written out always has room. */
const blockRows = 4096;
/** A query has at most 65,536 numbers. Memory that is never touched takes none. */
const layout = { query: 0, wideQuery: 2 * pageBytes, wideRow: 10 * pageBytes, rows: 14 * pageBytes } as const;
const rowsAddress = layout.rows;
const listAddress = pageBytes;
const outAddress = listAddress + blockRows * 4;
/** More than the scan's eight roundings to single precision can amount to: 8 × 2^-24 of numbers below 16. */
const rounding = 1e-5;
