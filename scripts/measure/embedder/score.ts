import { binomialTail, clusterBootstrap, exactMcNemar } from '../../../packages/signals/src/index.ts';
import type { Searcher } from './searchers.ts';

export interface Question {
  readonly text: string;
  readonly paraphrase: string;
  readonly keywords: string;
}

/** Of a set of questions; ranks count from 0, one a question, in the set's order. */
export interface Score {
  readonly name: string;
  readonly ranks: readonly number[];
  /** Shares: right text first, among five; mean reciprocal rank. */
  readonly first: number;
  readonly amongFive: number;
  readonly reciprocalRank: number;
}

/**
 * Ranks every right text among all of them. A tie counts against it, and a text that was not found (score 0 or less) has no rank but the last:
 * so nothing is won by finding nothing.
 */
export async function scoreOf(
  searcher: Searcher,
  questions: readonly Question[],
  field: 'paraphrase' | 'keywords',
): Promise<Score> {
  const ranks: number[] = [];
  for (const [right, question] of questions.entries()) {
    const scores = await searcher.scores(question[field]);
    const own = scores[right]!;
    ranks.push(own <= 0 ? scores.length - 1 : scores.filter((score, other) => other !== right && score >= own).length);
  }
  return scoreFrom(searcher.name, ranks);
}

export function scoreFrom(name: string, ranks: readonly number[]): Score {
  const share = (limit: number): number => ranks.filter((rank) => rank < limit).length / ranks.length;
  const reciprocalRank = ranks.reduce((sum, rank) => sum + 1 / (rank + 1), 0) / ranks.length;
  return { name, ranks, first: share(1), amongFive: share(5), reciprocalRank };
}

/** One searcher against another on the same questions. */
export interface Comparison {
  readonly ours: string;
  readonly other: string;
  /** Questions that only one of the two put first, and McNemar's exact p. */
  readonly first: { readonly onlyOurs: number; readonly onlyOther: number; readonly p: number };
  /** Questions whose right text one of them ranks higher, and the sign test's exact p. */
  readonly rank: { readonly better: number; readonly worse: number; readonly p: number };
  /** Difference of the shares that are first, and of the mean reciprocal ranks, with 95 % intervals by the paired bootstrap. */
  readonly firstDifference: Difference;
  readonly reciprocalRankDifference: Difference;
}

export interface Difference {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export function compare(ours: Score, other: Score): Comparison {
  const pairs = ours.ranks.map((rank, question) => [rank, other.ranks[question]!] as const);
  const count = (holds: (own: number, others: number) => boolean): number =>
    pairs.filter(([own, others]) => holds(own, others)).length;
  const onlyOurs = count((own, others) => own === 0 && others > 0);
  const onlyOther = count((own, others) => own > 0 && others === 0);
  const better = count((own, others) => own < others);
  const worse = count((own, others) => own > others);
  return {
    ours: ours.name,
    other: other.name,
    first: { onlyOurs, onlyOther, p: exactMcNemar(onlyOurs, onlyOther) },
    rank: { better, worse, p: signTest(better, worse) },
    firstDifference: difference(pairs, (rank) => (rank === 0 ? 1 : 0)),
    reciprocalRankDifference: difference(pairs, (rank) => 1 / (rank + 1)),
  };
}

/** Two-sided; ties say nothing. */
function signTest(better: number, worse: number): number {
  return Math.min(1, 2 * binomialTail(Math.max(better, worse), better + worse, 0.5));
}

function difference(pairs: readonly (readonly [number, number])[], worth: (rank: number) => number): Difference {
  const values = pairs.map(([own, other]) => ({ clusters: [], value: worth(own) - worth(other) }));
  const { mean, interval } = clusterBootstrap(values, { draws: 10_000 });
  return { mean, low: interval.low, high: interval.high };
}
