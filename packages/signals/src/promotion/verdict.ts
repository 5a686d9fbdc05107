/** Whose word an outcome is, from the most to the least trusted; a model's and a tool's own report are worth the same: nothing. */
export type VerdictSource = 'environment' | 'grader' | 'user' | 'model' | 'tool';

/** What one source says of an episode's outcome. */
export interface Verdict {
  /** In [0, 1], 1 is full success; `null` when the source could not say. */
  readonly score: number | null;
  readonly source: VerdictSource;
  /** True when the word of the source can be relied on: an environment's reward, a test, a signed grade. Of a model or tool it is taken for false. */
  readonly verified: boolean;
  /** Who said it, such as `alfworld` or a reviewer's name: two verdicts of one name are one verification. Default: the source. */
  readonly verifier?: string;
}

/** A verdict whose source gave a score. */
export interface ScoredVerdict extends Verdict {
  readonly score: number;
}

const ranks: Readonly<Record<VerdictSource, number>> = { environment: 3, grader: 2, user: 1, model: 0, tool: 0 };

/** Whether the word of the source can verify anything at all. */
export function isTrusted({ source }: Verdict): boolean {
  return ranks[source] > 0;
}

export function isVerified(verdict: Verdict): boolean {
  return verdict.verified && isTrusted(verdict);
}

/** The verdicts that count: those with a score, of the most trusted kind there is. What is verified outranks what is not. */
export function decidingVerdicts(verdicts: readonly Verdict[]): readonly ScoredVerdict[] {
  const scored = verdicts.filter((verdict): verdict is ScoredVerdict => verdict.score !== null);
  const highest = Math.max(...scored.map(rank));
  return scored.filter((verdict) => rank(verdict) === highest);
}

/**
 * Refuses what is no verdict.
 *
 * @throws {RangeError} for a source without a rank, and for a score that is neither null nor in [0, 1].
 */
export function checkVerdict({ score, source }: Verdict): void {
  if (!Object.hasOwn(ranks, source)) {
    throw new RangeError(`A verdict comes from '${source}': use one of ${Object.keys(ranks).join(', ')}.`);
  }
  if (score !== null && !(score >= 0 && score <= 1)) {
    throw new RangeError(
      `The score of a verdict is ${score}: give a number in [0, 1], or null when the source could not say.`,
    );
  }
}

function rank(verdict: Verdict): number {
  return ranks[verdict.source] + (isVerified(verdict) ? 10 : 0);
}
