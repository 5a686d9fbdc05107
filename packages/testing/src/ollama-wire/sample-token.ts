import type { RequestOptions } from './request-options.ts';

/** A token of the vocabulary with its log-probability under the model's own distribution. */
export interface TokenLogprob {
  readonly id: number;
  readonly logprob: number;
}

/** All tokens, likeliest first. @param logits - by token. */
export function logSoftmax(logits: ReadonlyMap<number, number>): TokenLogprob[] {
  const sorted = [...logits].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]);
  const largest = sorted[0]?.[1] ?? 0;
  const logSum = largest + Math.log(sorted.reduce((sum, [, logit]) => sum + Math.exp(logit - largest), 0));
  return sorted.map(([id, logit]) => ({ id, logprob: logit - logSum }));
}

type Filters = Pick<RequestOptions, 'temperature' | 'top_k' | 'top_p' | 'min_p' | 'repeat_penalty' | 'repeat_last_n'>;

/**
 * Draws a token: repeated ones are made less likely, then the k likeliest are kept, then the likeliest up to a mass of `top_p`, then
 * those at least `min_p` times as likely as the first, then the temperature.
 *
 * @param tokens - all, likeliest first.
 * @param recent - what was said before, oldest first.
 * @param random - in [0, 1).
 */
export function drawToken(
  tokens: readonly TokenLogprob[],
  recent: readonly number[],
  options: Filters,
  random: () => number,
): number {
  const { temperature, top_k, top_p, min_p } = options;
  const ranked = penalised(tokens, recent, options);
  if (temperature <= 0) return ranked[0]?.id ?? 0;
  let kept = top_k > 0 ? ranked.slice(0, top_k) : ranked;
  if (top_p < 1) kept = withinMass(kept, top_p);
  const first = kept[0]?.logprob ?? 0;
  kept = kept.filter(({ logprob }, index) => index === 0 || Math.exp(logprob - first) >= min_p);

  const weights = kept.map(({ logprob }) => Math.exp((logprob - first) / temperature));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return kept[index]?.id ?? 0;
  }
  return kept.at(-1)?.id ?? 0;
}

function penalised(
  tokens: readonly TokenLogprob[],
  recent: readonly number[],
  options: Filters,
): readonly TokenLogprob[] {
  const { repeat_penalty, repeat_last_n } = options;
  if (repeat_penalty === 1 || repeat_last_n === 0) return tokens;
  const said = new Set(recent.slice(-repeat_last_n));
  return tokens
    .map(({ id, logprob }) => ({ id, logprob: said.has(id) ? logprob * repeat_penalty : logprob }))
    .toSorted((a, b) => b.logprob - a.logprob || a.id - b.id);
}

function withinMass(tokens: readonly TokenLogprob[], mass: number): readonly TokenLogprob[] {
  const total = tokens.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
  let sum = 0;
  const count = tokens.findIndex(({ logprob }) => (sum += Math.exp(logprob) / total) >= mass);
  return count === -1 ? tokens : tokens.slice(0, count + 1);
}
