/**
 * The facts of one predicate: an immutable, sorted set of keys. A key is the arguments' object numbers as digits in base `base`; objects are
 * numbered in the order of their ids, so that the order of keys is the lexicographic order of the facts.
 */
export class Relation {
  readonly arity: number;
  readonly base: number;
  readonly keys: readonly number[];
  #columns: (Map<number, number[]> | undefined)[] = [];

  /** @param keys - ascending, without repetition. */
  constructor(arity: number, base: number, keys: readonly number[]) {
    this.arity = arity;
    this.base = base;
    this.keys = keys;
  }

  static of(arity: number, base: number, keys: Iterable<number>): Relation {
    const sorted = Float64Array.from(new Set(keys)).sort();
    return new Relation(arity, base, [...sorted]);
  }

  get size(): number {
    return this.keys.length;
  }

  has(key: number): boolean {
    return this.keys[this.#position(key)] === key;
  }

  with(key: number): Relation {
    const at = this.#position(key);
    if (this.keys[at] === key) return this;
    return new Relation(this.arity, this.base, [...this.keys.slice(0, at), key, ...this.keys.slice(at)]);
  }

  without(key: number): Relation {
    const at = this.#position(key);
    if (this.keys[at] !== key) return this;
    return new Relation(this.arity, this.base, [...this.keys.slice(0, at), ...this.keys.slice(at + 1)]);
  }

  /** The keys whose argument at `column` is `value`, ascending. */
  matching(column: number, value: number): readonly number[] {
    return this.#column(column).get(value) ?? none;
  }

  /** The object number of the argument at `column` of a key. */
  argument(key: number, column: number): number {
    let rest = key;
    for (let right = this.arity - 1; right > column; right -= 1) rest = Math.floor(rest / this.base);
    return rest % this.base;
  }

  #position(key: number): number {
    const keys = this.keys;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #column(column: number): Map<number, number[]> {
    const known = this.#columns[column];
    if (known !== undefined) return known;
    const index = new Map<number, number[]>();
    for (const key of this.keys) {
      const value = this.argument(key, column);
      const bucket = index.get(value);
      if (bucket === undefined) index.set(value, [key]);
      else bucket.push(key);
    }
    this.#columns[column] = index;
    return index;
  }
}

const none: readonly number[] = [];
