import type { BankEntry, Fact, Instead, MachineForm, Procedure, Task } from '@skillrl/core';

import { classOf, wordsName, wordsOf } from '../distillation/names.ts';
import { readAction, type ReadAction } from '../distillation/trace.ts';
import { estimateTokens } from '../retrieval/estimate-tokens.ts';
import { entryProse } from './entry-text.ts';

/** Most facts about one class of things that a task is shown: the places an entry names first. */
const mostFactsPerClass = 3;

/** A task's instruction, read once for all entries that are asked about it. */
export interface TaskReading {
  readonly words: readonly string[];
  /** Whether the instruction names the class of a thing: `mug 1` is named by `put some mugs away`. */
  names(thing: string): boolean;
}

export function readTask({ instruction }: Task): TaskReading {
  const words = wordsOf(instruction);
  const answers = new Map<string, boolean>();
  return {
    words,
    names: (thing) => {
      let answer = answers.get(thing);
      if (answer === undefined) {
        answer = wordsName(words, classOf(thing));
        answers.set(thing, answer);
      }
      return answer;
    },
  };
}

/**
 * The entry as one task needs it: of its facts, orders and procedures only those that the instruction names, and of its warnings those that
 * the instruction or a shown procedure is about. A pure function of entry and task, so that what was shown can be told from what is stored.
 *
 * @returns `undefined` for an entry that has a machine form of which nothing is about this task. A demonstration keeps its steps in any case.
 */
export function focusEntry(entry: BankEntry, task: Task): BankEntry | undefined {
  const focused = focusOn(entry, readTask(task));
  return focused === undefined || focused === entry ? focused : measured(focused);
}

/** The same for a task that was read; the length of what is shown is not counted again: see `measured`. */
export function focusOn(entry: BankEntry, reading: TaskReading): BankEntry | undefined {
  const { machine } = entry;
  if (machine === undefined) return entry;
  const focused = focusMachine(machine, entry, reading);
  const isEmpty = Object.keys(focused).length === 0;
  if (isEmpty && entry.kind !== 'demonstration') return undefined;
  return { ...entry, machine: isEmpty ? undefined : focused };
}

/** The entry with its length counted. */
export function measured(entry: BankEntry): BankEntry {
  return { ...entry, tokens: estimateTokens(entryProse(entry)) };
}

/**
 * Whether a focused lesson only happens to know facts that the task can use, and tells of something else: it was made of a search for a fork,
 * and saw a spoon.
 */
export function isOffTopic(focused: BankEntry): boolean {
  const { facts = [], order = [], procedures = [], instead = [] } = focused.machine ?? {};
  if (focused.kind !== 'lesson' || facts.length === 0 || order.length + procedures.length + instead.length > 0)
    return false;
  const topic = once(topics, focused.body, () => wordsOf(`${focused.title}\n${focused.body.appliesWhen}`));
  return !facts.some(({ subject }) => wordsName(topic, classOf(subject)));
}

// What only depends on the stored entry is worked out once for as long as the entry is kept: bodies and parts of machine forms are shared by
// all that is focused from it.
const topics = new WeakMap<object, readonly string[]>();
const warnings = new WeakMap<object, readonly { readonly read: ReadAction; readonly verb: readonly string[] }[]>();
const quoted = new WeakMap<object, readonly string[]>();

function once<Value>(memory: WeakMap<object, Value>, key: object, make: () => Value): Value {
  let value = memory.get(key);
  if (value === undefined) {
    value = make();
    memory.set(key, value);
  }
  return value;
}

function focusMachine(
  { facts = [], order = [], procedures = [], instead = [] }: MachineForm,
  entry: BankEntry,
  reading: TaskReading,
): MachineForm {
  const named = facts.filter(({ subject }) => reading.names(subject));
  const chosenFacts = named.length <= mostFactsPerClass ? named : firstOfEachClass(named);
  const chosenOrder = order.filter(({ find }) => reading.names(find));
  const chosenProcedures = procedures.filter(({ name }) => reading.names(name));
  const isSearched = order.length === 0 || chosenOrder.length > 0;
  const chosenInstead = instead.length === 0 ? [] : concerning(instead, entry, chosenProcedures, isSearched, reading);
  const focused: { -readonly [Form in keyof MachineForm]: MachineForm[Form] } = {};
  if (chosenFacts.length > 0) focused.facts = chosenFacts;
  if (chosenOrder.length > 0) focused.order = chosenOrder;
  if (chosenProcedures.length > 0) focused.procedures = chosenProcedures;
  if (chosenInstead.length > 0) focused.instead = chosenInstead;
  return focused;
}

function firstOfEachClass(facts: readonly Fact[]): Fact[] {
  const counts = new Map<string, number>();
  return facts.filter(({ subject }) => {
    const count = (counts.get(classOf(subject)) ?? 0) + 1;
    counts.set(classOf(subject), count);
    return count <= mostFactsPerClass;
  });
}

/** The warnings that the instruction or a shown procedure is about. */
function concerning(
  instead: readonly Instead[],
  entry: BankEntry,
  procedures: readonly Procedure[],
  isSearched: boolean,
  reading: TaskReading,
): Instead[] {
  const about = new Set([...reading.words, ...procedures.flatMap(({ means }) => wordsOf(means))]);
  const isWordAsked = quotedWords(entry).some((word) => about.has(word));
  return instead.filter((warning) => isWordAsked || concerns(warning, about, isSearched));
}

/** A warning about moving concerns whoever looks for the same; one about an act on a thing concerns who must do such an act. */
function concerns(warning: Instead, about: ReadonlySet<string>, isSearched: boolean): boolean {
  const acts = once(warnings, warning, () =>
    [warning.avoid, warning.do].map((action) => {
      const read = readAction(action);
      return { read, verb: wordsOf(read.verb) };
    }),
  );
  if (acts.some(({ read }) => read.things.length < 2)) return isSearched;
  return acts.some(({ verb }) => verb.some((word) => about.has(word)));
}

/** Words that a lesson is about as words: `the goal says "dax"`. */
function quotedWords(entry: BankEntry): readonly string[] {
  if (entry.kind !== 'lesson') return [];
  const { body } = entry;
  return once(quoted, body, () =>
    [...body.appliesWhen.matchAll(/"([\p{L}\p{N}]+)"/gu)].map(([, word = '']) => word.toLowerCase()),
  );
}
