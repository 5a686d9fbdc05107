import { contentHash, type Episode, type Evidence, type Trust } from '@skillrl/core';

/** Whose word may, by default, become part of an entry that is served. */
export const trustedByDefault: readonly Trust[] = ['environment', 'grader', 'user'];

/**
 * Evidence from an episode, trusted when nothing in the stretch was said by a source outside `trusted`.
 *
 * @param steps - first and last step index, both included. Default: the whole episode.
 */
export function evidenceFrom(
  episode: Episode,
  trusted: ReadonlySet<Trust>,
  steps?: readonly [number, number],
): Evidence {
  const [first, last] = steps ?? [0, Infinity];
  const stretch = episode.steps.filter(({ index }) => index >= first && index <= last);
  return {
    episodeId: episode.id,
    taskId: episode.task.id,
    steps,
    hash: contentHash(JSON.stringify(stretch.map(({ action, observation }) => [action, observation ?? '']))),
    // Later steps were taken with the earlier text in mind, so everything up to the end of the stretch counts.
    trusted: episode.steps.every(({ index, trust = 'environment' }) => index > last || trusted.has(trust)),
  };
}

/** Evidence of both lists, each stretch of an episode once; what is new replaces an older reading of the same stretch. */
export function joinEvidence(older: readonly Evidence[], newer: readonly Evidence[]): Evidence[] {
  const byStretch = new Map<string, Evidence>();
  for (const evidence of [...older, ...newer]) {
    byStretch.set(`${evidence.episodeId} ${evidence.steps?.join('-') ?? ''}`, evidence);
  }
  return [...byStretch.values()];
}

/** What an episode says, in one hash: when it changes, such as by a late outcome, the episode is distilled anew. */
export function episodeHash(episode: Episode): string {
  const { id: _id, startedAt: _startedAt, endedAt: _endedAt, ...said } = episode;
  return contentHash(JSON.stringify(said));
}
