import type { Procedure, Task } from '@skillrl/core';

import { classOf, namesClass, withoutNumbers, wordsOf } from './names.ts';
import type { Trace, TraceStep } from './trace.ts';

const between: ReadonlySet<string> = new Set(['a', 'an', 'the', 'some', 'any', 'one', 'two', 'three', 'this', 'that']);

/**
 * A word of the instruction that neither the agent nor the environment ever used, standing before a thing that was acted on:
 * `dax` in `dax some mug and put it in shelf`.
 */
export function unknownWord(trace: Trace, task: Task): { readonly word: string; readonly object: string } | undefined {
  const spoken = new Set(trace.steps.flatMap(({ action, observation }) => wordsOf(`${action} ${observation}`)));
  const objects = new Set(trace.steps.flatMap(({ things }) => (things.length > 1 ? [classOf(things[0]!)] : [])));
  const words = wordsOf(task.instruction);
  for (const object of objects) {
    const at = words.findIndex((word) => namesClass(word, object));
    let before = at - 1;
    while (before >= 0 && between.has(words[before]!)) before -= 1;
    const word = words[before];
    if (word !== undefined && !spoken.has(word) && !/^\p{N}+$/u.test(word)) return { word, object };
  }
  return undefined;
}

/**
 * What was done to an object of the class, apart from fetching and delivering it: effective acts that name neither the place where it was
 * found nor a thing the instruction names.
 */
export function treatmentsOf(object: string, trace: Trace, task: Task): TraceStep[] {
  return trace.steps.filter(({ effect, things }) => {
    const [subject, other] = things;
    if (effect === false || subject === undefined || other === undefined || classOf(subject) !== object) return false;
    return trace.found.get(subject)?.fact.object !== other && !namesClass(task.instruction, classOf(other));
  });
}

/** `heat mug 1 with microwave 2` as a procedure for any object: `heat with microwave`. */
export function treatmentPattern(step: Pick<TraceStep, 'action' | 'things'>): string {
  const object = classOf(step.things[0] ?? '').toLowerCase();
  return withoutNumbers(step.action).replace(` ${object}`, '');
}

/** What a success shows an unknown word to mean: the last treatment before it was delivered. */
export function proceduresShown(trace: Trace, task: Task): Procedure[] {
  const unknown = unknownWord(trace, task);
  const treatment = unknown && treatmentsOf(unknown.object, trace, task).at(-1);
  return treatment === undefined ? [] : [{ name: unknown!.word, means: treatmentPattern(treatment) }];
}
