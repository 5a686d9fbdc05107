import type { Task } from '@skillrl/core';
import { passRateOutside, type PassHistory, type PassRecord } from '@skillrl/signals';

import type { Side } from './iteration-plan.ts';
import type { IterationState } from './iteration-state.ts';

/** A game is as hard as it is with entries or without: each side has a history of its own. */
export function historyKey(taskId: string, side: Side): string {
  return `${side} ${taskId}`;
}

/** The group that is to be judged; nothing of it counts. */
export interface JudgedGroup {
  readonly groupId: string;
  readonly policyVersion: number;
}

/**
 * How often games are solved, by other groups than the one that is judged. A game that was played too little borrows the plays that are
 * missing from games of its type and scene, at their success rate, which is itself shrunk towards that of all games; while too few of all are
 * known, it borrows none.
 *
 * Source: ours; the shrinkage is a beta prior worth `leastTrials` plays at the rate of all games.
 */
export function difficulty(
  histories: IterationState['histories'],
  games: readonly Task[],
  { leastTrials }: { readonly leastTrials: number },
): (task: Task, side: Side, group: JudgedGroup) => PassHistory {
  const recordsOf = (task: Task, side: Side): readonly PassRecord[] => histories[historyKey(task.id, side)] ?? [];
  const pooled = (tasks: readonly Task[], side: Side): PassHistory => ({
    taskId: side,
    records: tasks.flatMap((task) => recordsOf(task, side)),
  });
  return (task, side, group) => {
    const own: PassHistory = { taskId: task.id, records: recordsOf(task, side) };
    const missing = leastTrials - passRateOutside(own, group).trials;
    if (missing <= 0) return own;
    const others = games.filter(({ id }) => id !== task.id);
    const alike = others.filter(({ type, family }) => type === task.type && family === task.family);
    const all = passRateOutside(pooled(others, side), group);
    if (all.trials < leastTrials) return own;
    const near = passRateOutside(pooled(alike, side), group);
    const rate = (near.successes + leastTrials * (all.successes / all.trials)) / (near.trials + leastTrials);
    const borrowed: PassRecord = {
      groupId: `plays of other games`,
      policyVersion: group.policyVersion,
      successes: rate * missing,
      trials: missing,
      isPilot: false,
    };
    return { ...own, records: [...own.records, borrowed] };
  };
}
