import type { Episode } from '@skillrl/core';
import { promote, type Promotion } from '@skillrl/signals';

/** What makes one believe an episode's success less, known only by comparing it with others. */
export interface Doubts {
  /** Success rate of other episodes on its task, in [0, 1]; absent or `null` when too little is known. A rare success may be luck. */
  readonly passRate?: number | null;
  /** Signs that the success was not earned, such as `answer-repeated`. */
  readonly shortcutFlags?: readonly string[];
}

/**
 * What memory may make of a finished episode. The rule is `promote` of the signals, here and nowhere else: an environment's outcome is one
 * verification by that environment.
 */
export function promotionOf(episode: Episode, doubts: Doubts = {}): Promotion {
  const { purpose, outcome, end } = episode;
  const isGraded = outcome?.status === 'success' || outcome?.status === 'failure';
  return promote({
    purpose,
    verdicts: isGraded
      ? [{ score: outcome.status === 'success' ? 1 : 0, source: outcome.source, verified: outcome.verified }]
      : [],
    end: end === 'interrupted' ? 'errored' : end,
    ...doubts,
  });
}
