import type { DocumentInterface } from '@langchain/core/documents';
import {
  boundaryError,
  contentHash,
  type Advice,
  type BankEntry,
  type Principle,
  type RecallNote,
} from '@skillrl/core';
import {
  estimateTokens,
  referenceBlock,
  type EntryRenderer,
  type Recaller,
  type RecallDecision,
  type RecallRequest,
} from '@skillrl/memory';

/** What of a LangChain vector store is asked: no filter is ever passed on, for each store means another thing by it. */
export interface DocumentSource {
  similaritySearchWithScore(query: string, k?: number): Promise<[DocumentInterface, number][]>;
}

export interface DocumentRecallerOptions {
  /** Names the source in episodes: what was shown is counted under it. Default `documents`. */
  readonly name?: string;
  /** Most documents shown. Default 4. */
  readonly limit?: number;
  /** What the store's score means: `similarity` is greater where nearer, `distance` less (HNSWLib, FAISS). Default `similarity`. */
  readonly score?: 'similarity' | 'distance';
  /** Documents with a score worse than this are not shown. Default: none is left out. */
  readonly threshold?: number;
  /** Keeps only documents that it returns true for. Asked here, of four times as many as are shown. */
  readonly filter?: (document: DocumentInterface) => boolean;
  /** Tokens the block may take. Default 600. */
  readonly budgetTokens?: number;
  /** Default `referenceBlock`. */
  readonly renderer?: EntryRenderer;
}

/**
 * A LangChain vector store as what an agent recalls from, in place of the bank: its documents come into the prompt as the bank's entries do, as
 * reference data within the budget, and episodes record which ones were shown. Nothing is withheld, and documents are not learned from.
 *
 * Works for any store, also one without ids: a document without an id is known by its text.
 *
 * @throws on a recall {IndexError} `INDEX_FAILED` when the store cannot be asked.
 */
export function documentRecaller(store: DocumentSource, options: DocumentRecallerOptions = {}): Recaller {
  const { name = 'documents', limit = 4, filter, score = 'similarity', renderer = referenceBlock } = options;
  const threshold = options.threshold ?? (score === 'similarity' ? -Infinity : Infinity);
  const isNear = (value: number): boolean => (score === 'similarity' ? value >= threshold : value <= threshold);

  async function find(query: string, most: number, signal: AbortSignal | undefined): Promise<Candidate[]> {
    signal?.throwIfAborted();
    // An empty query has no direction, and some stores refuse it.
    if (query.trim() === '' || most < 1) return [];
    try {
      const found = await store.similaritySearchWithScore(query, filter === undefined ? most : most * 4);
      signal?.throwIfAborted();
      const seen = new Set<string>();
      return found.flatMap(([document, value]) => {
        if (filter !== undefined && !filter(document)) return [];
        const entry = entryOf(document, name);
        if (seen.has(entry.id)) return [];
        seen.add(entry.id);
        return [{ entry, value }];
      });
    } catch (error) {
      throw boundaryError('index', `search the documents of '${name}'`, error);
    }
  }

  async function choose({ task, observation, signal, budgetTokens = options.budgetTokens ?? 600 }: RecallRequest) {
    const query = observation === undefined ? task.instruction : `${task.instruction}\n${observation}`;
    const candidates = await find(query, limit, signal);
    const shown: BankEntry[] = [];
    const decisions = new Map<string, RecallDecision>();
    for (const { entry, value } of candidates) {
      const decide = (): RecallDecision => {
        if (!isNear(value)) return 'below-threshold';
        if (shown.length >= limit) return 'over-limit';
        const isWithin = renderer.countTokens(renderer.render([...shown, entry], task)) <= budgetTokens;
        return isWithin ? 'shown' : 'over-budget';
      };
      const decision = decide();
      decisions.set(entry.id, decision);
      if (decision === 'shown') shown.push(entry);
    }
    return { query, candidates, shown, decisions, budgetTokens, advice: adviceOf(shown, renderer.render(shown, task)) };
  }

  function adviceOf(entries: readonly BankEntry[], text: string): Advice {
    const recall: RecallNote = {
      namespace: name,
      bankRevision: 0,
      shown: entries.map(({ id, version }) => ({ entryId: id, entryVersion: version, propensity: 1 })),
      withheld: [],
      tokens: text === '' ? 0 : renderer.countTokens(text),
    };
    return { entries, text, recall };
  }

  return {
    name: `${name}/${renderer.name}/${options.budgetTokens ?? 600}t/${limit}`,
    prepare: async () => {},
    recall: async (request) => (await choose(request)).advice,
    explain: async (request) => {
      const { advice, query, candidates, decisions, budgetTokens } = await choose(request);
      return {
        advice,
        query,
        search: { terms: [], vectors: undefined },
        budget: { tokens: budgetTokens, used: advice.recall.tokens, left: budgetTokens - advice.recall.tokens },
        candidates: candidates.map(({ entry, value }, at) => {
          const relevance = relevanceOf(value, score);
          return {
            entryId: entry.id,
            title: entry.title,
            kind: entry.kind,
            decision: decisions.get(entry.id)!,
            relevance,
            parts: { meaning: relevance, words: 0, named: 0, family: 0, offTopic: 0 },
            denseRank: at + 1,
            similarity: relevance,
            coverage: 0,
            gate: 'shut',
            tokens: renderer.countTokens(renderer.render([entry], request.task)),
          };
        }),
      };
    },
    // The store has no revisions: what it still finds of what was shown.
    restore: async (note, request) => {
      const { candidates } = await choose(request);
      const ids = new Set(note.shown.map(({ entryId }) => entryId));
      const entries = candidates.map(({ entry }) => entry).filter(({ id }) => ids.has(id));
      return { entries, text: renderer.render(entries, request.task), recall: note };
    },
    search: async (text, { limit: most = 10, signal } = {}) =>
      (await find(text, most, signal))
        .slice(0, most)
        .map(({ entry, value }) => ({ ...entry, relevance: relevanceOf(value, score) })),
    close: async () => {},
  };
}

interface Candidate {
  readonly entry: Principle;
  /** As the store gave it. */
  readonly value: number;
}

/** In [0, 1], greater where nearer. */
function relevanceOf(value: number, score: 'similarity' | 'distance'): number {
  const similarity = score === 'similarity' ? value : 1 - value;
  return Math.max(0, Math.min(1, similarity)) || 0;
}

const longestText = 19_000;

function entryOf({ id, pageContent, metadata }: DocumentInterface, name: string): Principle {
  const text = pageContent.toWellFormed();
  const title = typeof metadata?.['title'] === 'string' ? metadata['title'] : (text.trim().split('\n')[0] ?? '');
  return {
    id: id ?? `document_${contentHash(text).slice(0, 24)}`,
    kind: 'principle',
    version: 1,
    namespace: name,
    scope: 'task',
    cluster: name,
    title: title.toWellFormed().slice(0, 120).toWellFormed() || 'document',
    body: { principle: text.slice(0, longestText).toWellFormed(), appliesWhen: 'the task is about this' },
    evidence: [],
    status: 'active',
    tokens: estimateTokens(text),
    madeBy: { method: 'langchain-document' },
    createdAt: 0,
  };
}
