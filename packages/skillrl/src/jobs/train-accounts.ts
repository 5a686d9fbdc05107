import type { IterationManifest } from '@skillrl/training';

import type { CalibrationAccount } from './train-evaluation.ts';

/** One iteration as a line. */
export interface IterationRow {
  readonly iteration: number;
  readonly outcome: IterationManifest['outcome'];
  readonly reward?: number;
  readonly success?: number;
  readonly successWithEntries?: number;
  readonly successWithout?: number;
  readonly steps?: number;
  /** Share of the steps of lost plays that changed nothing. */
  readonly idleInLost?: number;
  /** Nats a token. */
  readonly entropy?: number;
  readonly kl?: number;
  /** Mean |Δ log π| of sampler and trainer, nats. */
  readonly mismatch?: number;
  readonly staleness: number;
  /** Groups that were trained on, of all. */
  readonly groupsUsed: number;
  readonly groups: number;
  readonly verdict: string;
  readonly calibration?: CalibrationAccount;
  /** Different ways of acting in a group, as a share of its plays. */
  readonly distinct?: number;
}

export interface GateCount {
  readonly code: string;
  readonly groups: number;
  /** Of these, those that were not trained on. */
  readonly dropped: number;
  /** The sentence of one of them. */
  readonly example: string;
}

/** What one of the six signals did in this run. */
export interface SignalAccount {
  readonly signal: string;
  readonly acts: string;
  readonly did: string;
}
