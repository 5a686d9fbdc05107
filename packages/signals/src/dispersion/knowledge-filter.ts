import { checkCount } from '../checks.ts';
import { worstCount } from './dispersion-weights.ts';

export interface KnowledgeFilterOptions {
  /** ρ in (0, 1]: share of the reference's tokens, those with the worst ranks, that are looked at; at least one token. Default 0.1. */
  readonly share?: number;
  /** k ≥ 1: their mean rank must not be above it after at least one reasoning. Default 100. */
  readonly largestRank?: number;
}

export interface KnowledgeVerdict {
  readonly keep: boolean;
  /** One per rollout: mean of its worst ranks, ≥ 1; `null` for an excluded rollout and for an empty reference. */
  readonly worstRanks: readonly (number | null)[];
  /** The least of these; `undefined` when there are none: then the query is not kept. */
  readonly best: number | undefined;
}

/**
 * Whether the reference is within the policy's knowledge: after some reasoning, even the tokens it expects least are among its likelier ones.
 *
 * @param ranks - one row per rollout: rank of each token of the reference among the vocabulary, 1 the likeliest. `null` for a rollout to leave out.
 * @throws {RangeError} when rows differ in length, a rank is no whole number ≥ 1, or an option is outside its range.
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1, first data filter; the paper names neither ρ nor k, ours are 0.1 and 100.
 */
export function knowledgeFilter(
  ranks: readonly (ArrayLike<number> | null)[],
  options: KnowledgeFilterOptions = {},
): KnowledgeVerdict {
  const { share = 0.1, largestRank = 100 } = options;
  if (!(share > 0 && share <= 1)) throw new RangeError(`share is ${share}: give a number in (0, 1].`);
  if (!(largestRank >= 1)) throw new RangeError(`largestRank is ${largestRank}: give a rank of at least 1.`);
  const tokens = ranks.find((row) => row !== null)?.length ?? 0;
  const worstRanks = ranks.map((row, rollout) => (row === null ? null : worstRank(row, rollout, tokens, share)));
  const best = worstRanks.reduce<number | undefined>(
    (least, rank) => (rank !== null && (least === undefined || rank < least) ? rank : least),
    undefined,
  );
  return { keep: best !== undefined && best <= largestRank, worstRanks, best };
}

function worstRank(row: ArrayLike<number>, rollout: number, tokens: number, share: number): number | null {
  if (row.length !== tokens) {
    throw new RangeError(
      `ranks[${rollout}] has ${row.length} ranks, an earlier one ${tokens}: score the same reference under each.`,
    );
  }
  for (let token = 0; token < tokens; token += 1) checkCount(`ranks[${rollout}][${token}]`, row[token]!, 1);
  if (tokens === 0) return null;
  const worst = Float64Array.from(row).sort().subarray(-worstCount(tokens, share));
  return worst.reduce((sum, rank) => sum + rank, 0) / worst.length;
}
