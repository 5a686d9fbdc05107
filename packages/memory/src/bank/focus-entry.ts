import type { BankEntry, Instead, MachineForm, Task } from '@skillrl/core';

import { classOf, namesClass, wordsOf } from '../distillation/names.ts';
import { readAction } from '../distillation/trace.ts';
import { estimateTokens } from '../retrieval/estimate-tokens.ts';
import { entryProse } from './entry-text.ts';

/** Most facts about one class of things that a task is shown: the places an entry names first. */
const mostFactsPerClass = 3;

/**
 * The entry as one task needs it: of its facts, orders and procedures only those that the instruction names, and of its warnings those that
 * the instruction or a shown procedure is about. A pure function of entry and task, so that what was shown can be told from what is stored.
 *
 * @returns `undefined` for an entry that has a machine form of which nothing is about this task. A demonstration keeps its steps in any case.
 */
export function focusEntry(entry: BankEntry, task: Task): BankEntry | undefined {
  const { machine } = entry;
  if (machine === undefined) return entry;
  const focused = focusMachine(machine, entry, task);
  const isEmpty = Object.keys(focused).length === 0;
  if (isEmpty && entry.kind !== 'demonstration') return undefined;
  const shown = { ...entry, machine: isEmpty ? undefined : focused };
  return { ...shown, tokens: estimateTokens(entryProse(shown)) };
}

/**
 * Whether a focused lesson only happens to know facts that the task can use, and tells of something else: it was made of a search for a fork,
 * and saw a spoon.
 */
export function isOffTopic(focused: BankEntry): boolean {
  const { facts = [], order = [], procedures = [], instead = [] } = focused.machine ?? {};
  if (focused.kind !== 'lesson' || facts.length === 0 || order.length + procedures.length + instead.length > 0)
    return false;
  const topic = `${focused.title}\n${focused.body.appliesWhen}`;
  return !facts.some(({ subject }) => namesClass(topic, classOf(subject)));
}

function focusMachine(
  { facts = [], order = [], procedures = [], instead = [] }: MachineForm,
  entry: BankEntry,
  task: Task,
): MachineForm {
  const isNamed = (name: string): boolean => namesClass(task.instruction, classOf(name));
  const perClass = new Map<string, number>();
  const chosenFacts = facts.filter(({ subject }) => {
    if (!isNamed(subject)) return false;
    const count = (perClass.get(classOf(subject)) ?? 0) + 1;
    perClass.set(classOf(subject), count);
    return count <= mostFactsPerClass;
  });
  const chosenOrder = order.filter(({ find }) => isNamed(find));
  const chosenProcedures = procedures.filter(({ name }) => isNamed(name));
  const about = new Set(wordsOf([task.instruction, ...chosenProcedures.map(({ means }) => means)].join('\n')));
  const isSearched = order.length === 0 || chosenOrder.length > 0;
  const isWordAsked = quotedWords(entry).some((word) => about.has(word));
  const chosenInstead = instead.filter((warning) => isWordAsked || concerns(warning, about, isSearched));
  return {
    ...(chosenFacts.length > 0 && { facts: chosenFacts }),
    ...(chosenOrder.length > 0 && { order: chosenOrder }),
    ...(chosenProcedures.length > 0 && { procedures: chosenProcedures }),
    ...(chosenInstead.length > 0 && { instead: chosenInstead }),
  };
}

/** A warning about moving concerns whoever looks for the same; one about an act on a thing concerns who must do such an act. */
function concerns({ avoid, do: better }: Instead, about: ReadonlySet<string>, isSearched: boolean): boolean {
  const acts = [readAction(avoid), readAction(better)];
  if (acts.some(({ things }) => things.length < 2)) return isSearched;
  return acts.some(({ verb }) => wordsOf(verb).some((word) => about.has(word)));
}

/** Words that a lesson is about as words: `the goal says "dax"`. */
function quotedWords(entry: BankEntry): string[] {
  if (entry.kind !== 'lesson') return [];
  return [...entry.body.appliesWhen.matchAll(/"([\p{L}\p{N}]+)"/gu)].map(([, word = '']) => word.toLowerCase());
}
