import type { Fact } from './episode.ts';

/** Where to look first: `find mug : countertop, shelf`. */
export interface SearchOrder {
  readonly find: string;
  readonly places: readonly string[];
}

/** `avoid A : do B`: what a failure teaches. */
export interface Instead {
  readonly avoid: string;
  readonly do: string;
}

/** What a word means in action: `dax : heat with microwave`. */
export interface Procedure {
  readonly name: string;
  readonly means: string;
}

/** The short form of an entry that a small policy can read and a large one may ignore. A policy renders what it was trained on. */
export interface MachineForm {
  readonly facts?: readonly Fact[];
  readonly order?: readonly SearchOrder[];
  readonly instead?: readonly Instead[];
  readonly procedures?: readonly Procedure[];
}

/** A stretch of an episode that an entry rests on. */
export interface Evidence {
  readonly episodeId: string;
  readonly taskId: string;
  /** First and last step, both included; absent for the whole episode. */
  readonly steps?: readonly [number, number];
  /** Content hash of the cited stretch, so that a changed or erased source is noticed. */
  readonly hash: string;
  readonly trusted: boolean;
}

/** When an entry may be shown: every list that is present must contain the task's value. */
export interface Conditions {
  readonly environments?: readonly string[];
  readonly families?: readonly string[];
  readonly types?: readonly string[];
}

/** Life of an entry: distilled → on trial → active → stable, or quarantined, or retired. */
export type EntryStatus = (typeof entryStatuses)[number];

/** All statuses, in the order of a life. */
export const entryStatuses = ['candidate', 'trial', 'active', 'stable', 'quarantined', 'retired'] as const;

/** Statuses whose entries may reach a prompt. */
export const servedStatuses: readonly EntryStatus[] = ['trial', 'active', 'stable'];

export interface MadeBy {
  /** `demonstration`, `contrastive`, `chat-model`, `person`, or an importer's name. */
  readonly method: string;
  readonly model?: string;
  readonly promptHash?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
}

interface EntryBase {
  readonly id: string;
  /** From 1; a new version is made when the body changes, not when the status does. */
  readonly version: number;
  readonly parentVersion?: number;
  /** Separates tenants. There is no query without one. */
  readonly namespace: string;
  /** `general`: always useful; `task`: for a kind of task; `step`: for a moment within one. */
  readonly scope: 'general' | 'task' | 'step';
  /** Entries of one cluster are about the same goal. */
  readonly cluster: string;
  readonly title: string;
  readonly conditions?: Conditions;
  readonly machine?: MachineForm;
  readonly evidence: readonly Evidence[];
  readonly status: EntryStatus;
  /** Length of the prose form in tokens (estimated where no tokenizer is at hand). */
  readonly tokens: number;
  readonly madeBy: MadeBy;
  /** What other formats know of it, kept for the way back; never part of a prompt. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface DemonstrationStep {
  readonly observation?: string;
  readonly action: string;
  readonly why?: string;
}

/** A verified success, kept concrete: the steps that mattered. */
export interface Demonstration extends EntryBase {
  readonly kind: 'demonstration';
  readonly body: {
    /** The goal's pattern, such as `heat some mug and put it in cabinet`. */
    readonly goal: string;
    readonly steps: readonly DemonstrationStep[];
    readonly result: string;
  };
}

/** What a failure teaches, abstract: never the failed transcript. */
export interface Lesson extends EntryBase {
  readonly kind: 'lesson';
  readonly body: {
    readonly pointOfFailure: string;
    readonly flawedDecision: string;
    readonly correction: string;
    readonly principle: string;
    readonly appliesWhen: string;
  };
}

/** What several episodes or entries of a cluster, or a person, hold true. */
export interface Principle extends EntryBase {
  readonly kind: 'principle';
  readonly body: {
    readonly principle: string;
    readonly appliesWhen: string;
  };
}

/** One memory. */
export type BankEntry = Demonstration | Lesson | Principle;
