import { type Episode, verdictOf } from '@skillrl/core';

/**
 * Of a play that new versions are judged by: 1 won; 0 lost, or cut off by a limit, which is how a policy ends that has come to say anything;
 * `undefined` when nobody judged it.
 */
export function wonOrLost({ outcome }: Pick<Episode, 'outcome'>): 0 | 1 | undefined {
  if (outcome?.status === 'truncated') return 0;
  const verdict = verdictOf(outcome);
  return verdict && (verdict.isWon ? 1 : 0);
}
