import { diversityAlarm, effectiveDiversity, type DomainKind, type EffectiveDiversity } from '@skillrl/signals';

import type { JudgedRollouts } from './build-batch.ts';
import type { DiversityReport } from './iteration-manifest.ts';
import type { IterationState } from './iteration-state.ts';

/**
 * How different the good plays of each game are, and whether that fell since the run began where it should not have: an alarm is raised for divergent
 * domains only. Plays mean the same when their actions are the same; plays that did not succeed are no diversity.
 */
export function watchDiversity(
  groups: readonly JudgedRollouts[],
  start: IterationState['diversity'],
): DiversityReport[] {
  return [...diversityByDomain(groups)].map(([domainKind, now]) => {
    const before = start?.[domainKind]?.map(whole) ?? now;
    const { alarm, fall, reason } = diversityAlarm(before, now, { domainKind });
    const effectivePairs = now.reduce((sum, one) => sum + (one.effectivePairs ?? 0), 0) / now.length;
    return { domainKind, effectivePairs, ...(fall !== undefined && { fall }), alarm, reason };
  });
}

/** What a state keeps of a group's diversity, with the parts that no alarm reads. */
function whole(kept: {
  readonly count: number;
  readonly validCount: number;
  readonly effectivePairs?: number;
}): EffectiveDiversity {
  return { fixed: undefined, validPairs: undefined, rawPairs: undefined, effectivePairs: undefined, ...kept };
}

/** The diversity that later ones are compared with: that of the first groups of each kind of domain. */
export function startOfDiversity(
  groups: readonly JudgedRollouts[],
  known: IterationState['diversity'],
): IterationState['diversity'] {
  const kept = [...diversityByDomain(groups)].map(([domainKind, own]) => [
    domainKind,
    own.map(({ count, validCount, effectivePairs }) => ({ count, validCount, effectivePairs })),
  ]);
  return { ...Object.fromEntries(kept), ...known };
}

function diversityByDomain(groups: readonly JudgedRollouts[]): Map<DomainKind, EffectiveDiversity[]> {
  // Diversity depends on the number of plays, so that only whole groups compare.
  const complete = groups.filter(
    ({ planned, scored }) =>
      scored.length === planned.rollouts.length && scored.every(({ correct }) => correct !== null),
  );
  const byDomain = Map.groupBy(complete, ({ planned }) => planned.task.domainKind);
  return new Map(
    [...byDomain].map(([domainKind, own]) => [
      domainKind,
      own.map(({ scored }) =>
        effectiveDiversity(
          scored.map(({ rollout }) => rollout.episode.steps.map(({ action }) => action).join('\n')),
          scored.map(({ correct }) => correct ?? 0),
        ),
      ),
    ]),
  );
}
