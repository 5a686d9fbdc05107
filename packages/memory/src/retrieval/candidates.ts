import type { BankEntry, BankView, Task } from '@skillrl/core';

import { focusEntry, isOffTopic } from '../bank/focus-entry.ts';
import { selectEntry, type BankSelection } from '../bank/select-entry.ts';
import { classOf, namesClass } from '../distillation/names.ts';
import type { EntryIndex } from './entry-index.ts';
import type { Found } from './find-entries.ts';

/** An entry that was found for a task, as the task would see it. */
export interface Candidate extends Found {
  readonly entry: BankEntry;
  readonly relevance: number;
  /** True for a demonstration that is about other things than the task names: only its plan can help. */
  readonly isElsewhere: boolean;
  /** Set when it is out before any choice is made. */
  readonly rejected?: 'other-conditions' | 'not-about-task';
}

/** Most hits of each half that are looked at. */
export const mostFound = 64;

/** What a covered query adds to a cosine. Measured (storage notes, §9): .1 to .2 lose nothing on paraphrases, .4 does. */
const coverageWeight = 0.15;
/** The least relevance of an entry whose machine form is about something that the task names. */
const namedRelevance = 0.6;
/** The most relevance of a lesson about something else that happens to know a useful fact. */
const offTopicRelevance = 0.5;
/** What an entry of the task's own family gains over a general one. */
const familyBonus = 0.15;

/**
 * How sure it is that an entry speaks about the task. The lexical half never stands alone against the dense one: words that are found count
 * for as much of the query as they cover, for in a paraphrase they are noise.
 */
export function relevanceOf({ similarity, coverage }: Pick<Found, 'similarity' | 'coverage'>): number {
  return similarity === undefined ? coverage : Math.max(0, similarity) + coverageWeight * coverage;
}

/** The candidates for a task, best first, those that are out last. */
export async function candidatesFor(
  task: Task,
  query: { readonly text: string; readonly vector: Float32Array | undefined },
  index: EntryIndex,
  view: BankView,
  select: BankSelection,
  withExcluded: boolean,
): Promise<{ readonly candidates: Candidate[]; readonly degraded?: string }> {
  const excluded: string[] = [];
  const onExcluded = withExcluded ? (id: string) => void excluded.push(id) : undefined;
  const { found, degraded } = await index.find(query.text, query.vector, { limit: mostFound, task, onExcluded });
  const candidates: Candidate[] = [];
  for (const hit of found) {
    const stored = await view.get(hit.id);
    const entry = stored && selectEntry(stored, select);
    if (entry === undefined) continue;
    const focused = focusEntry(entry, task);
    const relevance = relevanceOf(hit);
    const isElsewhere = isAboutOthers(entry, task);
    if (focused === undefined) candidates.push({ ...hit, entry, relevance, isElsewhere, rejected: 'not-about-task' });
    else candidates.push({ ...hit, entry: focused, isElsewhere, relevance: withBonus(relevance, focused, task) });
  }
  for (const id of excluded.slice(0, mostFound)) {
    const entry = await view.get(id);
    if (entry === undefined) continue;
    candidates.push({ id, entry, coverage: 0, relevance: 0, isElsewhere: false, rejected: 'other-conditions' });
  }
  return { candidates: candidates.toSorted(byRelevance), degraded };
}

function withBonus(relevance: number, entry: BankEntry, { family }: Task): number {
  if (isOffTopic(entry)) return Math.min(relevance, offTopicRelevance);
  const isNamed = entry.kind === 'principle' && entry.machine !== undefined;
  const isLocal = family !== undefined && entry.conditions?.families?.includes(family) === true;
  return (isNamed ? Math.max(relevance, namedRelevance) : relevance) + (isLocal ? familyBonus : 0);
}

/** Whether the things that a demonstration's goal names and its steps used are none of the task's. */
function isAboutOthers(entry: BankEntry, { instruction }: Task): boolean {
  if (entry.kind !== 'demonstration') return false;
  const used = new Set((entry.machine?.facts ?? []).map(({ subject }) => classOf(subject)));
  const own = [...used].filter((thing) => namesClass(entry.body.goal, thing));
  return own.length > 0 && !own.some((thing) => namesClass(instruction, thing));
}

function byRelevance(a: Candidate, b: Candidate): number {
  const out = Number(a.rejected !== undefined) - Number(b.rejected !== undefined);
  return out || b.relevance - a.relevance || (a.id < b.id ? -1 : 1);
}
