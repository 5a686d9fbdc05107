import type { Episode } from './episode.ts';
import type { Purpose, Task } from './task.ts';

/** One run of a policy on a task, planned before anything runs. */
export interface RolloutSpec {
  /** Derived from the key, so that a resumed plan finds what is finished. */
  readonly id: string;
  readonly suite: string;
  readonly arm: string;
  readonly task: Task;
  /** Which of several plays of the task, from 0. */
  readonly sample: number;
  /** 32-bit, derived from (suite, task, sample) so that arms are paired. */
  readonly seed: number;
  readonly purpose: Purpose;
  /** Which try of this very play, from 1: another is made when the one before errored, with the same seed. Default 1. */
  readonly attempt?: number;
}

export interface Rollout {
  readonly spec: RolloutSpec;
  readonly episode: Episode;
}
