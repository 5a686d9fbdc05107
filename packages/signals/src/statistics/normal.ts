/**
 * Probability that a standard normal number is at most `z`.
 *
 * @param z - finite.
 * @returns in [0, 1], relative error below 1e-13 also in the lower tail (0 below about −38.5). For the upper tail ask for −z.
 * @throws {RangeError} when `z` is not finite.
 *
 * Source: the series of Marsaglia 2004 (J. Stat. Software 11:4) within 3 deviations, beyond them Laplace's continued fraction
 * (DLMF 7.9.3).
 */
export function normalCdf(z: number): number {
  if (!Number.isFinite(z)) throw new RangeError(`z is ${z}: give a finite number of standard deviations.`);
  if (z > 3) return 1 - normalCdf(-z);
  const density = Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < -3) {
    let fraction = -z;
    for (let term = 100; term > 0; term -= 1) fraction = -z + term / fraction;
    return density / fraction;
  }
  let term = z;
  let sum = z;
  for (let odd = 3; sum + term !== sum || odd < 5; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return 0.5 + density * sum;
}

/**
 * Quantile of the standard normal distribution.
 *
 * @param probability - in (0, 1).
 * @returns z with Φ(z) = probability, relative error below 1e-12.
 * @throws {RangeError} outside (0, 1).
 *
 * Source: P. J. Acklam's rational approximation (2003, relative error 1.2e-9) and one step of Newton's method on it.
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`probability is ${probability}: give one strictly between 0 and 1.`);
  // 1 − probability is exact from a half on, and the lower tail is where normalCdf keeps its digits.
  if (probability > 0.5) return -normalQuantile(1 - probability);
  if (probability === 0.5) return 0;
  const z = probability < 0.02425 ? tail(Math.sqrt(-2 * Math.log(probability))) : centre(probability - 0.5);
  const miss = (normalCdf(z) - probability) * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2);
  return Number.isFinite(miss) ? z - miss : z;
}

function centre(q: number): number {
  const r = q * q;
  return (
    (q *
      polynomial(
        r,
        [
          -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
          2.506628277459239,
        ],
      )) /
    polynomial(r, [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1])
  );
}

function tail(q: number): number {
  return (
    polynomial(
      q,
      [
        -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
        2.938163982698783,
      ],
    ) / polynomial(q, [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1])
  );
}

/** Coefficients from the highest power down. */
function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
