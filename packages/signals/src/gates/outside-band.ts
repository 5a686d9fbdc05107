import { passRateOutside, type DecayOptions, type PassHistory } from './pass-history.ts';
import { passRateBand, type BandOptions, type PassRateBand } from './pass-rate-band.ts';

declare const outside: unique symbol;

/**
 * How hard a task is by all groups but one. Only `bandOutside` makes it, from a history and the group to leave out, and whatever acts on a group asks
 * for it: so what judges a group cannot hold that group's own outcome, whether or not it was recorded already.
 */
export interface OutsideBand extends PassRateBand {
  readonly [outside]: true;
  /** The group that was left out. */
  readonly groupId: string;
}

/**
 * The band of a task, for one group of its rollouts.
 *
 * @param group - the group that is to be judged.
 * @throws {RangeError} as `passRateOutside` and `passRateBand`.
 */
export function bandOutside(
  history: PassHistory,
  group: { readonly groupId: string; readonly policyVersion: number },
  options: BandOptions & DecayOptions = {},
): OutsideBand {
  const { groupId, successes, trials } = passRateOutside(history, group, options);
  return { ...passRateBand(successes, trials, options), groupId } as OutsideBand;
}
