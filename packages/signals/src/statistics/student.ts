import { incompleteBeta } from './incomplete-beta.ts';

/**
 * Probability that a number of Student's t distribution is at most `t`.
 *
 * @param t - finite.
 * @param degrees - degrees of freedom, in [1, 1e8].
 * @returns in [0, 1]; the lower tail keeps its relative precision, so for the upper tail ask for −t.
 * @throws {RangeError} outside these ranges.
 *
 * Source: DLMF 8.17, P(T > t) = I_x(ν/2, 1/2) / 2 at x = ν / (ν + t²).
 */
export function studentCdf(t: number, degrees: number): number {
  if (!Number.isFinite(t)) throw new RangeError(`t is ${t}: give a finite number.`);
  if (!(degrees >= 1 && degrees <= 1e8))
    throw new RangeError(`There are ${degrees} degrees of freedom: give a number in [1, 1e8].`);
  const square = t * t;
  // Of x and 1 − x the smaller one is computed, so that neither tail nor centre loses digits.
  const outside =
    square > degrees
      ? incompleteBeta(degrees / (degrees + square), degrees / 2, 0.5)
      : 1 - incompleteBeta(square / (degrees + square), 0.5, degrees / 2);
  return t < 0 ? outside / 2 : 1 - outside / 2;
}

/**
 * Quantile of Student's t distribution.
 *
 * @param probability - in [1e-100, 1 − 1e-16].
 * @param degrees - degrees of freedom, in [1, 1e8].
 * @throws {RangeError} outside these ranges.
 *
 * Source: bisection of `studentCdf`.
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability >= 1e-100 && probability < 1))
    throw new RangeError(`probability is ${probability}: give one in [1e-100, 1 − 1e-16].`);
  if (probability > 0.5) return -studentQuantile(1 - probability, degrees);
  if (probability === 0.5) return 0;
  let far = 1;
  while (studentCdf(-far, degrees) > probability) far *= 2;
  let near = far === 1 ? 0 : far / 2;
  for (;;) {
    const middle = (near + far) / 2;
    if (middle === near || middle === far) return -far;
    if (studentCdf(-middle, degrees) > probability) near = middle;
    else far = middle;
  }
}
