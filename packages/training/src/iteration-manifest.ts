import type { Side } from './iteration-plan.ts';
import type { PublicationDecision } from './promote.ts';
import type { TrainingRecipe } from './recipe.ts';

/** What became of one planned group. */
export interface GroupRecord {
  readonly groupId: string;
  readonly taskId: string;
  readonly side: Side;
  readonly successes: number;
  /** Plays that could be scored. */
  readonly trials: number;
  readonly meanReward?: number;
  /** What its loss counted; 0 when it was dropped. */
  readonly weight: number;
  /** Codes and sentences, why it was dropped, counted less, or was noticed. */
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
}

/** What the entries of one game's group were worth there: a row for the ledger. */
export interface EntryCredit {
  readonly taskId: string;
  /** The set that one half saw and the other did not, with the probability of being shown that both halves had. */
  readonly exposures: readonly {
    readonly entryId: string;
    readonly entryVersion: number;
    readonly propensity: number;
  }[];
  /** Mean reward with entries, and without. */
  readonly with: number;
  readonly without: number;
  /** with − without. */
  readonly credit: number;
  readonly trials: { readonly with: number; readonly without: number };
}

/** How far the sampler's probabilities of the batch's tokens are from the trainer's, before training. */
export interface MismatchReport {
  readonly tokens: number;
  /** Mean of |log π(trainer) − log π(sampler)|, in nats. */
  readonly meanDifference: number;
  /** k3 estimate of KL(sampler ‖ trainer), in nats a token. */
  readonly kl: number;
  /** Largest π(trainer) / π(sampler). */
  readonly largestRatio: number;
  /** Share of the tokens whose weight was held down. */
  readonly truncatedShare: number;
}

/** What was measured while training. */
export interface TrainingReport {
  readonly samples: number;
  /** Tokens that the policy sampled, and all. */
  readonly tokens: number;
  readonly allTokens: number;
  readonly steps: number;
  readonly step: number;
  readonly loss: number;
  readonly gradientNorms: readonly number[];
  /** Mean of −log π of the tokens that were trained on, before training: estimates the policy's entropy, in nats a token. */
  readonly entropy: number;
  /**
   * k3 estimate of KL(before ‖ after) on those tokens, in nats a token. Above 0: the step was really applied. Of an expert's tokens, which the
   * policy did not sample, it says no more than that.
   */
  readonly kl: number;
  readonly mismatch?: MismatchReport;
}

export interface CanaryReport {
  readonly pairs: number;
  /** Success rates of the new version and of the served one on the same games. */
  readonly candidate: number;
  readonly served: number;
  /** Whether an alarm was played a second time. */
  readonly confirmed: boolean;
  readonly collapsed: boolean;
}

/** How different the good plays of the games of one kind of domain are. */
export interface DiversityReport {
  readonly domainKind: 'convergent' | 'divergent';
  /** Mean share of the pairs of a group's plays that are both good and differ, in [0, 1]. */
  readonly effectivePairs: number;
  /** Share by which it fell since the run began, negative for a rise. */
  readonly fall?: number;
  readonly alarm: boolean;
  readonly reason: string;
}

export interface AccountOfRollouts {
  readonly planned: number;
  readonly played: number;
  readonly errored: number;
  readonly truncated: number;
  readonly successRate?: number;
  readonly successRates: Readonly<Partial<Record<Side, number>>>;
  readonly meanReward?: number;
  readonly meanSteps?: number;
  /** Share of the steps of lost plays that changed nothing; absent where the environment does not tell. */
  readonly idleInLost?: number;
  /** Median tokens of an episode's completions. */
  readonly medianLength?: number;
}

/** What the signals did to a batch, counted. */
export interface AccountOfSignals {
  /** Tokens that the policy sampled in the groups that were trained on, by the sign of what they count. */
  readonly tokens: { readonly raised: number; readonly lowered: number; readonly untouched: number };
  /** Plays that could be scored, by whether they stated a chance of success. */
  readonly statements: {
    readonly made: number;
    readonly missing: number;
    /** Mean of the stated chances, in [0, 1]; absent when none was stated. */
    readonly meanStated?: number;
    /** Mean reward for what was stated, or not, ≤ 0. */
    readonly meanReward: number;
  };
  /** Successes that the gate calls suspect: too rare, too short, too much alike. */
  readonly suspects: number;
  /** Successes that were trained on in games that are too hard by other groups: none counts more than 1. */
  readonly heldDown: number;
}

/** How a revision of the bank came about. */
export interface BankEvolution {
  readonly from: number;
  readonly to: number;
  /** Clusters with failures, worst first. */
  readonly clusters: readonly {
    readonly cluster: string;
    readonly failures: number;
    readonly plays: number;
    /** Episodes of it that were learned from; 0 when the cap was reached before it. */
    readonly learned: number;
  }[];
  /** Entries that the revisions in between changed. */
  readonly changed: number;
}

/** What an iteration was and did. */
export interface IterationManifest {
  readonly schema: 1;
  readonly run: string;
  readonly iteration: number;
  /** Content hash of the plan. */
  readonly plan: string;
  readonly recipe: TrainingRecipe;
  /** `trained`: there is a new version. `collapsed`: there was, and it was taken back. `refused`: sampler and trainer disagree. `idle`: no group was worth a step. */
  readonly outcome: 'trained' | 'collapsed' | 'refused' | 'idle';
  /** Sentence for each thing that was switched off or went otherwise, with its reason. */
  readonly notes: readonly string[];
  readonly versions: {
    readonly rollouts: number;
    readonly before: number;
    readonly after: number;
    readonly served: number;
    /** By its name: it may be of another run. */
    readonly live: string;
  };
  /** How many versions old the rollouts were. */
  readonly staleness: number;
  readonly bankRevision: { readonly before: number; readonly after: number };
  readonly rollouts: AccountOfRollouts;
  readonly groups: readonly GroupRecord[];
  readonly passedOver: readonly { readonly taskId: string; readonly reason: string }[];
  readonly credits: readonly EntryCredit[];
  readonly diversity: readonly DiversityReport[];
  /** Absent when nothing was played. */
  readonly signals?: AccountOfSignals;
  readonly training?: TrainingReport;
  /** How far the new version's server is from the trainer's new weights, on what the server sampled. */
  readonly served?: MismatchReport;
  readonly canary?: CanaryReport;
  readonly publication?: PublicationDecision;
  readonly evolution?: BankEvolution;
  /** Milliseconds by part. A part that was done by a process that died counts in it no more. */
  readonly durationsMs: Readonly<Record<string, number>>;
}
