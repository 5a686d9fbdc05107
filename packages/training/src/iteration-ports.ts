import type {
  Clock,
  EntryStore,
  EpisodeStore,
  ModelServer,
  ProgressEvent,
  TrainableModel,
  TrainingSample,
} from '@skillrl/core';
import type { RolloutRunner } from '@skillrl/rollouts';

import type { IterationJournal } from './iteration-journal.ts';
import type { IterationManifest } from './iteration-manifest.ts';
import type { Playing } from './iteration-plan.ts';
import type { TrainingRecipe } from './recipe.ts';

/** News of a run: stages of the work under way, and each iteration when it is finished. */
export type TrainingEvent = ProgressEvent | { readonly type: 'iteration'; readonly manifest: IterationManifest };

/** What a run is made of outside of this package. */
export interface IterationPorts {
  /** Open on the base that the run began with; which weights it holds does not matter. */
  readonly model: TrainableModel;
  readonly server: ModelServer;
  readonly episodes: EpisodeStore;
  readonly journal: IterationJournal;
  /**
   * Opens what plays the arms `none` and `entries` with a version and a revision. Called for every iteration and canary,
   * and closed when all is played.
   */
  readonly runner: (playing: Playing) => Promise<RolloutRunner>;
  /** A folder that does not exist yet, for the weights of a version under this name. */
  readonly weightsFolder: (name: string) => string;
  /** Content hash of the tokenizer, as `TokenTrace.tokenizer` names it. */
  readonly tokenizer: string;
  /** The bank that evolves; without it none does. */
  readonly bank?: { readonly entries: EntryStore; readonly namespace: string };
  /**
   * An expert's plays for recipes that imitate: weights 1 on what the expert did, 0 elsewhere. The same for the same request. Needed by
   * `source: demonstrations` only.
   */
  readonly demonstrations?: (request: {
    readonly expert: TrainingRecipe['expert'];
    /** Episodes wanted. */
    readonly count: number;
    readonly seed: number;
  }) => Promise<readonly TrainingSample[]>;
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly progress?: (event: TrainingEvent) => void;
  readonly signal?: AbortSignal;
}
