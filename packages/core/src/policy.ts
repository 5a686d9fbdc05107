import type { BankEntry } from './bank-entry.ts';
import type { ModelCall, RecallNote, Step } from './episode.ts';
import type { Task } from './task.ts';

/** What the bank gives to one episode. */
export interface Advice {
  /** Chosen entries, best first; empty when nothing is worth its tokens. */
  readonly entries: readonly BankEntry[];
  /** The entries as a delimited block for chat models; empty text without entries. */
  readonly text: string;
  readonly recall: RecallNote;
}

/** What a policy sees when it must act. */
export interface PolicyTurn {
  readonly episodeId: string;
  readonly task: Task;
  readonly initialObservation: string;
  /** Everything since, oldest first, with the calls that led to each action. */
  readonly steps: readonly (Step & { readonly calls: readonly ModelCall[] })[];
  /** Actions the environment would understand now, where it tells. */
  readonly admissible?: readonly string[];
  readonly advice?: Advice;
}

export interface PolicyAct {
  readonly action: string;
  /** The model calls that led to it, in order; empty for a policy without a model. */
  readonly calls: readonly ModelCall[];
}

/** Chooses actions. Keeps nothing between calls but caches: the turn tells all. */
export interface Policy {
  readonly name: string;
  /** Names what decides the behaviour: the model's hash, the prompt's version. */
  readonly version: string;
  act(turn: PolicyTurn, options: { readonly seed: number; readonly signal?: AbortSignal }): Promise<PolicyAct>;
  /** Called once when an episode is over, so that caches can go. */
  release?(episodeId: string): void;
}
