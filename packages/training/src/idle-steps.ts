import type { Episode } from '@skillrl/core';

/**
 * The share of the steps of lost plays that changed nothing, in [0, 1]: a policy that repeats what does not work shows by it before its success
 * falls. `undefined` when none was lost, or the environment does not tell what changed.
 */
export function idleInLost(episodes: readonly Episode[]): number | undefined {
  const told = episodes
    .filter(({ outcome }) => outcome?.status === 'failure' || outcome?.status === 'truncated')
    .flatMap(({ steps }) => steps.flatMap(({ changed }) => changed ?? []));
  return told.length === 0 ? undefined : told.filter((changed) => !changed).length / told.length;
}
