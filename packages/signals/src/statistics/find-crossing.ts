/**
 * Where a falling function passes from positive to not positive, approached from the positive side.
 *
 * @param excess - falling on (from, to); not asked at `from`, where it may be infinite.
 * @param range.tolerance - default 1e-12 of max(1, |from|, |to|).
 * @returns `from` when no positive place was found, else the largest positive place found: at most one tolerance short of the crossing.
 *
 * Source: the ITP method of Oliveira & Takahashi 2020 (κ₁ = 0.2, κ₂ = 2, n₀ = 1): never more steps than bisection + 1, mostly far fewer.
 */
export function findCrossing(
  excess: (place: number) => number,
  range: { readonly from: number; readonly to: number; readonly tolerance?: number },
): number {
  let low = range.from;
  let high = range.to;
  const tolerance = range.tolerance ?? 1e-12 * Math.max(1, Math.abs(low), Math.abs(high));
  if (!(high > low)) return low;
  let atLow = Number.POSITIVE_INFINITY;
  let atHigh = excess(high);
  if (atHigh > 0) return high;

  const stepsLeft = Math.ceil(Math.log2((high - low) / tolerance)) + 1;
  const narrow = 0.2 / (high - low);
  for (let step = 0; high - low > tolerance; step += 1) {
    const width = high - low;
    const middle = low + width / 2;
    if (middle <= low || middle >= high) break;
    const slack = Math.max(0, (tolerance * 2 ** (stepsLeft - step) - width) / 2);
    const secant = Number.isFinite(atLow) ? (atHigh * low - atLow * high) / (atHigh - atLow) : middle;
    const side = Math.sign(middle - secant);
    const pushed = Math.min(narrow * width * width, Math.abs(middle - secant));
    const truncated = secant + side * pushed;
    const projected = Math.abs(truncated - middle) <= slack ? truncated : middle - side * slack;
    // An end that is the crossing itself leaves a secant that rounds to it, and no push is felt there.
    const place = projected > low && projected < high ? projected : middle;
    const value = excess(place);
    if (value > 0) {
      low = place;
      atLow = value;
    } else {
      high = place;
      atHigh = value;
    }
  }
  return low;
}
