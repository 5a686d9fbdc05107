import type {
  Advice,
  BankEntry,
  BankView,
  ChatModel,
  Clock,
  Demonstration,
  Embedder,
  EntryStatus,
  EntryStore,
  Episode,
  EpisodeStore,
  ExportRecord,
  Lesson,
  Logger,
  MachineForm,
  Outcome,
  Policy,
  Progress,
  Purpose,
  RecallNote,
  Task,
  Trust,
  VectorIndex,
} from '@skillrl/core';

import type { DistilContext, Distiller, RejectedDraft, Spent } from './distillation/distiller.ts';
import type { Answer } from './recording/recorder.ts';
import type { Redact } from './recording/redact-event.ts';

// Recording: what happens to an agent becomes events.
export { closeInterrupted, type CloseInterruptedOptions } from './recording/close-interrupted.ts';
export {
  recorder,
  type Answer,
  type EpisodeOpening,
  type NewAction,
  type Recorder,
  type RecorderPorts,
} from './recording/recorder.ts';
export { redactEvent, type Redact } from './recording/redact-event.ts';

// Distillation: episodes become entries. (Declared here first; bodies follow.)
export type { DistilContext, Distilled, Distiller, RejectedDraft, Spent } from './distillation/distiller.ts';
export declare function demonstrationFrom(episode: Episode, context: DistilContext): Demonstration | undefined;
export declare function demonstrationDistiller(): Distiller;
export declare function contrastiveLesson(episode: Episode, context: DistilContext): Lesson | undefined;
export declare function contrastiveDistiller(): Distiller;
export declare function chatModelDistiller(options: {
  readonly model: ChatModel;
  readonly budget?: { readonly calls?: number; readonly tokens?: number };
  readonly temperature?: number;
  readonly maxTokens?: number;
}): Distiller;
export interface LessonDraft {
  readonly title: string;
  readonly pointOfFailure: string;
  readonly flawedDecision: string;
  readonly correction: string;
  readonly principle: string;
  readonly appliesWhen: string;
  /** Steps the lesson rests on, counted from 1, each with the action that was taken there, verbatim. */
  readonly citations: readonly { readonly step: number; readonly action: string }[];
  /** Every object the lesson names, as the episode names it. */
  readonly objects: readonly string[];
}
export declare function validateLesson(
  draft: LessonDraft,
  episode: Episode,
  options?: { readonly knownObjects?: ReadonlySet<string> },
): string[];

export interface LearnPorts {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly progress?: Progress;
}
export interface LearnOptions {
  readonly namespace: string;
  /** Default: demonstrations from successes, contrastive lessons from failures. */
  readonly distillers?: readonly Distiller[];
  /** Only these episodes. @throws {InputError} `PURPOSE_FORBIDDEN` when one of them is `gate` or `test`. */
  readonly episodeIds?: readonly string[];
  /** Only episodes with these tags. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whose words may become part of an entry that is served. Default: environment, grader, user. */
  readonly trusted?: readonly Trust[];
  readonly signal?: AbortSignal;
}
export interface LearnReport {
  /** The bank's revision afterwards. */
  readonly revision: number;
  readonly read: number;
  readonly distilled: number;
  /** Episodes nothing was made of, by reason. */
  readonly skipped: Readonly<
    Record<'already' | 'purpose' | 'unfinished' | 'unknown' | 'truncated' | 'errored', number>
  >;
  readonly added: readonly string[];
  readonly merged: readonly string[];
  readonly quarantined: readonly string[];
  readonly rejected: readonly (RejectedDraft & { readonly episodeId: string; readonly distiller: string })[];
  readonly spent: Spent;
}
export declare function learn(ports: LearnPorts, options: LearnOptions): Promise<LearnReport>;
export interface ForgetReport {
  readonly events: number;
  /** Entries taken out of the bank. */
  readonly removed: readonly string[];
  /** Entries made anew from the evidence that is left. */
  readonly rederived: readonly string[];
  /** Exports and training batches that hold the episode or an entry made from it. */
  readonly exports: readonly ExportRecord[];
}
export declare function forgetEpisode(
  ports: Pick<LearnPorts, 'episodes' | 'entries' | 'clock'>,
  episodeId: string,
  options: { readonly namespace: string },
): Promise<ForgetReport>;

// The bank: parts of it, and an entry as one task needs it.
export type EntryForm = keyof MachineForm;
export interface BankSelection {
  readonly kinds?: readonly BankEntry['kind'][];
  /** Only entries that have one of these machine forms, stripped to them. */
  readonly forms?: readonly EntryForm[];
  readonly statuses?: readonly EntryStatus[];
}
/** `skills`, `demonstrations-only`, `lessons-only`, `facts-only`. */
export declare const armSelections: Readonly<
  Record<'skills' | 'demonstrations-only' | 'lessons-only' | 'facts-only', BankSelection>
>;
export declare function selectView(view: BankView, selection: BankSelection): BankView;
/** The entry with only those facts, orders and procedures that the task's instruction names; `undefined` when that leaves nothing. */
export declare function focusEntry(entry: BankEntry, task: Task): BankEntry | undefined;

// Retrieval: entries reach a prompt.
export interface EntryRenderer {
  readonly name: string;
  render(entries: readonly BankEntry[], task: Task): string;
  countTokens(text: string): number;
}
export declare const referenceBlock: EntryRenderer;
export interface RecallPorts {
  readonly entries: EntryStore;
  /** Absent: the lexical half answers alone. */
  readonly embedder?: Embedder;
  /** A new, empty index. Default: an exact one in memory. */
  readonly createVectorIndex?: (dimensions: number) => VectorIndex;
  readonly clock?: Clock;
  readonly logger?: Logger;
}
export interface RecallerOptions {
  readonly namespace: string;
  /** Pins every recall to this revision. Default: the latest at each recall. */
  readonly revision?: number;
  readonly select?: BankSelection;
  readonly renderer?: EntryRenderer;
  /** Default 600. */
  readonly budgetTokens?: number;
  /** Most entries chosen. Default 6. */
  readonly limit?: number;
  /** Entries less relevant than this are not chosen. */
  readonly minRelevance?: number;
  /** Probability of withholding a chosen entry. Default 0.1; 0 for a benchmark. */
  readonly withholdProbability?: number;
  /** Milliseconds the embedder may take before the lexical half answers alone. Default 250. */
  readonly embedTimeoutMs?: number;
}
export interface RecallRequest {
  readonly task: Task;
  readonly observation?: string;
  readonly budgetTokens?: number;
  /** Key of the withholding draw: equal seed, task and entry give equal draws, so that a retry cannot draw again. Default 0. */
  readonly seed?: number;
  readonly revision?: number;
  readonly signal?: AbortSignal;
}
export interface CandidateExplanation {
  readonly entryId: string;
  readonly title: string;
  readonly kind: BankEntry['kind'];
  readonly lexicalRank?: number;
  readonly denseRank?: number;
  readonly bm25?: number;
  readonly coverage: number;
  readonly similarity?: number;
  readonly relevance: number;
  readonly tokens: number;
  readonly decision:
    | 'shown'
    | 'withheld'
    | 'below-threshold'
    | 'unfocused'
    | 'near-duplicate'
    | 'over-limit'
    | 'over-budget';
}
export interface RecallExplanation {
  readonly advice: Advice;
  readonly candidates: readonly CandidateExplanation[];
}
export interface Recaller {
  /** Names what decides what is recalled: part of a decorated policy's version. */
  readonly name: string;
  recall(request: RecallRequest): Promise<Advice>;
  explain(request: RecallRequest): Promise<RecallExplanation>;
  /** The advice that a note tells of, entry by entry and version by version. */
  restore(note: RecallNote, task: Task): Promise<Advice>;
  close(): Promise<void>;
}
export declare function createRecaller(ports: RecallPorts, options: RecallerOptions): Recaller;
/** Recalls as the real one would, then puts entries of another family in the place of the chosen ones: same kinds, about the same tokens. */
export declare function placeboRecaller(ports: RecallPorts, options: RecallerOptions): Recaller;
export declare function withSkills(
  policy: Policy,
  recaller: Recaller,
  options?: { readonly seed?: number; readonly budgetTokens?: number; readonly logger?: Logger },
): Policy;
/** Replays the stored actions of the nearest demonstration; no model. */
export declare function replayPolicy(
  ports: RecallPorts,
  options: { readonly namespace: string; readonly revision?: number },
): Policy;

// Portability.
export declare function exportBank(source: {
  readonly entries: EntryStore;
  readonly namespace: string;
  readonly revision?: number;
  readonly statuses?: readonly EntryStatus[];
  /** Where the export is registered, so that a deletion can name it. */
  readonly episodes?: EpisodeStore;
  readonly destination?: string;
  readonly clock?: Clock;
}): AsyncIterable<string>;
export interface ImportReport {
  readonly revision: number;
  /** Whether count and hash of the header fit the lines. */
  readonly intact: boolean;
  readonly added: readonly string[];
  readonly replaced: readonly string[];
  readonly skipped: readonly { readonly id: string; readonly line: number; readonly reason: string }[];
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}
export declare function importBank(
  lines: AsyncIterable<string> | Iterable<string>,
  target: {
    readonly entries: EntryStore;
    readonly namespace: string;
    /** Status that imported entries get. Default: their own. */
    readonly status?: EntryStatus;
    readonly signal?: AbortSignal;
  },
): Promise<ImportReport>;

// All of it together.
export interface MemoryPorts {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
  readonly embedder?: Embedder;
  readonly createVectorIndex?: (dimensions: number) => VectorIndex;
  /** Distils failures when given; otherwise the contrastive distiller does. */
  readonly distillerModel?: ChatModel;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly progress?: Progress;
}
export interface MemoryOptions {
  /** Default `default`. */
  readonly namespace?: string;
  readonly recall?: Omit<RecallerOptions, 'namespace'>;
  readonly distillers?: readonly Distiller[];
  readonly redact?: Redact;
  /** Open episodes silent for longer are closed as interrupted before learning, in milliseconds. Default one hour. */
  readonly interruptedAfterMs?: number;
}
/** A task of a user's program: only the instruction is needed. */
export type TaskInput = Pick<Task, 'instruction'> & Partial<Task>;
export type Grade = boolean | number | Outcome;
export interface RunningEpisode {
  readonly id: string;
  readonly task: Task;
  recall(options?: { readonly budgetTokens?: number; readonly observation?: string }): Promise<Advice>;
  /** Calls the model, records the call, and returns its text. */
  call(model: ChatModel, prompt: string, options?: { readonly signal?: AbortSignal }): Promise<string>;
  /** Records an action and what came of it. */
  step(action: string, answer?: Answer): Promise<void>;
}
export interface RunOptions<Result> {
  readonly grade?: (answer: Result) => Grade | Promise<Grade>;
  /** Default `train`. */
  readonly purpose?: Purpose;
  readonly tags?: Readonly<Record<string, string>>;
}
export interface RunResult<Result> {
  readonly episodeId: string;
  readonly answer: Result;
  /** Absent when ungraded: unknown. */
  readonly outcome?: Outcome;
}
export type SearchHit = BankEntry & { readonly relevance: number };
export interface MemoryStats {
  readonly revision: number;
  readonly episodes: Readonly<Record<'success' | 'failure' | 'truncated' | 'errored' | 'unknown', number>>;
  readonly entries: {
    readonly total: number;
    readonly kinds: Readonly<Record<BankEntry['kind'], number>>;
    readonly statuses: Readonly<Partial<Record<EntryStatus, number>>>;
  };
}
export interface Memory extends AsyncDisposable {
  readonly recaller: Recaller;
  run<Result>(
    task: TaskInput,
    work: (episode: RunningEpisode) => Promise<Result>,
    options?: RunOptions<Result>,
  ): Promise<RunResult<Result>>;
  outcome(episodeId: string, grade: Grade): Promise<void>;
  learn(options?: Partial<LearnOptions>): Promise<LearnReport>;
  search(text: string, options?: { readonly limit?: number; readonly signal?: AbortSignal }): Promise<SearchHit[]>;
  export(options?: { readonly revision?: number; readonly destination?: string }): AsyncIterable<string>;
  import(lines: AsyncIterable<string> | Iterable<string>): Promise<ImportReport>;
  forget(episodeId: string): Promise<ForgetReport>;
  stats(): Promise<MemoryStats>;
  close(): Promise<void>;
}
export declare function createMemory(ports: MemoryPorts, options?: MemoryOptions): Memory;
