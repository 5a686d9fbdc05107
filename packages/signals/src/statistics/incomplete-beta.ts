import { logGamma } from './log-gamma.ts';

/**
 * Regularised incomplete beta function I_x(a, b): the probability that a Beta(a, b) number is at most x.
 *
 * @param x - in [0, 1].
 * @param a - in (0, 1e8].
 * @param b - in (0, 1e8].
 * @returns in [0, 1]; relative error below 1e-12 for a + b ≤ 1,000 and below 1e-8 up to 10⁶.
 * @throws {RangeError} outside these ranges.
 *
 * Source: the continued fraction of DLMF 8.17.22 by Lentz's method, on the side of the mean where it converges in O(√(a + b)) terms.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1)) throw new RangeError(`x is ${x}: give a number in [0, 1].`);
  if (!(a > 0 && a <= 1e8 && b > 0 && b <= 1e8))
    throw new RangeError(`The parameters are ${a} and ${b}: give two numbers in (0, 1e8].`);
  if (x === 0 || x === 1) return x;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  const value = x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b;
  return Math.min(1, Math.max(0, value));
}

function fraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 100_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;

  function away(denominator: number): number {
    return Math.abs(denominator) < tiny ? tiny : denominator;
  }
}
