import { checkSameLength } from '../checks.ts';

/** What one answer collected. */
export interface Tally {
  readonly answer: string;
  /** Sum of the confidences behind it; its votes, when no confidence counted. */
  readonly weight: number;
  readonly votes: number;
}

export interface ConfidenceVote {
  readonly answer: string;
  /** Weight of the winner over that of all, in (0, 1]. Not calibrated. */
  readonly share: number;
  /** `majority`: no confidence was above 0, so that each answer had one vote. */
  readonly by: 'confidence' | 'majority';
  /** In the order in which answers were first seen. */
  readonly tallies: readonly Tally[];
}

/**
 * Confidence-weighted majority of several samples: argmax over a of Σ q_i over the samples that answered a.
 *
 * @param answers - one for each sample, in a normal form (equal texts are equal answers); `null` for a sample without an answer: it does not vote.
 * @param confidences - one for each sample. One that is `null`, not finite or outside [0, 1] weighs 0.
 * @returns of equal answers (within 1e-12 of all weight) the one first seen; `undefined` when nobody answered.
 * @throws {RangeError} when the lengths differ.
 *
 * Source: Damani et al. 2025, arXiv:2507.16806, test-time scaling. Ours: plain majority when no confidence counts, and the rule for ties.
 */
export function confidenceVote(
  answers: readonly (string | null)[],
  confidences: ArrayLike<number | null>,
): ConfidenceVote | undefined {
  checkSameLength('answers', answers, 'confidences', confidences);
  const byAnswer = new Map<string, { weight: number; votes: number }>();
  answers.forEach((answer, index) => {
    if (answer === null) return;
    const tally = byAnswer.get(answer) ?? { weight: 0, votes: 0 };
    tally.weight += weightOf(confidences[index]!);
    tally.votes += 1;
    byAnswer.set(answer, tally);
  });
  const counted = [...byAnswer].map(([answer, tally]) => ({ answer, ...tally }));
  const [first] = counted;
  if (first === undefined) return undefined;

  const isWeighted = counted.some(({ weight }) => weight > 0);
  const tallies = isWeighted ? counted : counted.map((tally) => ({ ...tally, weight: tally.votes }));
  const total = tallies.reduce((sum, { weight }) => sum + weight, 0);
  const winner = tallies.reduce((lead, tally) => (tally.weight > lead.weight + 1e-12 * total ? tally : lead));
  return { answer: winner.answer, share: winner.weight / total, by: isWeighted ? 'confidence' : 'majority', tallies };
}

function weightOf(confidence: number | null): number {
  return confidence !== null && confidence >= 0 && confidence <= 1 ? confidence : 0;
}
