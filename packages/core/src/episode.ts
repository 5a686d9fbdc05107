import type { ChatMessage, TokenTrace } from './chat-model.ts';
import type { Purpose, Task } from './task.ts';

/** Something said about the world in an observation: `mug 1 · in · cabinet 3`. */
export interface Fact {
  readonly subject: string;
  readonly relation: string;
  readonly object: string;
}

/** Where a text came from, and so how far it may be believed. */
export type Trust = 'environment' | 'grader' | 'user' | 'tool' | 'model';

/** One entry that a model call was, or deliberately was not, shown. */
export interface EntryExposure {
  readonly entryId: string;
  readonly entryVersion: number;
  /** The known probability in (0, 1] with which the entry was going to be shown when it was drawn. */
  readonly propensity: number;
}

/** How the bank was read for a model call. */
export interface RecallNote {
  /** Whose entries they are; absent when none is named. */
  readonly namespace?: string;
  readonly bankRevision: number;
  /** Entries shown in the prompt. */
  readonly shown: readonly EntryExposure[];
  /** Entries that were chosen and then withheld by chance. */
  readonly withheld: readonly EntryExposure[];
  /** Tokens the rendered entries took. */
  readonly tokens: number;
  /** Why less than the whole retrieval answered, such as `embedder timed out after 200 ms: lexical only`. */
  readonly degraded?: string;
}

/** One request to a language model and its reply. */
export interface ModelCall {
  readonly id: string;
  /** The call whose prompt this one continues. */
  readonly parent?: string;
  readonly model: string;
  /** What the prompt adds to its parent's prompt and completion. Raw text is one `user` message. */
  readonly newMessages: readonly ChatMessage[];
  readonly newPromptIds?: readonly number[];
  readonly completion: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly recall?: RecallNote;
  readonly tokens?: TokenTrace;
  /** The probability of success that the model stated, in [0, 1]. */
  readonly confidence?: number;
}

/** One action and what came of it. */
export interface Step {
  /** Position in the episode, from 0. Parallel actions of one call have positions of their own. */
  readonly index: number;
  readonly actionId: string;
  readonly action: string;
  /** The calls that led to the action. */
  readonly callIds: readonly string[];
  /** What the environment or tool answered; absent when the process died before an answer came. */
  readonly observation?: string;
  /** Where the observation came from. Default `environment`. */
  readonly trust?: Trust;
  readonly reward: number;
  /** What follows is filled by environments that can. */
  readonly facts?: readonly Fact[];
  /** Equal for equal states of the world. */
  readonly stateKey?: string;
  /** Whether the action changed the world. */
  readonly changed?: boolean;
  /** Actions the environment would have understood next. */
  readonly admissible?: readonly string[];
}

export type Outcome =
  | {
      readonly status: 'success' | 'failure';
      /** In [0, 1]; 1 is full success. */
      readonly score: number;
      readonly source: Trust;
      /** True when the word of the source can be relied on: an environment's reward, a test, a signed grade. Never of a model's or a tool's own report. */
      readonly verified: boolean;
    }
  | { readonly status: 'truncated'; readonly limit: string }
  | {
      readonly status: 'errored';
      readonly error: { readonly code: string; readonly message: string };
    };

/** `interrupted`: closed by the sweep because its process died. */
export type EpisodeEnd = 'terminated' | 'truncated' | 'errored' | 'interrupted';

/** Everything that happened to an agent on one task: a pure fold of its events. No outcome means unknown: neither success nor failure. */
export interface Episode {
  readonly id: string;
  readonly task: Task;
  readonly purpose: Purpose;
  readonly policy: { readonly name: string; readonly version: string };
  /** The bank's revision the episode's recalls were pinned to; absent without a bank. */
  readonly bankRevision?: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly initialObservation?: string;
  readonly initialFacts?: readonly Fact[];
  readonly calls: readonly ModelCall[];
  readonly steps: readonly Step[];
  readonly end?: EpisodeEnd;
  readonly endedAt?: number;
  readonly outcome?: Outcome;
}
