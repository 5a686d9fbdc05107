import type { BankEntry, Demonstration, Episode, Trust } from '@skillrl/core';

import type { Doubts } from './promotion.ts';

/** What a distiller may know beside the episode. */
export interface DistilContext {
  readonly namespace: string;
  /** Milliseconds since 1970: the entries' `createdAt`. */
  readonly now: number;
  /** Demonstrations to compare a failure with; the distiller looks for the nearest. */
  readonly demonstrations: readonly Demonstration[];
  /** Names of objects of other episodes, without numbers: a lesson that names one which its episode never mentions is refused. */
  readonly knownObjects?: ReadonlySet<string>;
  /** Words that mean the same in many families: language, and nothing to be learned of one of them. */
  readonly ordinaryWords?: ReadonlySet<string>;
  /** Whose words may become part of an entry that is served. */
  readonly trusted: ReadonlySet<Trust>;
  /** What comparing with other episodes says of one. Default: nothing. */
  readonly doubts?: (episode: Episode) => Doubts;
  readonly signal?: AbortSignal;
}

/** A candidate that did not become an entry, and why. */
export interface RejectedDraft {
  readonly reason: string;
  /** What was rejected, as it came: a model's reply. Empty when there was none. */
  readonly raw: string;
}

export interface Spent {
  readonly calls: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface Distilled {
  readonly accepted: readonly BankEntry[];
  readonly rejected: readonly RejectedDraft[];
  readonly spent?: Spent;
  /** True when a later run should try again: the budget was used up, or the model could not be reached. */
  readonly deferred?: boolean;
}

/** Makes entries of one finished episode. */
export interface Distiller {
  readonly name: string;
  /** With the name, what decides the result: an episode is distilled once per name, version and content. */
  readonly version: string;
  /** Which episodes it is given. */
  readonly from: 'success' | 'failure';
  distil(episode: Episode, context: DistilContext): Promise<Distilled>;
}

export const nothingSpent: Spent = { calls: 0, promptTokens: 0, completionTokens: 0 };
