/**
 * Natural logarithm of the gamma function.
 *
 * @param x - in (0, 1e300].
 * @returns error below 1e-14 of max(1, |result|).
 * @throws {RangeError} outside that range.
 *
 * Source: Stirling's series (DLMF 5.11.1, eight terms) from 10 on, below it the recurrence Γ(x + 1) = x Γ(x).
 */
export function logGamma(x: number): number {
  if (!(x > 0 && x <= 1e300)) throw new RangeError(`x is ${x}: log-gamma is given for numbers in (0, 1e300].`);
  let shifted = x;
  let product = 1;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const square = inverse * inverse;
  let series = 0;
  for (const coefficient of stirling) series = series * square + coefficient;
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + series * inverse - Math.log(product)
  );
}

/** B₂ₖ / (2k (2k − 1)) for k = 8 … 1, highest power first. */
const stirling = [-3617 / 122_400, 1 / 156, -691 / 360_360, 1 / 1_188, -1 / 1_680, 1 / 1_260, -1 / 360, 1 / 12];
