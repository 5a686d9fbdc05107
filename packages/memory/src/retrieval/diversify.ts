import { tokenise } from './tokenise.ts';

export interface Ranked {
  readonly id: string;
  readonly relevance: number;
  readonly text: string;
}

/** Weight of relevance against novelty. */
const lambda = 0.75;
/** Share of common words above which two entries say the same. */
const duplicate = 0.85;

/**
 * Chooses by maximal marginal relevance: the next one is the most relevant for how little of it has been said already.
 *
 * @returns ids in the order of choice, at most `limit`; and those that only repeat a chosen one.
 *
 * Source: Carbonell and Goldstein 1998. Ours: similarity is the Jaccard index of the words.
 */
export function diversify(
  candidates: readonly Ranked[],
  limit: number,
): { readonly chosen: string[]; readonly duplicates: string[] } {
  const left = candidates.map((candidate) => ({ ...candidate, words: new Set(tokenise(candidate.text)), said: 0 }));
  const chosen: string[] = [];
  const duplicates: string[] = [];
  while (chosen.length < limit && left.length > 0) {
    let best = 0;
    for (let at = 1; at < left.length; at += 1) if (marginal(left[at]!) > marginal(left[best]!)) best = at;
    const [next] = left.splice(best, 1);
    chosen.push(next!.id);
    for (let at = left.length - 1; at >= 0; at -= 1) {
      const other = left[at]!;
      other.said = Math.max(other.said, jaccard(next!.words, other.words));
      if (other.said > duplicate) duplicates.push(...left.splice(at, 1).map(({ id }) => id));
    }
  }
  return { chosen, duplicates };
}

function marginal({ relevance, said }: { readonly relevance: number; readonly said: number }): number {
  return lambda * relevance - (1 - lambda) * said;
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let common = 0;
  for (const word of a) if (b.has(word)) common += 1;
  return common / (a.size + b.size - common);
}
