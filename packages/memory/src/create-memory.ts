import {
  contentHash,
  InputError,
  silentLogger,
  systemClock,
  type BankCommit,
  type BankEntry,
  type BankView,
  type ChatModel,
  type Clock,
  type EntryChange,
  type EntryFilter,
  type EntryStatus,
  type EntryStore,
  type EpisodeStore,
  type Logger,
  type Outcome,
  type Progress,
  type Task,
  type Trust,
} from '@skillrl/core';

import { quarantineEntry, releaseEntry, type Ruling } from './bank/quarantine.ts';
import { chatModelDistiller } from './distillation/chat-model.ts';
import { contrastiveDistiller } from './distillation/contrastive.ts';
import { demonstrationDistiller } from './distillation/demonstration.ts';
import type { Distiller } from './distillation/distiller.ts';
import { learn, type LearnOptions, type LearnReport } from './distillation/learn.ts';
import { forgetEpisode, type ForgetReport } from './forget-episode.ts';
import { exportBank } from './portability/export-bank.ts';
import { importBank, type BankImportOptions, type ImportReport } from './portability/import-bank.ts';
import type { ImportTarget } from './portability/import-items.ts';
import type { FileLine } from './portability/split-lines.ts';
import { closeInterrupted } from './recording/close-interrupted.ts';
import { patientLog } from './recording/patient-log.ts';
import { recorder, type Recorder } from './recording/recorder.ts';
import type { Redact } from './recording/redact-event.ts';
import { togetherLog } from './recording/together-log.ts';
import { createRecaller } from './retrieval/create-recaller.ts';
import type { Recaller, RecallerOptions, RecallPorts, SearchHit, SearchOptions } from './retrieval/recaller.ts';
import { gradedOutcome, runTask, type Grade, type RunOptions, type RunResult } from './run-task.ts';
import type { RunningEpisode } from './running-episode.ts';

export interface MemoryPorts extends RecallPorts {
  readonly episodes: EpisodeStore;
  readonly entries: EntryStore;
  /** Writes lessons of failures when given; otherwise they are found by comparing with successes. */
  readonly distillerModel?: ChatModel;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly progress?: Progress;
}

export interface MemoryOptions {
  /** Default `default`. */
  readonly namespace?: string;
  readonly recall?: Omit<RecallerOptions, 'namespace'>;
  /** Default: demonstrations of successes, and lessons of failures by the model where one is given, else by comparison. */
  readonly distillers?: readonly Distiller[];
  /** Whose words may become part of an entry that is served. Default: environment, grader, user. */
  readonly trusted?: readonly Trust[];
  /** Applied to every text of an episode before it is written. */
  readonly redact?: Redact;
  /** Open episodes that have been silent for longer are closed as interrupted before learning, in milliseconds. Default one hour. */
  readonly interruptedAfterMs?: number;
}

/** A task of a user's program: the instruction is all it needs. Equal instructions are one task unless ids tell them apart. */
export type TaskInput = Pick<Task, 'instruction'> & Partial<Task>;

export interface MemoryStats {
  /** The bank's revision. */
  readonly revision: number;
  readonly episodes: Readonly<Record<Outcome['status'] | 'unknown', number>>;
  readonly entries: {
    readonly total: number;
    readonly kinds: Readonly<Record<BankEntry['kind'], number>>;
    readonly statuses: Readonly<Partial<Record<EntryStatus, number>>>;
  };
}

/** The entries of one namespace. */
export interface Bank {
  /** @param revision - default: the latest. @throws {StoreError} `REVISION_UNKNOWN` */
  view(revision?: number): Promise<BankView>;
  /** Changes entries of the namespace, all of it or nothing. @returns the revision made. @throws as `EntryStore.commit` does. */
  commit(commit: Omit<BankCommit, 'namespace'>): Promise<number>;
  /** The changes after a revision, in order. */
  changesAfter(revision: number): AsyncIterable<EntryChange>;
}

/** A memory for a program's own tasks: it records them, learns from them, and gives back what it learned. */
export interface Memory extends AsyncDisposable {
  readonly namespace: string;
  readonly recaller: Recaller;
  /** Writes episodes event by event, for programs whose runs cannot be put into one function. Throws what the store throws, unlike `run`. */
  readonly recorder: Recorder;
  /**
   * Announces somebody who writes episodes in the background: asked to write what waits, and waited for, before episodes are judged, counted,
   * learned from or erased, and before this memory closes. @returns takes the announcement back.
   */
  addWriter(flush: () => Promise<void>): () => void;
  /** The entries of this namespace, for programs that write them by hand. */
  readonly bank: Bank;
  /** The memory of another tenant, over the same stores and with the same options; one a name. It is closed with this one. */
  inNamespace(namespace: string): Memory;
  /**
   * Runs the work as one recorded episode. What it returns is recorded as its last action; a grade makes it a success or a failure; without one
   * it is unknown until `outcome` is called.
   *
   * No failure of the memory fails the run; the logger is told.
   * @throws what the work, or the grade, throws; the episode is then closed as errored.
   */
  run<Result>(
    task: TaskInput,
    work: (episode: RunningEpisode) => Promise<Result> | Result,
    options?: RunOptions<Result>,
  ): Promise<RunResult<Result>>;
  /** Says how an episode came out, now or next week. @throws {InputError} `EPISODE_UNKNOWN`, `GRADE_INVALID` */
  outcome(episodeId: string, grade: Grade): Promise<void>;
  /** Turns finished episodes that this memory ran into entries: a success into a demonstration, a failure into a lesson. */
  learn(options?: Partial<Omit<LearnOptions, 'namespace'>>): Promise<LearnReport>;
  /** Entries about a text, best first. */
  search(text: string, options?: SearchOptions): Promise<SearchHit[]>;
  /** One entry of the bank as it is now. */
  entry(id: string): Promise<BankEntry | undefined>;
  /** Entries of the bank as it is now, in the order of ids. Default: all of them. */
  list(filter?: EntryFilter): AsyncIterable<BankEntry>;
  /**
   * Lets an entry out of quarantine by the word of somebody who read it: it goes on trial. @returns the revision made.
   * @throws {InputError} `ENTRY_NOT_QUARANTINED`, `ENTRY_UNKNOWN`, `RULING_INCOMPLETE`; `OUTCOME_UNVERIFIED` for one that rests on an outcome
   * which nobody verified: say the outcome, and learn.
   */
  release(entryId: string, ruling: Ruling): Promise<number>;
  /** Takes an entry out of what is served. @returns the revision made. @throws {InputError} `ENTRY_UNKNOWN`, `RULING_INCOMPLETE`. */
  quarantine(entryId: string, ruling: Ruling): Promise<number>;
  /** The bank as lines of JSON, without line ends. */
  export(options?: { readonly revision?: number; readonly destination?: string }): AsyncIterable<string>;
  import(
    lines: AsyncIterable<FileLine> | Iterable<FileLine>,
    options?: Omit<ImportTarget, 'entries' | 'namespace'> & BankImportOptions,
  ): Promise<ImportReport>;
  /** Erases an episode and all that was learned from it. */
  forget(episodeId: string): Promise<ForgetReport>;
  stats(): Promise<MemoryStats>;
  /** Writes what still waits and lets go of what is derived. The stores belong to the caller and stay open. A second time does nothing. */
  close(): Promise<void>;
}

export function createMemory(ports: MemoryPorts, options: MemoryOptions = {}): Memory {
  const { episodes, entries, clock = systemClock, logger = silentLogger } = ports;
  const { namespace = 'default', redact, trusted, interruptedAfterMs = 3_600_000 } = options;
  const { distillers = defaultDistillers(ports.distillerModel) } = options;
  const recaller = createRecaller(ports, { ...options.recall, namespace });
  const log = patientLog(episodes, logger);
  const recording = recorder({ episodes: log, clock, redact });
  const strict = recorder({ episodes: togetherLog(episodes), clock, redact });

  const tenants = new Map<string, Memory>();
  // Whose an episode is: what one tenant did is not for another to learn from, to count, to grade or to erase.
  const ours = { namespace };
  const refuseForeign = async (episodeId: string): Promise<void> => {
    const episode = await episodes.episode(episodeId);
    if (episode?.tags['namespace'] !== namespace) throw unknownEpisode(episodeId);
  };

  const writers = new Set<() => Promise<void>>();
  const flush = async (): Promise<void> => {
    await Promise.all(Array.from(writers, (write) => write()));
    await log.flush();
  };

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closed ??= (async () => {
      await Promise.all([...tenants.values()].map((tenant) => tenant.close()));
      await flush();
      await recaller.close();
    })());
  const memory: Memory = {
    namespace,
    recaller,
    recorder: { ...strict, start: (opening) => strict.start({ ...opening, tags: { ...opening.tags, ...ours } }) },
    addWriter: (write) => {
      writers.add(write);
      return () => writers.delete(write);
    },
    bank: {
      view: (revision) => entries.view(namespace, revision),
      commit: (commit) => entries.commit({ ...commit, namespace }),
      changesAfter: (revision) => entries.changesAfter(namespace, revision),
    },
    inNamespace: (name) => {
      if (name === namespace) return memory;
      const tenant = tenants.get(name) ?? createMemory(ports, { ...options, namespace: name });
      tenants.set(name, tenant);
      return tenant;
    },
    run: (task, work, running = {}) =>
      runTask({ recorder: recording, recaller, logger, clock, entries }, fullTask(task), work, {
        ...running,
        tags: { ...running.tags, ...ours },
      }),
    outcome: async (episodeId, grade) => {
      const outcome = gradedOutcome(grade);
      await flush();
      await refuseForeign(episodeId);
      await strict.outcome(episodeId, outcome);
    },
    learn: async (learning = {}) => {
      await flush();
      for (const episodeId of learning.episodeIds ?? []) await refuseForeign(episodeId);
      await closeInterrupted(episodes, clock, { olderThanMs: interruptedAfterMs, signal: learning.signal });
      const report = await learn(ports, {
        distillers,
        trusted,
        ...learning,
        tags: { ...learning.tags, ...ours },
        namespace,
      });
      await recaller.prepare();
      return report;
    },
    search: (text, searching) => recaller.search(text, searching),
    entry: async (id) => (await entries.view(namespace)).get(id),
    list: async function* (filter) {
      yield* (await entries.view(namespace)).list(filter);
    },
    release: async (entryId, ruling) => {
      await flush();
      return releaseEntry({ entries, episodes }, namespace, entryId, ruling);
    },
    quarantine: (entryId, ruling) => quarantineEntry({ entries }, namespace, entryId, ruling),
    export: (exporting = {}) => exportBank({ ...exporting, entries, episodes, namespace, clock }),
    import: (lines, importing = {}) => importBank(lines, { ...importing, entries, namespace }),
    forget: async (episodeId) => {
      await flush();
      // One that is erased already may have left entries behind: what was broken off is finished.
      if ((await episodes.episode(episodeId)) !== undefined) await refuseForeign(episodeId);
      return forgetEpisode({ episodes, entries, clock }, episodeId, { namespace, trusted });
    },
    stats: async () => {
      await flush();
      return statsOf(episodes, entries, namespace, ours);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
  return memory;
}

function defaultDistillers(model: ChatModel | undefined): readonly Distiller[] {
  return [demonstrationDistiller(), model === undefined ? contrastiveDistiller() : chatModelDistiller({ model })];
}

function fullTask(task: TaskInput): Task {
  const id = task.id ?? `task_${contentHash(task.instruction).slice(0, 24)}`;
  return { ...task, id, environment: task.environment ?? 'user', domainKind: task.domainKind ?? 'convergent' };
}

function unknownEpisode(episodeId: string): InputError {
  return new InputError({
    code: 'EPISODE_UNKNOWN',
    message: `There is no episode '${episodeId}' of this memory.`,
    hint: 'Give the id that `run` returned, of the same memory.',
  });
}

async function statsOf(
  episodes: EpisodeStore,
  entries: EntryStore,
  namespace: string,
  tags: Readonly<Record<string, string>>,
): Promise<MemoryStats> {
  const counts = { success: 0, failure: 0, truncated: 0, errored: 0, unknown: 0 };
  for await (const { outcome } of episodes.episodes({ tags })) counts[outcome?.status ?? 'unknown'] += 1;
  const view = await entries.view(namespace);
  const kinds = { demonstration: 0, lesson: 0, principle: 0 };
  const statuses: Partial<Record<EntryStatus, number>> = {};
  let total = 0;
  for await (const { kind, status } of view.list()) {
    total += 1;
    kinds[kind] += 1;
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return { revision: view.revision, episodes: counts, entries: { total, kinds, statuses } };
}
