import { IndexError, type VectorHit } from '@skillrl/core';

/**
 * Unit vectors in one typed array, row after row without gaps, with an exact search. What the flat index is, and what the graph index
 * falls back to.
 */
export class VectorRows {
  readonly dimensions: number;
  /** Row-major, `capacity × dimensions`; the first `ids.length` rows are in use. */
  #numbers = new Float32Array(0);
  #ids: string[] = [];
  #groups: string[] = [];
  readonly #rowOf = new Map<string, number>();

  constructor(dimensions: number) {
    this.dimensions = dimensions;
  }

  get size(): number {
    return this.#ids.length;
  }

  has(id: string): boolean {
    return this.#rowOf.has(id);
  }

  /** How many rows a filter allows; without one, all. */
  allowed(isAllowed?: (id: string) => boolean): number {
    return isAllowed === undefined ? this.size : this.#ids.filter(isAllowed).length;
  }

  /** Asks the filter once for each group, and gives what it says of ids. */
  byId(filter?: (group: string) => boolean): ((id: string) => boolean) | undefined {
    if (filter === undefined) return undefined;
    const answers = new Map([...new Set(this.#groups)].map((group) => [group, filter(group)]));
    return (id) => answers.get(this.#groups[this.#rowOf.get(id)!]!) === true;
  }

  unitOf(id: string): Float32Array | undefined {
    const row = this.#rowOf.get(id);
    return row === undefined ? undefined : this.#numbers.slice(row * this.dimensions, (row + 1) * this.dimensions);
  }

  /** Adds or replaces; `unit` must be of unit length. */
  set(id: string, unit: Float32Array, group: string): void {
    let row = this.#rowOf.get(id);
    if (row === undefined) {
      row = this.#ids.push(id) - 1;
      this.#rowOf.set(id, row);
      this.#grow(this.#ids.length);
    }
    this.#numbers.set(unit, row * this.dimensions);
    this.#groups[row] = group;
  }

  /** Moves the last row into the gap. */
  delete(id: string): boolean {
    const row = this.#rowOf.get(id);
    if (row === undefined) return false;
    this.#rowOf.delete(id);
    const last = this.#ids.pop()!;
    const lastGroup = this.#groups.pop()!;
    if (last !== id) {
      this.#numbers.copyWithin(
        row * this.dimensions,
        this.#ids.length * this.dimensions,
        (this.#ids.length + 1) * this.dimensions,
      );
      this.#ids[row] = last;
      this.#groups[row] = lastGroup;
      this.#rowOf.set(last, row);
    }
    return true;
  }

  clear(): void {
    this.#numbers = new Float32Array(0);
    this.#ids = [];
    this.#groups = [];
    this.#rowOf.clear();
  }

  /** Every id with its row; the row is a window on the array, valid until the next change. */
  *entries(): Generator<[id: string, unit: Float32Array]> {
    for (const [row, id] of this.#ids.entries()) {
      yield [id, this.#numbers.subarray(row * this.dimensions, (row + 1) * this.dimensions)];
    }
  }

  /** The exact answer: by falling similarity, ties by id. The filter is asked first, so a narrow one makes the search cheap. */
  nearest(unit: Float32Array, limit: number, filter?: (id: string) => boolean): VectorHit[] {
    const nearest = new NearestHits(limit);
    const numbers = this.#numbers;
    for (const [row, id] of this.#ids.entries()) {
      if (filter === undefined || filter(id)) nearest.offer(id, dotProduct(numbers, row * this.dimensions, unit));
    }
    return nearest.hits;
  }

  #grow(rows: number): void {
    const needed = rows * this.dimensions;
    if (needed <= this.#numbers.length) return;
    const larger = new Float32Array(Math.max(needed, 64 * this.dimensions, Math.ceil(this.#numbers.length * 1.5)));
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

/** The best hits so far, sorted. */
export class NearestHits {
  readonly hits: VectorHit[] = [];
  readonly #limit: number;

  /** @throws {IndexError} `LIMIT_INVALID` */
  constructor(limit: number) {
    if (!(limit >= 1 && (Number.isInteger(limit) || limit === Infinity))) {
      throw new IndexError({
        code: 'LIMIT_INVALID',
        message: `A search was asked for ${limit} hits: the limit must be a whole number ≥ 1.`,
      });
    }
    this.#limit = limit;
  }

  offer(id: string, dot: number): void {
    const { hits } = this;
    // Rounding can carry the product of two unit vectors a little beyond 1.
    const similarity = Math.max(-1, Math.min(1, dot));
    if (hits.length === this.#limit) {
      const worst = hits.at(-1);
      if (worst === undefined || !isNearer(id, similarity, worst)) return;
      hits.pop();
    }
    let place = hits.length;
    while (place > 0 && isNearer(id, similarity, hits[place - 1]!)) place -= 1;
    hits.splice(place, 0, { id, similarity });
  }
}

function isNearer(id: string, similarity: number, than: VectorHit): boolean {
  return similarity > than.similarity || (similarity === than.similarity && id < than.id);
}

/** Four sums side by side: the processor adds them at once instead of waiting for each. */
function dotProduct(rows: Float32Array, start: number, unit: Float32Array): number {
  const length = unit.length;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let position = 0;
  for (; position + 3 < length; position += 4) {
    a += rows[start + position]! * unit[position]!;
    b += rows[start + position + 1]! * unit[position + 1]!;
    c += rows[start + position + 2]! * unit[position + 2]!;
    d += rows[start + position + 3]! * unit[position + 3]!;
  }
  for (; position < length; position += 1) a += rows[start + position]! * unit[position]!;
  return a + b + (c + d);
}
