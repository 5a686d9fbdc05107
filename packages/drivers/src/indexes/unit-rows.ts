/**
 * Vectors in full precision, row after row, in chunks of some megabytes: growing copies nothing. A chunk that is being saved is copied before
 * it changes.
 */
export class UnitRows {
  readonly dimensions: number;
  readonly #shift: number;
  #chunks: Float32Array<ArrayBuffer>[] = [];
  #shared = new Set<Float32Array>();

  constructor(dimensions: number) {
    this.dimensions = dimensions;
    // A power of two, so that a row's chunk is found by a shift: 1.5 MB at 384 numbers.
    this.#shift = Math.max(0, Math.min(10, Math.floor(Math.log2(2 ** 19 / dimensions))));
  }

  /** Rows `from` to the end of their chunk are made of the numbers, which are kept and not copied; a last, partial chunk is. */
  static of(dimensions: number, count: number, numbers: Float32Array<ArrayBuffer>): UnitRows {
    const rows = new UnitRows(dimensions);
    const perChunk = dimensions << rows.#shift;
    for (let at = 0; at < count * dimensions; at += perChunk) {
      const part = numbers.subarray(at, Math.min(at + perChunk, count * dimensions));
      rows.#chunks.push(part.length === perChunk ? part : grown(part, perChunk));
    }
    return rows;
  }

  set(row: number, unit: Float32Array): void {
    this.#writable(row).set(unit, this.#offset(row));
  }

  move(from: number, to: number): void {
    this.#writable(to).set(this.view(from), this.#offset(to));
  }

  /** A window on a row, valid until the next change. */
  view(row: number): Float32Array<ArrayBuffer> {
    const offset = this.#offset(row);
    return this.#chunks[row >>> this.#shift]!.subarray(offset, offset + this.dimensions);
  }

  /** Cosine of a row and a query, both of length 1, summed in double precision. */
  similarity(row: number, unit: Float32Array): number {
    return clampCosine(dotProduct(this.#chunks[row >>> this.#shift]!, this.#offset(row), unit));
  }

  /** The first rows as they are now; what changes afterwards does not change them. */
  share(count: number): Uint8Array<ArrayBuffer>[] {
    const runs: Uint8Array<ArrayBuffer>[] = [];
    const perChunk = this.dimensions << this.#shift;
    for (const [number, chunk] of this.#chunks.entries()) {
      const length = Math.min(perChunk, count * this.dimensions - number * perChunk);
      if (length <= 0) break;
      this.#shared.add(chunk);
      runs.push(new Uint8Array(chunk.buffer, chunk.byteOffset, length * 4));
    }
    return runs;
  }

  /** What was shared may change again. */
  unshare(): void {
    this.#shared = new Set();
  }

  #offset(row: number): number {
    return (row & ((1 << this.#shift) - 1)) * this.dimensions;
  }

  #writable(row: number): Float32Array<ArrayBuffer> {
    const number = row >>> this.#shift;
    let chunk = this.#chunks[number];
    if (chunk === undefined) chunk = new Float32Array(this.dimensions << this.#shift);
    else if (this.#shared.has(chunk)) chunk = chunk.slice();
    this.#chunks[number] = chunk;
    return chunk;
  }
}

function grown(part: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(length);
  whole.set(part);
  return whole;
}

/** Rounding can carry the product of two vectors of length 1 a little beyond 1. */
export function clampCosine(product: number): number {
  return Math.max(-1, Math.min(1, product));
}

/** Eight sums side by side: the processor adds them at once instead of waiting for each. In the order of `productModule`. */
function dotProduct(rows: Float32Array, start: number, unit: Float32Array): number {
  const { length } = unit;
  let [a, b, c, d, e, f, g, h, place] = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (; place + 7 < length; place += 8) {
    a += rows[start + place]! * unit[place]!;
    b += rows[start + place + 1]! * unit[place + 1]!;
    c += rows[start + place + 2]! * unit[place + 2]!;
    d += rows[start + place + 3]! * unit[place + 3]!;
    e += rows[start + place + 4]! * unit[place + 4]!;
    f += rows[start + place + 5]! * unit[place + 5]!;
    g += rows[start + place + 6]! * unit[place + 6]!;
    h += rows[start + place + 7]! * unit[place + 7]!;
  }
  const rest = (lane: number): number =>
    place + lane < length ? rows[start + place + lane]! * unit[place + lane]! : 0;
  if (place < length) {
    a += rest(0);
    b += rest(1);
    c += rest(2);
    d += rest(3);
    e += rest(4);
    f += rest(5);
    g += rest(6);
  }
  return a + c + (e + g) + (b + d + (f + h));
}
