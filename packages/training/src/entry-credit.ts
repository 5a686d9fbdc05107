import type { EntryExposure, RecallNote } from '@skillrl/core';

import type { EntryCredit } from './iteration-manifest.ts';
import type { PlannedGroup } from './iteration-plan.ts';
import type { ScoredRollout } from './rewards.ts';

/** The one set of entries that all of a group's rollouts saw, perhaps none; `undefined` when they saw different ones. */
export function entriesSeen(scored: readonly ScoredRollout[]): readonly EntryExposure[] | undefined {
  const notes = scored.filter(({ reward }) => reward !== null).map(({ rollout }) => noteOf(rollout.episode.calls));
  const sets = new Set(notes.map((note) => JSON.stringify(note?.shown ?? [])));
  return sets.size > 1 ? undefined : (notes[0]?.shown ?? []);
}

/**
 * What the entries of each game were worth in it: the mean reward of the half that saw them less that of the half that did not. Both halves were
 * sampled by one policy on one task, and advantages are taken within each half, so that this difference is the entries' and
 * not the actions'.
 *
 * @returns one for each task of which both halves were scored and the one saw entries.
 */
export function creditOfEntries(
  groups: readonly { readonly planned: PlannedGroup; readonly scored: readonly ScoredRollout[] }[],
): EntryCredit[] {
  const without = new Map(
    groups.flatMap(({ planned, scored }) => (planned.side === 'none' ? [[planned.task.id, scored]] : [])),
  );
  return groups.flatMap(({ planned, scored }): EntryCredit[] => {
    const exposures = entriesSeen(scored) ?? [];
    const other = without.get(planned.task.id);
    if (planned.side !== 'entries' || exposures.length === 0 || other === undefined) return [];
    const [own, others] = [rewardsOf(scored), rewardsOf(other)];
    if (own.length === 0 || others.length === 0) return [];
    const [withEntries, withoutEntries] = [mean(own), mean(others)];
    return [
      {
        taskId: planned.task.id,
        exposures: exposures.map(({ entryId, entryVersion, propensity }) => ({ entryId, entryVersion, propensity })),
        with: withEntries,
        without: withoutEntries,
        credit: withEntries - withoutEntries,
        trials: { with: own.length, without: others.length },
      },
    ];
  });
}

function noteOf(calls: readonly { readonly recall?: RecallNote }[]): RecallNote | undefined {
  return calls.find(({ recall }) => recall !== undefined)?.recall;
}

function rewardsOf(scored: readonly ScoredRollout[]): number[] {
  return scored.map(({ reward }) => reward).filter((reward) => reward !== null);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
