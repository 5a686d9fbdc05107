export interface Packable {
  /** What it is worth, ≥ 0. */
  readonly value: number;
  /** What it takes of the budget, ≥ 0. */
  readonly tokens: number;
}

/** Up to so many items every combination is tried. */
const fewItems = 12;

/**
 * The items to keep within a budget, which is never exceeded. Of up to 12 items the combination of the greatest value, of equal ones the
 * shortest. Of more, the best value per token comes first, and what still fits is added; or the one most valuable item that fits, where that
 * is worth more: never less than half of what is possible.
 *
 * @returns positions of the items kept, rising.
 *
 * Source of the half: Dantzig 1957; the greedy choice and the next item are together worth at least the best.
 */
export function pack(items: readonly Packable[], budget: number): number[] {
  const positions = items.map((_, position) => position);
  const cost = items.reduce((sum, { tokens }) => sum + tokens, 0);
  if (cost <= budget) return positions;
  return items.length <= fewItems ? bestSubset(items, budget) : greedy(items, budget);
}

function bestSubset(items: readonly Packable[], budget: number): number[] {
  let best = 0;
  let bestValue = 0;
  let bestTokens = 0;
  for (let subset = 1; subset < 2 ** items.length; subset += 1) {
    let value = 0;
    let tokens = 0;
    for (let position = 0; position < items.length; position += 1) {
      if ((subset & (1 << position)) === 0) continue;
      value += items[position]!.value;
      tokens += items[position]!.tokens;
    }
    const isBetter = value > bestValue || (value === bestValue && tokens < bestTokens);
    if (tokens <= budget && isBetter) [best, bestValue, bestTokens] = [subset, value, tokens];
  }
  return items.map((_, position) => position).filter((position) => (best & (1 << position)) !== 0);
}

function greedy(items: readonly Packable[], budget: number): number[] {
  const density = (position: number): number => items[position]!.value / Math.max(1, items[position]!.tokens);
  const fitting = items.map((_, position) => position).filter((position) => items[position]!.tokens <= budget);
  const kept: number[] = [];
  let left = budget;
  for (const position of fitting.toSorted((a, b) => density(b) - density(a) || a - b)) {
    if (items[position]!.tokens > left) continue;
    left -= items[position]!.tokens;
    kept.push(position);
  }
  const worth = (positions: readonly number[]): number =>
    positions.reduce((sum, position) => sum + items[position]!.value, 0);
  const single = fitting.toSorted((a, b) => worth([b]) - worth([a]) || a - b).slice(0, 1);
  return worth(single) > worth(kept) ? single : kept.toSorted((a, b) => a - b);
}
