import type { BankEntry, Task } from '@skillrl/core';

import { focusOn, isOffTopic, readTask, type TaskReading } from '../bank/focus-entry.ts';
import { classOf, namesClass } from '../distillation/names.ts';
import type { Found } from './find-entries.ts';
import type { LexicalHit } from './lexical-index.ts';
import { mostRelevance, relevanceParts, sumOf, type RelevanceParts } from './relevance.ts';

/** An entry that was found for a task, as the task would see it. */
export interface Candidate extends Found {
  /** Focused on the task, its length not counted again. */
  readonly entry: BankEntry;
  /** Whether less of it is shown than is stored, so that its length is another. */
  readonly isFocused: boolean;
  readonly relevance: number;
  readonly parts: RelevanceParts;
  /** True for a demonstration that is about other things than the task names: only its plan can help. */
  readonly isElsewhere: boolean;
  /** Set when it is out before any choice is made. */
  readonly rejected?: 'other-conditions' | 'not-about-task';
}

/** Most hits of each half that are looked at. */
export const mostFound = 64;

/**
 * The candidates for a task, best first, those that are out last.
 *
 * @param entries - the selected entries, by id.
 * @param leastRelevance - what cannot come to so much may be left out. −Infinity: nothing is.
 */
export function candidatesFor(
  task: Task,
  found: readonly Found[],
  excluded: readonly LexicalHit[],
  entries: ReadonlyMap<string, BankEntry>,
  leastRelevance: number,
): Candidate[] {
  const reading = readTask(task);
  const candidates: Candidate[] = [];
  for (const hit of found) {
    const entry = entries.get(hit.id);
    if (entry === undefined || mostRelevance(hit, isMachinePrinciple(entry)) < leastRelevance) continue;
    const candidate = candidateOf(hit, entry, task, reading);
    if (candidate.relevance >= leastRelevance) candidates.push(candidate);
  }
  for (const [position, { id, score }] of excluded.entries()) {
    const entry = entries.get(id);
    if (entry === undefined) continue;
    const hit = { id, lexicalRank: position + 1, bm25: score, coverage: 0 };
    candidates.push({
      ...hit,
      entry,
      isFocused: false,
      relevance: 0,
      parts: nothing,
      isElsewhere: false,
      rejected: 'other-conditions',
    });
  }
  return candidates.sort(byRelevance);
}

const nothing: RelevanceParts = { meaning: 0, words: 0, named: 0, family: 0, offTopic: 0 };

function candidateOf(hit: Found, stored: BankEntry, task: Task, reading: TaskReading): Candidate {
  const { id, lexicalRank, bm25, denseRank, similarity, coverage } = hit;
  const focused = focusOn(stored, reading);
  const parts = relevanceParts(hit, focused && standingOf(focused, task));
  return {
    id,
    lexicalRank,
    bm25,
    denseRank,
    similarity,
    coverage,
    entry: focused ?? stored,
    isFocused: focused !== undefined && focused !== stored,
    relevance: sumOf(parts),
    parts,
    isElsewhere: isAboutOthers(stored, reading),
    rejected: focused === undefined ? 'not-about-task' : undefined,
  };
}

function standingOf(entry: BankEntry, { family }: Task) {
  return {
    isNamed: isMachinePrinciple(entry),
    isLocal: family !== undefined && entry.conditions?.families?.includes(family) === true,
    isOffTopic: isOffTopic(entry),
  };
}

function isMachinePrinciple({ kind, machine }: BankEntry): boolean {
  return kind === 'principle' && machine !== undefined;
}

/** Whether the things that a demonstration's goal names and its steps used are none of the task's. */
function isAboutOthers(entry: BankEntry, reading: TaskReading): boolean {
  const facts = entry.machine?.facts;
  if (entry.kind !== 'demonstration' || facts === undefined) return false;
  let own = ownThings.get(facts);
  if (own === undefined) {
    const used = new Set(facts.map(({ subject }) => classOf(subject)));
    own = [...used].filter((thing) => namesClass(entry.body.goal, thing));
    ownThings.set(facts, own);
  }
  return own.length > 0 && !own.some((thing) => reading.names(thing));
}

/** Classes of the things that a demonstration's goal names, by its facts: worked out once for a stored entry. */
const ownThings = new WeakMap<object, readonly string[]>();

function byRelevance(a: Candidate, b: Candidate): number {
  const out = Number(a.rejected !== undefined) - Number(b.rejected !== undefined);
  return out || b.relevance - a.relevance || (a.id < b.id ? -1 : 1);
}
