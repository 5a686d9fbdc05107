import { createHash } from 'node:crypto';

/** A stream of random draws that depends on nothing but its key. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** Uniform in 0 … `end` − 1. */
  below(end: number): number;
  /** @throws {RangeError} when the list is empty. */
  pick<T>(list: readonly T[]): T;
  /** @throws {RangeError} when no weight is above 0. */
  draw<T>(weighted: readonly (readonly [value: T, weight: number])[]): T;
  /** A new list in random order. */
  shuffle<T>(list: readonly T[]): T[];
}

/**
 * The stream of a key: equal keys give equal draws on every machine.
 *
 * Ours: SHA-256 of the key as the state of xoshiro128** (Blackman and Vigna 2021, doi:10.1145/3460772).
 */
export function randomFor(key: string): Random {
  const digest = createHash('sha256').update(key).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let d = digest.readUInt32LE(12);

  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(next() * end);
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new RangeError('Cannot pick from an empty list.');
    return list[below(list.length)] as T;
  };

  return {
    next,
    below,
    pick,
    chance: (probability) => next() < probability,
    draw: (weighted) => {
      const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
      if (!(total > 0)) throw new RangeError('Cannot draw where no weight is above 0.');
      let rest = next() * total;
      for (const [value, weight] of weighted) {
        rest -= weight;
        if (rest < 0) return value;
      }
      return (weighted.findLast(([, weight]) => weight > 0) as readonly [never, number])[0];
    },
    shuffle: (list) => {
      const shuffled = [...list];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = below(last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other] as never, shuffled[last] as never];
      }
      return shuffled;
    },
  };
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
