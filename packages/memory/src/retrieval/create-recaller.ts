import type { Advice, BankEntry, EntryExposure, RecallNote, Task } from '@skillrl/core';

import { focusEntry } from '../bank/focus-entry.ts';
import { selectEntry } from '../bank/select-entry.ts';
import { candidatesFor, mostFound, relevanceOf, type Candidate } from './candidates.ts';
import { choose, type Choice } from './choose.ts';
import { isZero } from './exact-vectors.ts';
import { keyedDraw } from './keyed-draw.ts';
import type {
  Recaller,
  RecallerOptions,
  RecallExplanation,
  RecallPorts,
  RecallRequest,
  SearchHit,
} from './recaller.ts';
import { referenceBlock, type EntryRenderer } from './reference-block.ts';
import { servingEmbedder } from './serving-embedder.ts';

/** A recaller over a bank. What it derives from the bank it keeps in memory, and makes again when in doubt. */
export function createRecaller(ports: RecallPorts, options: RecallerOptions): Recaller {
  const { entries } = ports;
  const { namespace, select = {}, renderer = referenceBlock, embedTimeoutMs = 250 } = options;
  const { limit = 6, minRelevance = 0.3, withholdProbability = 0.1 } = options;
  const serving = servingEmbedder(ports, { namespace, select, embedTimeoutMs });

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
    return { index, query: { text, vector }, degraded, view: await entries.view(namespace, revision) };
  }

  async function explained(request: RecallRequest, withExcluded: boolean): Promise<RecallExplanation> {
    const { task, observation, signal, seed = 0, budgetTokens = options.budgetTokens ?? 600 } = request;
    const revision = request.revision ?? options.revision ?? (await entries.revision());
    const { index, query, view, ...looked } = await look(queryText(task, observation), revision, signal);
    const { candidates, ...asked } = await candidatesFor(task, query, index, view, select, withExcluded);
    const degraded = looked.degraded ?? asked.degraded;
    const choice = choose(candidates, { task, renderer, budgetTokens, limit, minRelevance });
    const isWithheld = ({ id }: Candidate): boolean => keyedDraw(seed, task.id, id) < withholdProbability;
    const withheld = choice.chosen.filter(isWithheld);
    const shown = choice.chosen.filter((candidate) => !isWithheld(candidate));
    const exposure = ({ entry }: Candidate): EntryExposure => ({
      entryId: entry.id,
      entryVersion: entry.version,
      propensity: 1 - withholdProbability,
    });
    const text = renderer.render(
      shown.map(({ entry }) => entry),
      task,
    );
    const recall: RecallNote = {
      namespace,
      bankRevision: revision,
      shown: shown.map(exposure),
      withheld: withheld.map(exposure),
      tokens: text === '' ? 0 : renderer.countTokens(text),
      ...(degraded !== undefined && { degraded }),
    };
    const advice: Advice = { entries: shown.map(({ entry }) => entry), text, recall };
    return { advice, candidates: explanations(candidates, choice, new Set(withheld.map(({ id }) => id))) };
  }

  return {
    name: nameOf(options, renderer),
    recall: async (request) => (await explained(request, false)).advice,
    explain: (request) => explained(request, true),
    prepare: async () => {
      const answering = await serving.current();
      const index = await answering.indexes.at(options.revision ?? (await entries.revision()));
      if (index.size > 0 && index.degraded === undefined) await serving.proved(answering);
    },
    restore: async (note, task) => {
      const view = await entries.view(namespace, note.bankRevision);
      const restored: BankEntry[] = [];
      for (const { entryId } of note.shown) {
        const stored = await view.get(entryId);
        const entry = stored && selectEntry(stored, select);
        const focused = entry && focusEntry(entry, task);
        if (focused !== undefined) restored.push(focused);
      }
      return { entries: restored, text: renderer.render(restored, task), recall: note };
    },
    search: async (text, { limit: most = 10, signal } = {}) => {
      const revision = options.revision ?? (await entries.revision());
      const { index, query, view } = await look(text, revision, signal);
      const { found } = await index.find(query.text, query.vector, { limit: Math.max(mostFound, most) });
      const ranked = found
        .map((hit) => ({ id: hit.id, relevance: relevanceOf(hit) }))
        .filter(({ relevance }) => relevance > 0)
        .toSorted((a, b) => b.relevance - a.relevance || (a.id < b.id ? -1 : 1));
      const hits: SearchHit[] = [];
      for (const { id, relevance } of ranked.slice(0, most)) {
        const stored = await view.get(id);
        const entry = stored && selectEntry(stored, select);
        if (entry !== undefined) hits.push({ ...entry, relevance });
      }
      return hits;
    },
    close: () => serving.close(),
  };
}

/** The goal decides; in the middle of an episode what was just seen is part of the question. */
function queryText({ instruction }: Task, observation: string | undefined): string {
  return observation === undefined ? instruction : `${instruction}\n${observation}`;
}

function explanations(
  candidates: readonly Candidate[],
  { decisions, tokens }: Choice,
  withheld: ReadonlySet<string>,
): RecallExplanation['candidates'] {
  return candidates.map(({ entry, id, relevance, lexicalRank, denseRank, bm25, similarity, coverage }) => ({
    entryId: id,
    title: entry.title,
    kind: entry.kind,
    decision: withheld.has(id) ? 'withheld' : decisions.get(id)!,
    relevance,
    lexicalRank,
    denseRank,
    bm25,
    similarity,
    coverage,
    tokens: tokens.get(id)!,
  }));
}

function nameOf(
  { revision, select = {}, budgetTokens = 600, limit = 6 }: RecallerOptions,
  renderer: EntryRenderer,
): string {
  const part = [...(select.kinds ?? []), ...(select.forms ?? []), ...(select.statuses ?? [])].join('+') || 'all';
  return `${part}@${revision ?? 'latest'}/${renderer.name}/${budgetTokens}t/${limit}`;
}
