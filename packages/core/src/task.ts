/** What an agent is asked to do, in an environment or in the user's own program. */
export interface Task {
  readonly id: string;
  /** Name of the environment, such as `alfworld`; `user` for a program's own tasks. */
  readonly environment: string;
  readonly instruction: string;
  /** What tasks have in common that share knowledge, such as the house they are played in. Known to the agent. */
  readonly family?: string;
  /** The kind of goal within its environment, such as `pick_heat_then_place`. Known to the agent from the instruction. */
  readonly type?: string;
  /** Part of the benchmark it belongs to, such as `valid_unseen`. */
  readonly split?: string;
  /** `convergent`: one right result; `divergent`: variety is worth something. */
  readonly domainKind: 'convergent' | 'divergent';
  /** The task's own step limit. Reaching it is a failure, not a truncation. */
  readonly maxSteps?: number;
}

/** What an episode may be used for. Entries are distilled from `train` episodes only. */
export type Purpose = 'train' | 'admit' | 'gate' | 'test';
