import type { EpisodeEvent } from './episode-event.ts';
import type { Outcome } from './episode.ts';
import type { Purpose } from './task.ts';

/** Counts over the episodes that used one entry in the same way. */
export interface EntryStatistic {
  readonly entryId: string;
  readonly entryVersion: number;
  /** Whether the draw showed it; false: it was chosen and then withheld by chance. */
  readonly shown: boolean;
  /** The probability in (0, 1] with which it was going to be shown. Only rows of equal propensity below 1 compare. */
  readonly propensity: number;
  readonly policy: { readonly name: string; readonly version: string };
  readonly purpose: Purpose;
  /** All of them. Those neither won nor lost have no verified verdict, perhaps not yet. */
  readonly episodes: number;
  readonly won: number;
  readonly lost: number;
  /** Sum of the scores of those won or lost, each taken to the millionth, so that an episode taken out again leaves nothing behind. */
  readonly score: number;
}

/** What became of an entry when an episode first drew it. */
export interface EntryUse {
  readonly namespace: string;
  readonly entryId: string;
  readonly entryVersion: number;
  readonly shown: boolean;
  readonly propensity: number;
  /** Position of the call among the episode's calls. */
  readonly callIndex: number;
}

/** A verified end of an episode. */
export interface Verdict {
  readonly isWon: boolean;
  /** In [0, 1]. */
  readonly score: number;
}

/**
 * The entries that an episode used, each once, as its first draw went. What a later call shows depends on what happened until then; the first
 * draw depends on nothing, so that its effect can be told from chance (intention to treat).
 *
 * @param events - of one episode, in any order, repeated or not.
 */
export function entryUses(events: Iterable<EpisodeEvent>): EntryUse[] {
  const uses: EntryUse[] = [];
  for (const event of events) {
    if (event.type !== 'model-call' || event.call.recall?.namespace === undefined) continue;
    const { namespace, shown, withheld } = event.call.recall;
    for (const exposure of shown) uses.push({ namespace, ...exposure, shown: true, callIndex: event.index });
    for (const exposure of withheld) uses.push({ namespace, ...exposure, shown: false, callIndex: event.index });
  }
  return firstUses(uses);
}

/** The first use of each entry: that of the earliest call; of the same call the one that was shown, then of the lowest version. */
export function firstUses(uses: readonly EntryUse[]): EntryUse[] {
  const first = new Map<string, EntryUse>();
  for (const use of uses) {
    const key = `${use.namespace}\n${use.entryId}`;
    const current = first.get(key);
    if (current === undefined || isBefore(use, current)) first.set(key, use);
  }
  return [...first.values()];
}

function isBefore(a: EntryUse, b: EntryUse): boolean {
  if (a.callIndex !== b.callIndex) return a.callIndex < b.callIndex;
  if (a.shown !== b.shown) return a.shown;
  if (a.entryVersion !== b.entryVersion) return a.entryVersion < b.entryVersion;
  return a.propensity < b.propensity;
}

/** What counts as won or lost: a success or failure whose source can be relied on. Everything else is unknown. */
export function verdictOf(outcome: Outcome | undefined): Verdict | undefined {
  if (outcome === undefined || !('verified' in outcome) || !outcome.verified) return undefined;
  return { isWon: outcome.status === 'success', score: outcome.score };
}
