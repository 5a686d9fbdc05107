import type { Advice, BankEntry, Embedder, RecallNote, Task } from '@skillrl/core';

import type { BankSelection } from '../bank/select-entry.ts';
import type { EntryIndexPorts } from './entry-index.ts';
import type { SearchExplanation } from './find-entries.ts';
import type { EntryRenderer } from './reference-block.ts';
import type { RelevanceParts } from './relevance.ts';

/** Where a recaller reads. */
export interface RecallPorts extends EntryIndexPorts {
  /**
   * Makes the embedder that a bank says serves it, from its id, when it is not `embedder`; `undefined` when that is not possible here. Default:
   * it never is, and then words alone answer.
   */
  readonly embedderOf?: (id: string) => Embedder | undefined;
}

export interface RecallerOptions {
  readonly namespace: string;
  /** Pins every recall to this revision. Default: the latest at each recall. */
  readonly revision?: number;
  /** The part of the bank that may be recalled. Default: all of it. */
  readonly select?: BankSelection;
  /** Default `referenceBlock`. */
  readonly renderer?: EntryRenderer;
  /** Tokens the rendered entries may take, delimiters included. Default 600. */
  readonly budgetTokens?: number;
  /** Most entries chosen for one task. Default 6. */
  readonly limit?: number;
  /** Entries less relevant than this are not chosen, in [0, 1]. Default 0.3. */
  readonly minRelevance?: number;
  /** Probability with which a chosen entry is withheld, in [0, 1). Default 0.1; 0 for a benchmark that measures the whole. */
  readonly withholdProbability?: number;
  /** Milliseconds the embedder may take before the lexical half answers alone. Default 250. */
  readonly embedTimeoutMs?: number;
}

export interface RecallRequest {
  readonly task: Task;
  /** What was just seen, when something is recalled in the middle of an episode. */
  readonly observation?: string;
  /** Default: the recaller's. */
  readonly budgetTokens?: number;
  /** Key of the withholding draw. Equal seed, task and entry draw alike, so that a retry cannot draw again. Default 0. */
  readonly seed?: number;
  /** Reads the bank at this revision. Default: the recaller's. */
  readonly revision?: number;
  readonly signal?: AbortSignal;
}

/** What became of a candidate. */
export type RecallDecision =
  | 'shown'
  /** Chosen, and held back by chance. */
  | 'withheld'
  /** Its conditions exclude the task. */
  | 'other-conditions'
  /** Nothing in it is about what the task names. */
  | 'not-about-task'
  /** The renderer has no form for it: the policy could not read it. */
  | 'unreadable'
  | 'below-threshold'
  /** It says the same as a chosen one. */
  | 'duplicate'
  | 'over-limit'
  | 'over-budget';

export interface CandidateExplanation {
  readonly entryId: string;
  readonly title: string;
  readonly kind: BankEntry['kind'];
  readonly decision: RecallDecision;
  /** What the candidates are ordered by, in [0, 1.3]. */
  readonly relevance: number;
  /** What the relevance is made of. */
  readonly parts: RelevanceParts;
  /** Rank in each half, from 1; absent where that half did not find it. */
  readonly lexicalRank?: number;
  readonly denseRank?: number;
  readonly bm25?: number;
  readonly similarity?: number;
  /** How much of the query its key covers, in [0, 1]. */
  readonly coverage: number;
  /**
   * Whether words counted. `open`: beside the similarity, as far as they cover the query; `shut`: they cover nothing of it; `words alone`:
   * there is no similarity, so that the coverage is the relevance.
   */
  readonly gate: 'open' | 'shut' | 'words alone';
  /** Length of its rendered form by itself, the frame included. */
  readonly tokens: number;
}

export interface RecallExplanation {
  readonly advice: Advice;
  /** What was searched for. */
  readonly query: string;
  readonly search: Omit<SearchExplanation, 'excluded'>;
  /** Tokens of the budget; those that the chosen entries take, withheld ones among them; what is left over. */
  readonly budget: { readonly tokens: number; readonly used: number; readonly left: number };
  /** Best first. */
  readonly candidates: readonly CandidateExplanation[];
}

/** Turns a task into advice from the bank. */
export interface Recaller {
  /** Names what decides what is recalled; part of a decorated policy's version. */
  readonly name: string;
  /** Brings what is derived from the bank up to date and waits for it, vectors too, so that no recall has to. */
  prepare(): Promise<void>;
  /**
   * What the bank has for a task. No entries is a normal answer.
   * @throws {StoreError} when the bank cannot be read; a failing embedder is noted as `degraded` instead.
   */
  recall(request: RecallRequest): Promise<Advice>;
  /** The same, with what became of each candidate. */
  explain(request: RecallRequest): Promise<RecallExplanation>;
  /**
   * The advice that a note on an episode tells of, from the revision it was read at. Entries erased since are left out, and so are the last
   * ones when the request has a smaller budget than it had.
   * @param request - what was asked then: the same task, seed, observation and budget.
   */
  restore(note: RecallNote, request: RecallRequest): Promise<Advice>;
  /** Entries of the whole bank that are about a text, best first. */
  search(text: string, options?: SearchOptions): Promise<SearchHit[]>;
  close(): Promise<void>;
}

export interface SearchOptions {
  /** Most hits. Default 10. */
  readonly limit?: number;
  /** Only entries whose conditions this task meets. Default: all. */
  readonly task?: Task;
  readonly signal?: AbortSignal;
}

export type SearchHit = BankEntry & { readonly relevance: number };
