import { asWord, type SExpression } from './s-expression.ts';

/** A name and the type it was declared with. */
export interface Typed {
  readonly name: string;
  readonly type: string;
}

/**
 * Reads `a b - t c`: names, and after a dash the type of all names before it. Names without a type are of type `object`.
 *
 * A comma stays part of its word, as in the reference: in `?l - location, ?r - receptacle` the first type is `location,`, which nothing has.
 */
export function readTypedList(list: readonly SExpression[], what: string): Typed[] {
  const result: Typed[] = [];
  let pending: string[] = [];
  for (let position = 0; position < list.length; position += 1) {
    const word = asWord(list[position], `A name of ${what}`);
    if (word !== '-') {
      pending.push(word);
      continue;
    }
    position += 1;
    const type = asWord(list[position], `A type of ${what}`);
    for (const name of pending) result.push({ name, type });
    pending = [];
  }
  for (const name of pending) result.push({ name, type: 'object' });
  return result;
}
