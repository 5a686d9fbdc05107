import type { EpisodeEnd, Fact, ModelCall, Outcome, Trust } from './episode.ts';
import type { Purpose, Task } from './task.ts';

interface EventBase {
  /** Unique within its episode; appending an id that is already stored changes nothing, so that a retry is safe. */
  readonly id: string;
  readonly episodeId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface EpisodeStartEvent extends EventBase {
  readonly type: 'episode-start';
  readonly task: Task;
  readonly purpose: Purpose;
  readonly policy: { readonly name: string; readonly version: string };
  readonly bankRevision?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ModelCallEvent extends EventBase {
  readonly type: 'model-call';
  /** Position among the episode's calls, from 0. */
  readonly index: number;
  readonly call: ModelCall;
}

export interface ActionEvent extends EventBase {
  readonly type: 'action';
  readonly actionId: string;
  /** Position of the step, from 0, given by the writer: parallel actions may be written in any order. */
  readonly index: number;
  readonly action: string;
  readonly callIds?: readonly string[];
}

export interface ObservationEvent extends EventBase {
  readonly type: 'observation';
  /** The action it answers; absent for the first observation of an episode. */
  readonly actionId?: string;
  readonly observation: string;
  readonly trust?: Trust;
  readonly reward?: number;
  readonly facts?: readonly Fact[];
  readonly stateKey?: string;
  readonly changed?: boolean;
  readonly admissible?: readonly string[];
}

export interface EpisodeEndEvent extends EventBase {
  readonly type: 'episode-end';
  readonly end: EpisodeEnd;
}

/** May come long after the end: a test run, a reviewer, a thumb. */
export interface OutcomeEvent extends EventBase {
  readonly type: 'outcome';
  readonly outcome: Outcome;
}

/** What is left of an event whose payload was erased on request. */
export interface ErasedEvent extends EventBase {
  readonly type: 'erased';
  /** Content hash of the event as it was. */
  readonly hash: string;
}

/** Something that happened to an agent. Appended, never edited. */
export type EpisodeEvent =
  | EpisodeStartEvent
  | ModelCallEvent
  | ActionEvent
  | ObservationEvent
  | EpisodeEndEvent
  | OutcomeEvent
  | ErasedEvent;
