import type { Episode, Procedure, Task } from '@skillrl/core';

import { handlingsIn } from './handling.ts';
import { classOf, namesClass, withoutNumbers, wordsOf } from './names.ts';
import type { Trace, TraceStep } from './trace.ts';

const articles: ReadonlySet<string> = new Set('a an the some any one two three this that'.split(' '));

/** What an episode tells about a word that nobody explained. */
export interface WordEvidence {
  readonly word: string;
  /** Class of the thing it asks something for. */
  readonly object: string;
  /** Treatments one of which the word must mean, as a success shows; absent for a failure. */
  readonly oneOf?: readonly string[];
  /** True when a success needed no treatment at all: the word asks for none. */
  readonly isPlain: boolean;
  /** Treatments that it does not mean: a thing so treated was delivered, and the goal was not reached. */
  readonly noneOf: readonly string[];
}

/**
 * A word of the instruction that neither the agent nor the environment ever used and that asks for something to be done to a thing that was
 * acted on: `dax` in `dax some mug and put it in shelf`. A word after an article, as in `put a hot mug in shelf`, names a quality and not an act.
 */
export function unknownWord(trace: Trace, task: Task): { readonly word: string; readonly object: string } | undefined {
  const spoken = new Set(trace.steps.flatMap(({ action, observation }) => wordsOf(`${action} ${observation}`)));
  const objects = new Set(trace.steps.flatMap(({ things }) => (things.length > 1 ? [classOf(things[0]!)] : [])));
  const words = wordsOf(task.instruction);
  for (const object of objects) {
    const at = words.findIndex((word) => namesClass(word, object));
    let before = at - 1;
    while (before >= 0 && articles.has(words[before]!)) before -= 1;
    const word = words[before];
    const isQuality = articles.has(words[before - 1] ?? '');
    if (word !== undefined && !isQuality && !spoken.has(word) && !/^\p{N}+$/u.test(word)) return { word, object };
  }
  return undefined;
}

/** What was done to things of a class apart from fetching and leaving them. */
export function treatmentsOf(object: string, trace: Trace, goal: string): TraceStep[] {
  const handlings = handlingsIn(trace, goal);
  return trace.steps.filter(
    ({ index, things }) => handlings.get(index) === 'treatment' && classOf(things[0]!) === object,
  );
}

/** `heat mug 1 with microwave 2` as a procedure for any object: `heat with microwave`. */
export function treatmentPattern(step: Pick<TraceStep, 'action' | 'things'>): string {
  const object = classOf(step.things[0] ?? '').toLowerCase();
  return withoutNumbers(step.action).replace(` ${object}`, '');
}

/** What an episode tells about the unknown word of its goal; `undefined` when it has none, or nothing was done about it. */
export function wordEvidence(
  trace: Trace,
  { task, outcome }: Pick<Episode, 'task'> & Partial<Pick<Episode, 'outcome'>>,
): WordEvidence | undefined {
  const unknown = unknownWord(trace, task);
  if (unknown === undefined) return undefined;
  const handlings = handlingsIn(trace, task.instruction);
  const treated = new Map<string, string[]>();
  const noneOf = new Set<string>();
  const last = trace.steps.findLast(({ effect }) => effect !== false);
  const isSuccess = outcome?.status === 'success' && outcome.verified;
  for (const step of trace.steps) {
    const [thing, place] = step.things;
    const handling = handlings.get(step.index);
    if (thing === undefined || place === undefined || classOf(thing) !== unknown.object) continue;
    if (handling === 'treatment') treated.set(thing, [...(treated.get(thing) ?? []), treatmentPattern(step)]);
    const isDelivered = handling === 'put-down' && namesClass(task.instruction, classOf(place));
    // Only the last treatment is ruled out: it may have undone an earlier one.
    const ruledOut = isDelivered && !(isSuccess && step === last) ? treated.get(thing)?.at(-1) : undefined;
    if (ruledOut !== undefined) noneOf.add(ruledOut);
  }
  const delivered = treated.get(last?.things[0] ?? '') ?? [...treated.values()].flat();
  const oneOf = [...new Set(delivered)].filter((treatment) => !noneOf.has(treatment));
  const isPlain = isSuccess && handlings.size > 0 && delivered.length === 0;
  return { ...unknown, isPlain, noneOf: [...noneOf], ...(isSuccess && oneOf.length > 0 && { oneOf }) };
}

/** What a single success shows an unknown word to mean, where it leaves no choice. */
export function proceduresShown(trace: Trace, episode: Pick<Episode, 'task' | 'outcome'>): Procedure[] {
  const evidence = wordEvidence(trace, episode);
  const [means, ...others] = evidence?.oneOf ?? [];
  return evidence === undefined || means === undefined || others.length > 0 ? [] : [{ name: evidence.word, means }];
}
