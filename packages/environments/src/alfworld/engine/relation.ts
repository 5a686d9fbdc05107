import { Hash } from './hash.ts';

/**
 * The facts of one predicate: an immutable, sorted set of keys. A key is the arguments' object numbers as digits in base `base`; objects are
 * numbered in the order of their ids, so that the order of keys is the lexicographic order of the facts.
 *
 * Relations of at most one fact are kept by the empty relation they grew from, so that coming back to one gives the same object: what was
 * computed for it (see `commands.ts`) is found again.
 */
export class Relation {
  readonly arity: number;
  readonly base: number;
  readonly keys: readonly number[];
  /** Different for every relation object; what a cache may be keyed by. */
  readonly serial: number;
  readonly #columns: (Map<number, number[]> | undefined)[] = [];
  readonly #empty: Relation;
  #singles: Map<number, Relation> | undefined;
  #hash: Hash | undefined;

  private constructor(arity: number, base: number, keys: readonly number[], empty: Relation | undefined) {
    this.arity = arity;
    this.base = base;
    this.keys = keys;
    this.#empty = empty ?? this;
    this.serial = serials += 1;
  }

  static empty(arity: number, base: number): Relation {
    return new Relation(arity, base, [], undefined);
  }

  /** This relation and more facts, given in any order and with repetitions. */
  withAll(keys: readonly number[]): Relation {
    const sorted = Float64Array.from(this.keys.length === 0 ? keys : [...this.keys, ...keys]).sort();
    const distinct: number[] = [];
    for (const key of sorted) if (key !== distinct.at(-1)) distinct.push(key);
    return this.#derived(distinct);
  }

  get size(): number {
    return this.keys.length;
  }

  has(key: number): boolean {
    return this.keys[this.#position(key)] === key;
  }

  with(key: number): Relation {
    const at = this.#position(key);
    return this.keys[at] === key ? this : this.#derived(this.keys.toSpliced(at, 0, key));
  }

  without(key: number): Relation {
    const at = this.#position(key);
    return this.keys[at] === key ? this.#derived(this.keys.toSpliced(at, 1)) : this;
  }

  /** The keys whose argument at `column` is `value`, ascending. */
  matching(column: number, value: number): readonly number[] {
    return (this.#columns[column] ??= this.#index(column)).get(value) ?? none;
  }

  /** The object number of the argument at `column` of a key. */
  argument(key: number, column: number): number {
    let rest = key;
    for (let right = this.arity - 1; right > column; right -= 1) rest = Math.floor(rest / this.base);
    return rest % this.base;
  }

  /** Depends on the facts alone. */
  get hash(): Hash {
    if (this.#hash !== undefined) return this.#hash;
    const hash = new Hash();
    hash.add(this.keys.length);
    for (const key of this.keys) hash.add(key);
    return (this.#hash = hash);
  }

  #derived(keys: readonly number[]): Relation {
    const key = keys[0];
    if (key === undefined) return this.#empty;
    if (keys.length > 1) return new Relation(this.arity, this.base, keys, this.#empty);
    const singles = (this.#empty.#singles ??= new Map<number, Relation>());
    let single = singles.get(key);
    if (single === undefined) singles.set(key, (single = new Relation(this.arity, this.base, keys, this.#empty)));
    return single;
  }

  #position(key: number): number {
    const keys = this.keys;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #index(column: number): Map<number, number[]> {
    const index = new Map<number, number[]>();
    for (const key of this.keys) {
      const value = this.argument(key, column);
      const bucket = index.get(value);
      if (bucket === undefined) index.set(value, [key]);
      else bucket.push(key);
    }
    return index;
  }
}

let serials = 0;
const none: readonly number[] = [];
