/**
 * A small seeded generator of uniform numbers in [0, 1).
 *
 * @param seed - any safe integer; its lowest 32 bits count.
 * @throws {RangeError} when the seed is not an integer: NaN would pass for 0.
 *
 * Source: mulberry32 (Tommy Ettinger, public domain): an additive counter with a multiply-xorshift finaliser; period 2³².
 */
export function seededRandom(seed: number): () => number {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`The seed is ${seed}: give an integer.`);
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
