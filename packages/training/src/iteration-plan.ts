import type { RolloutSpec, ServedVersion, Task } from '@skillrl/core';

import type { TrainingRecipe } from './recipe.ts';

/** The two sides of a group: `none` sees no entries, `entries` sees one set of them. The arms of the rollouts are named so. */
export type Side = 'none' | 'entries';

/** The games of a run. */
export interface TrainingGames {
  /** Trained on, always the same, so that how hard each one is becomes known; about 160. */
  readonly train: readonly Task[];
  /**
   * Ids of those whose reference the reasoning makes nothing of, as `dispersionFilter` dropped them (`scoreReferences`). Default: none; games with
   * a verifier have no reference.
   */
  readonly lowDispersion?: readonly string[];
  /** Played by every new version, to see whether it collapsed; none of `train`. */
  readonly canary: readonly Task[];
}

/** One side of a game's group: rollouts of one task under one policy version and one set of entries, kept or dropped together. */
export interface PlannedGroup {
  readonly id: string;
  readonly task: Task;
  readonly side: Side;
  readonly rollouts: readonly RolloutSpec[];
}

/** What an iteration is going to do, fixed before it does it. */
export interface IterationPlan {
  readonly recipe: TrainingRecipe;
  readonly games: TrainingGames;
  /** From 1. */
  readonly iteration: number;
  /** Names this iteration's rollouts. */
  readonly suite: string;
  /** Empty when the recipe imitates demonstrations. */
  readonly groups: readonly PlannedGroup[];
  /** Games that were passed over, and why. */
  readonly passedOver: readonly { readonly taskId: string; readonly reason: string }[];
  /** Where the walk through the games stands afterwards. */
  readonly cursor: { readonly epoch: number; readonly position: number };
}

/** Who plays rollouts. */
export interface Playing {
  readonly version: ServedVersion;
  /** The bank's revision that entries are read from. */
  readonly bankRevision: number;
  /**
   * Whether the arms are the halves of groups: both then recall through `entriesForHalf`. Otherwise all is played by the arm `none`, without the
   * bank, and notes nothing: nothing was withheld by chance.
   */
  readonly halves: boolean;
  /** Log-probabilities are those of temperature 1, so that is what must be sampled from. */
  readonly temperature: 1;
}
