import type { Advice, BankEntry, EntryExposure, RecallNote, Task } from '@skillrl/core';

import { focusEntry } from '../bank/focus-entry.ts';
import { candidatesFor, mostFound, type Candidate } from './candidates.ts';
import { choose, type Choice } from './choose.ts';
import { entryReader, type EntryView } from './entry-reader.ts';
import { isZero } from './exact-vectors.ts';
import type { SearchExplanation } from './find-entries.ts';
import { keyedDraw } from './keyed-draw.ts';
import type {
  CandidateExplanation,
  Recaller,
  RecallerOptions,
  RecallExplanation,
  RecallPorts,
  RecallRequest,
  SearchHit,
} from './recaller.ts';
import { referenceBlock, type EntryRenderer } from './reference-block.ts';
import { relevanceOf } from './relevance.ts';
import { servingEmbedder } from './serving-embedder.ts';

/** A recaller over a bank. What it derives from the bank it keeps in memory, and makes again when in doubt. */
export function createRecaller(ports: RecallPorts, options: RecallerOptions): Recaller {
  const { entries } = ports;
  const { namespace, select = {}, renderer = referenceBlock, embedTimeoutMs = 250 } = options;
  const { limit = 6, minRelevance = 0.3, withholdProbability = 0.1 } = options;
  const serving = servingEmbedder(ports, { namespace, select, embedTimeoutMs });
  const reader = entryReader(select);

  /** The latest revision that was seen to exist. */
  let seen = 0;

  async function latestRevision(): Promise<number> {
    const revision = await entries.revision();
    seen = Math.max(seen, revision);
    return revision;
  }

  /** A view of a revision, opened when something is read through it: mostly all entries are at hand. @throws {StoreError} for no revision. */
  async function viewAt(revision: number): Promise<EntryView> {
    const open = () => entries.view(namespace, revision);
    if (Number.isInteger(revision) && revision >= 0 && revision <= seen) return { revision, open };
    const view = await open();
    seen = Math.max(seen, revision);
    return { revision, open: async () => view };
  }

  /** The candidates for a text, from the bank at a revision. */
  async function look(text: string, revision: number, signal: AbortSignal | undefined) {
    const answering = await serving.current();
    const { indexes, queries } = answering;
    const [embedded, index] = await Promise.all([queries?.of(text, signal), indexes.at(revision, embedTimeoutMs)]);
    const embeddedVector = embedded !== undefined && 'vector' in embedded ? embedded.vector : undefined;
    // A query without a known word has no direction: only its words can find something.
    const vector = embeddedVector === undefined || isZero(embeddedVector) ? undefined : embeddedVector;
    const unembedded = embedded !== undefined && 'degraded' in embedded ? embedded.degraded : index.degraded;
    const degraded = answering.degraded ?? unembedded;
    if (vector !== undefined && degraded === undefined && index.size > 0) await serving.proved(answering);
    return { index, query: { text, vector }, degraded, view: await viewAt(revision) };
  }

  /** What is recalled, and what is known of how that came about. */
  async function chooseFor(request: RecallRequest, isExplained: boolean) {
    const { task, observation, signal, seed = 0, budgetTokens = options.budgetTokens ?? 600 } = request;
    const revision = request.revision ?? options.revision ?? (await latestRevision());
    const { index, query, view, ...looked } = await look(queryText(task, observation), revision, signal);
    const { found, explanation, ...asked } = await index.find(query.text, query.vector, {
      limit: mostFound,
      task,
      isExplained,
    });
    const excluded = explanation?.excluded ?? [];
    const ids = [...found, ...excluded].map(({ id }) => id);
    const stored = await reader.read(view, ids, (id) => index.since(id));
    const candidates = candidatesFor(task, found, excluded, stored, isExplained ? -Infinity : minRelevance);
    const choice = choose(candidates, { task, renderer, budgetTokens, limit, minRelevance });
    const isWithheld = ({ id }: Candidate): boolean => keyedDraw(seed, task.id, id) < withholdProbability;
    const withheld = new Set(withholdProbability > 0 ? choice.chosen.filter(isWithheld) : []);
    const shown = choice.chosen.filter((candidate) => !withheld.has(candidate));
    const note = { revision, degraded: looked.degraded ?? asked.degraded };
    const advice = adviceOf(shown.map(choice.entryOf), [...withheld].map(choice.entryOf), task, note);
    return { advice, query, candidates, choice, withheld, explanation, budgetTokens };
  }

  function adviceOf(
    shown: readonly BankEntry[],
    withheld: readonly BankEntry[],
    task: Task,
    { revision, degraded }: { readonly revision: number; readonly degraded: string | undefined },
  ): Advice {
    const propensity = 1 - withholdProbability;
    const exposure = ({ id, version }: BankEntry): EntryExposure => ({
      entryId: id,
      entryVersion: version,
      propensity,
    });
    const text = renderer.render(shown, task);
    const recall: RecallNote = {
      namespace,
      bankRevision: revision,
      shown: shown.map(exposure),
      withheld: withheld.map(exposure),
      tokens: text === '' ? 0 : renderer.countTokens(text),
      ...(degraded !== undefined && { degraded }),
    };
    return { entries: shown, text, recall };
  }

  return {
    name: nameOf(options, renderer),
    recall: async (request) => (await chooseFor(request, false)).advice,
    explain: async (request) => explained(await chooseFor(request, true)),
    prepare: async () => {
      const answering = await serving.current();
      const index = await answering.indexes.at(options.revision ?? (await latestRevision()));
      if (index.size > 0 && index.degraded === undefined) await serving.proved(answering);
    },
    restore: async (note, { task, budgetTokens = options.budgetTokens ?? 600 }) => {
      const view = await viewAt(note.bankRevision);
      const ids = note.shown.map(({ entryId }) => entryId);
      const stored = await reader.read(view, ids, () => undefined);
      let restored = ids
        .map((id) => stored.get(id))
        .map((entry) => entry && focusEntry(entry, task))
        .filter((entry) => entry !== undefined);
      const text = (): string => renderer.render(restored, task);
      while (restored.length > 0 && renderer.countTokens(text()) > budgetTokens) restored = restored.slice(0, -1);
      return { entries: restored, text: text(), recall: note };
    },
    search: async (text, { limit: most = 10, task, signal } = {}) => {
      const revision = options.revision ?? (await latestRevision());
      const { index, query, view } = await look(text, revision, signal);
      const { found } = await index.find(query.text, query.vector, { limit: Math.max(mostFound, most), task });
      const ranked = found
        .map((hit) => ({ id: hit.id, relevance: relevanceOf(hit) }))
        .filter(({ relevance }) => relevance > 0)
        .toSorted((a, b) => b.relevance - a.relevance || (a.id < b.id ? -1 : 1));
      const best = ranked.slice(0, most);
      const stored = await reader.read(
        view,
        best.map(({ id }) => id),
        (id) => index.since(id),
      );
      return best.flatMap(({ id, relevance }): SearchHit[] => {
        const entry = stored.get(id);
        return entry === undefined ? [] : [{ ...entry, relevance }];
      });
    },
    close: () => serving.close(),
  };
}

/** The goal decides; in the middle of an episode what was just seen is part of the question. */
function queryText({ instruction }: Task, observation: string | undefined): string {
  return observation === undefined ? instruction : `${instruction}\n${observation}`;
}

interface Chosen {
  readonly advice: Advice;
  readonly query: { readonly text: string };
  readonly candidates: readonly Candidate[];
  readonly choice: Choice;
  readonly withheld: ReadonlySet<Candidate>;
  readonly explanation: SearchExplanation | undefined;
  readonly budgetTokens: number;
}

/** All that is told of a recall. */
function explained({
  advice,
  query,
  candidates,
  choice,
  withheld,
  explanation,
  budgetTokens,
}: Chosen): RecallExplanation {
  const used = choice.used();
  return {
    advice,
    query: query.text,
    search: { terms: explanation?.terms ?? [], vectors: explanation?.vectors },
    budget: { tokens: budgetTokens, used, left: budgetTokens - used },
    candidates: candidates.map((candidate) => {
      const { entry, id, relevance, parts, lexicalRank, denseRank, bm25, similarity, coverage } = candidate;
      return {
        entryId: id,
        title: entry.title,
        kind: entry.kind,
        decision: withheld.has(candidate) ? 'withheld' : choice.decisionOn(candidate),
        relevance,
        parts,
        lexicalRank,
        denseRank,
        bm25,
        similarity,
        coverage,
        gate: gateOf(candidate),
        tokens: choice.tokensOf(candidate),
      };
    }),
  };
}

/** How the words that were found could count. */
function gateOf({ coverage, similarity }: Candidate): CandidateExplanation['gate'] {
  if (coverage === 0) return 'shut';
  return similarity === undefined ? 'words alone' : 'open';
}

function nameOf(
  { revision, select = {}, budgetTokens = 600, limit = 6 }: RecallerOptions,
  renderer: EntryRenderer,
): string {
  const part = [...(select.kinds ?? []), ...(select.forms ?? []), ...(select.statuses ?? [])].join('+') || 'all';
  return `${part}@${revision ?? 'latest'}/${renderer.name}/${budgetTokens}t/${limit}`;
}
