/**
 * One sequence of tokens that was, or could have been, trained on, as Python's training libraries read it: `input_ids` and `completion_mask` are
 * what TRL calls them, `old_log_probs` and `advantage` what its asynchronous GRPO does. An episode has more than one where its prompt was begun anew.
 */
export interface RolloutRow {
  readonly run_id: string;
  readonly iteration: number;
  readonly episode_id: string;
  /** Rollouts of one game under one policy version and one set of entries. */
  readonly group_id: string;
  readonly task_id: string;
  /** `none`: without entries, `entries`: with. */
  readonly side: string;
  /** Which of the episode's sequences, from 0. */
  readonly sequence: number;
  /** Number of the weights that sampled it. */
  readonly policy_version: number;
  /** Content hash of the tokenizer that the ids belong to. */
  readonly tokenizer: string;
  /** Tokens in the order of the text. */
  readonly input_ids: readonly number[];
  /** Whether the policy sampled the token. As long as `input_ids`. */
  readonly completion_mask: readonly boolean[];
  /** Natural logarithm of the probability with which a token was sampled, 0 where the mask is false. As long as `input_ids`. */
  readonly old_log_probs: readonly number[];
  /** By token; 0 where the mask is false, and everywhere when the group was dropped. */
  readonly advantages: readonly number[];
  /** Mean over the sampled tokens, which have all the same unless the recipe credits single steps. */
  readonly advantage: number;
  /** What its group counted in the loss; 0: dropped. */
  readonly weight: number;
  /** `null` when the episode could not be scored. */
  readonly reward: number | null;
  readonly success: boolean | null;
  readonly steps: number;
  /** The chance of success that the policy stated, in [0, 1]. */
  readonly confidence: number | null;
}

interface Column {
  readonly name: keyof RolloutRow;
  readonly type: 'STRING' | 'INT32' | 'DOUBLE' | 'BOOLEAN' | 'FLOAT';
  readonly isList?: boolean;
  readonly isNullable?: boolean;
}

/** Every column, in the order of the file. */
export const rolloutColumns: readonly Column[] = [
  { name: 'run_id', type: 'STRING' },
  { name: 'iteration', type: 'INT32' },
  { name: 'episode_id', type: 'STRING' },
  { name: 'group_id', type: 'STRING' },
  { name: 'task_id', type: 'STRING' },
  { name: 'side', type: 'STRING' },
  { name: 'sequence', type: 'INT32' },
  { name: 'policy_version', type: 'INT32' },
  { name: 'tokenizer', type: 'STRING' },
  { name: 'input_ids', type: 'INT32', isList: true },
  { name: 'completion_mask', type: 'BOOLEAN', isList: true },
  { name: 'old_log_probs', type: 'FLOAT', isList: true },
  { name: 'advantages', type: 'FLOAT', isList: true },
  { name: 'advantage', type: 'DOUBLE' },
  { name: 'weight', type: 'DOUBLE' },
  { name: 'reward', type: 'DOUBLE', isNullable: true },
  { name: 'success', type: 'BOOLEAN', isNullable: true },
  { name: 'steps', type: 'INT32' },
  { name: 'confidence', type: 'DOUBLE', isNullable: true },
];
