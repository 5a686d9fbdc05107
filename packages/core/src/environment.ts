import type { Fact } from './episode.ts';
import type { Task } from './task.ts';

/** What environments can add to an observation. */
export interface ObservationDetails {
  readonly facts?: readonly Fact[];
  readonly stateKey?: string;
  readonly changed?: boolean;
  readonly admissible?: readonly string[];
}

/**
 * What the environment answers. `ended` is `terminated` when the task itself is over: won, lost, or its own step limit reached (a failure
 * with reward 0); `truncated` only when a limit of ours cut it off.
 */
export type TimeStep =
  | ({ readonly type: 'first'; readonly observation: string } & ObservationDetails)
  | ({
      readonly type: 'mid';
      readonly observation: string;
      readonly reward: number;
    } & ObservationDetails)
  | ({
      readonly type: 'last';
      readonly observation: string;
      readonly reward: number;
      readonly ended: 'terminated' | 'truncated';
      readonly success: boolean;
      /** In [0, 1]; 1 is full success. */
      readonly score: number;
    } & ObservationDetails);

/** One play of one task. */
export interface EnvironmentSession {
  readonly first: Extract<TimeStep, { type: 'first' }>;
  /** @throws {EnvironmentError} `EPISODE_ENDED` after the last time step: nothing resets by itself. */
  step(action: string, options?: { readonly signal?: AbortSignal }): Promise<Exclude<TimeStep, { type: 'first' }>>;
  /** The state, to be given back to `restore` of a session of the same task; absent where the environment cannot. */
  snapshot?(): unknown;
  restore?(snapshot: unknown): void;
  close(): Promise<void>;
}

export interface TaskFilter {
  readonly split?: string;
  readonly type?: string;
  readonly family?: string;
  readonly limit?: number;
}

/** A benchmark: tasks, and sessions that play them. Equal task, seed and actions give equal time steps. */
export interface Environment {
  readonly name: string;
  /** One sentence for a list. */
  readonly description: string;
  tasks(filter?: TaskFilter): Promise<readonly Task[]>;
  /** @throws {EnvironmentError} `TASK_UNKNOWN` */
  task(id: string): Promise<Task>;
  start(task: Task, options?: { readonly seed?: number; readonly signal?: AbortSignal }): Promise<EnvironmentSession>;
  close(): Promise<void>;
}
