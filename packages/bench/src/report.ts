import type { Rollout } from '@skillrl/core';

import { compareArms, type Contrast, plannedPlays } from './compare.ts';
import type { Manifest } from './manifest.ts';
import { type ArmSummary, summariseArm } from './summarise.ts';

/** A memory shown in the report, as an example of what was learned. */
export interface EntryExample {
  readonly kind: string;
  readonly title: string;
  readonly text: string;
}

/** Everything a run found out, as data: `report.json`, and what `report.html` is drawn from. */
export interface Report {
  readonly manifest: Manifest;
  readonly arms: readonly ArmSummary[];
  readonly contrasts: readonly Contrast[];
  readonly entries: { readonly learned: Readonly<Record<string, number>>; readonly examples: readonly EntryExample[] };
  /** What a reader must know beside the numbers: a missing compiler, houses too few for an interval, an interrupted run. */
  readonly notes: readonly string[];
}

/** @param played - rollouts of the manifest's plan, in any order; a part of it for an interrupted run. */
export function buildReport(
  manifest: Manifest,
  played: readonly Rollout[],
  entries: Report['entries'] = { learned: {}, examples: [] },
  notes: readonly string[] = [],
): Report {
  // Resampling draws by position: in one order, whatever order they came in.
  const rollouts = played.toSorted((a, b) => (a.spec.id < b.spec.id ? -1 : 1));
  const planned = plannedPlays(manifest);
  const arms = manifest.arms.map(({ name }) => summariseArm(name, rollouts, manifest));
  const contrasts = compareArms(rollouts, manifest);
  const clusters = contrasts[0]?.clusters ?? 0;
  return {
    manifest,
    arms,
    contrasts,
    entries,
    notes: [
      ...notes,
      ...outageNotes(rollouts),
      ...(rollouts.length < planned
        ? [
            `Interrupted: ${rollouts.length} of ${planned} planned plays are in. Intervals in brackets assume a plan that was finished; those marked "at any time" hold whenever one stops.`,
          ]
        : []),
      ...(clusters > 0 && clusters < 10
        ? [
            `The games come from ${clusters === 1 ? 'one scene' : `${clusters} scenes`} only: claims hold for these games, not for new scenes.`,
          ]
        : []),
    ],
  };
}

/** How many plays errored or were cut off by a limit of ours, over what, and what to do. */
export function outageNotes(rollouts: readonly Rollout[], one = 'play', several = 'plays'): string[] {
  const reasons = rollouts.flatMap(({ episode: { outcome } }) => {
    if (outcome?.status === 'errored')
      return [`errored: ${outcome.error.message} The same command again tries them again.`];
    return outcome?.status === 'truncated' ? [`cut off by a limit of ours, and left out: ${outcome.limit}`] : [];
  });
  return [...Map.groupBy(reasons, (reason) => reason)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .slice(0, 3)
    .map(([reason, same]) => `${same.length} ${same.length === 1 ? one : several} ${reason}`);
}
