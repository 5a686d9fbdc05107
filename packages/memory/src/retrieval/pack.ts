export interface Packable {
  readonly value: number;
  readonly tokens: number;
}

/** Up to so many items every combination is tried. */
const fewItems = 12;

/**
 * The combination of the greatest value that fits the budget; all combinations are tried for few items, otherwise the best value per token
 * comes first.
 *
 * @returns positions of the items kept, rising.
 */
export function pack(items: readonly Packable[], budget: number): number[] {
  const positions = items.map((_, position) => position);
  const cost = (chosen: readonly number[]): number =>
    chosen.reduce((sum, position) => sum + items[position]!.tokens, 0);
  if (cost(positions) <= budget) return positions;
  return items.length <= fewItems ? bestSubset(items, budget) : greedy(items, budget);
}

function bestSubset(items: readonly Packable[], budget: number): number[] {
  let best = 0;
  let bestValue = 0;
  let bestTokens = 0;
  for (let subset = 1; subset < 2 ** items.length; subset += 1) {
    let value = 0;
    let tokens = 0;
    for (const [position, item] of items.entries()) {
      if ((subset & (1 << position)) === 0) continue;
      value += item.value;
      tokens += item.tokens;
    }
    const isBetter = value > bestValue || (value === bestValue && tokens < bestTokens);
    if (tokens <= budget && isBetter) [best, bestValue, bestTokens] = [subset, value, tokens];
  }
  return items.map((_, position) => position).filter((position) => (best & (1 << position)) !== 0);
}

function greedy(items: readonly Packable[], budget: number): number[] {
  const density = (position: number): number => items[position]!.value / Math.max(1, items[position]!.tokens);
  const byDensity = items.map((_, position) => position).toSorted((a, b) => density(b) - density(a) || a - b);
  const kept: number[] = [];
  let left = budget;
  for (const position of byDensity) {
    if (items[position]!.tokens > left) continue;
    left -= items[position]!.tokens;
    kept.push(position);
  }
  return kept.toSorted((a, b) => a - b);
}
