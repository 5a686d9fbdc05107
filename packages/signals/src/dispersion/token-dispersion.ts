import type { ReferenceMatrix } from './reference-matrix.ts';

/**
 * How much each token of the reference depends on the reasoning before it: σ_j, the deviation of its log-probability across rollouts.
 *
 * @returns one per token, in nats, in [0, −floor / 2]; all 0 with fewer than two rollouts.
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1. The paper does not say which deviation: ours is the population's (over n).
 */
export function tokenDispersion({ rollouts, tokens, values }: ReferenceMatrix): Float64Array {
  const rows = rollouts.length;
  const dispersion = new Float64Array(tokens);
  if (rows < 2) return dispersion;
  for (let token = 0; token < tokens; token += 1) {
    let sum = 0;
    for (let place = token; place < values.length; place += tokens) sum += values[place]!;
    const mean = sum / rows;
    let squares = 0;
    for (let place = token; place < values.length; place += tokens) squares += (values[place]! - mean) ** 2;
    dispersion[token] = Math.sqrt(squares / rows);
  }
  return dispersion;
}
