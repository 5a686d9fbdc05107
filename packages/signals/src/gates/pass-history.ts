import { checkCount, checkProbability } from '../checks.ts';

/** What one group of rollouts of a task scored. */
export interface PassRecord {
  readonly groupId: string;
  /** Whole number ≥ 0, rising as the policy learns. */
  readonly policyVersion: number;
  readonly successes: number;
  /** Rollouts that could be scored. */
  readonly trials: number;
  /** Played only to learn how hard the task is, not to train on. */
  readonly isPilot: boolean;
}

/** All that is known of how often the policy solves a task. A plain value: it can be stored as JSON. */
export interface PassHistory {
  readonly taskId: string;
  /** In the order in which they were recorded; each group once. */
  readonly records: readonly PassRecord[];
}

/** Decayed counts of all groups of a task but one. */
export interface OutsidePassRate {
  /** The group whose outcome they leave out. */
  readonly groupId: string;
  /** In [0, trials]; not whole, as older trials count less. */
  readonly successes: number;
  readonly trials: number;
}

export interface DecayOptions {
  /** What a trial counts for one policy version later, in [0, 1]. Default 0.9. */
  readonly decay?: number;
}

/** The history of a task of which nothing is known. */
export function startPassHistory(taskId: string): PassHistory {
  return { taskId, records: [] };
}

/**
 * The history with one more group. Recording the same result twice changes nothing, so that an interrupted run can be repeated.
 *
 * @throws {RangeError} when counts or version are not whole numbers with successes ≤ trials, or the group is recorded with another result.
 */
export function recordPasses(history: PassHistory, record: PassRecord): PassHistory {
  checkCount('policyVersion', record.policyVersion);
  checkCount('trials', record.trials);
  checkCount('successes', record.successes);
  if (record.successes > record.trials) {
    throw new RangeError(
      `Group ${record.groupId} has ${record.successes} successes of ${record.trials} trials: give no more than there were.`,
    );
  }
  const known = history.records.find(({ groupId }) => groupId === record.groupId);
  if (known === undefined) return { ...history, records: [...history.records, record] };
  const isSame =
    known.policyVersion === record.policyVersion &&
    known.successes === record.successes &&
    known.trials === record.trials &&
    known.isPilot === record.isPilot;
  if (isSame) return history;
  throw new RangeError(
    `Group ${record.groupId} of task ${history.taskId} is recorded already with another result: give late rollouts a group id of their own.`,
  );
}

/**
 * How often the task was solved by other groups than this one.
 *
 * @param group - the group that is to be judged. Groups of later policy versions are left out too: at the time they did not exist.
 * @returns counts in which a trial of version v counts decay^(group's version − v).
 * @throws {RangeError} when the version is not a whole number or decay is not in [0, 1].
 *
 * Source: ours. Filtering by a group's own pass rate keeps the lucky groups: in the toy study of hard tasks it did as much harm as no filter.
 */
export function passRateOutside(
  history: PassHistory,
  group: { readonly groupId: string; readonly policyVersion: number },
  options: DecayOptions = {},
): OutsidePassRate {
  const { decay = 0.9 } = options;
  checkProbability('decay', decay);
  checkCount('policyVersion', group.policyVersion);
  let successes = 0;
  let trials = 0;
  for (const record of history.records) {
    const age = group.policyVersion - record.policyVersion;
    if (record.groupId === group.groupId || age < 0) continue;
    successes += decay ** age * record.successes;
    trials += decay ** age * record.trials;
  }
  return { groupId: group.groupId, successes: Math.min(successes, trials), trials };
}

/**
 * Whether the task is learned: its last pilots were all correct.
 *
 * @param pilots - how many in a row it takes, at least 1. Default 2.
 */
export function isRetired(history: PassHistory, pilots = 2): boolean {
  checkCount('pilots', pilots, 1);
  const last = history.records.filter(({ isPilot, trials }) => isPilot && trials > 0).slice(-pilots);
  return last.length === pilots && last.every(({ successes, trials }) => successes === trials);
}
