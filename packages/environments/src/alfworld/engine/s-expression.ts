import { invalidGame } from './game-file.ts';

/** A word, or a list of words and lists. Words are in lower case. */
export type SExpression = string | readonly SExpression[];

const OPEN = 40;
const CLOSE = 41;
const QUESTION = 63;

/**
 * Reads PDDL text: one parenthesised expression.
 *
 * As in the reference translator, `;` starts a comment that ends with its line, everything is lower case, and `?` starts a new word even
 * inside one.
 *
 * @throws {EnvironmentError} `GAME_INVALID` when parentheses do not match or text follows the expression.
 */
export function readSExpression(text: string): readonly SExpression[] {
  const source = (text.includes(';') ? text.replace(/;[^\n]*/g, '') : text).toLowerCase();
  const stack: SExpression[][] = [];
  let list: SExpression[] | undefined;
  let result: SExpression[] | undefined;
  let position = 0;
  while (position < source.length) {
    const code = source.charCodeAt(position);
    if (code <= 32) {
      position += 1;
      continue;
    }
    if (result !== undefined) throw invalidGame('A PDDL text goes on after its last closing parenthesis.');
    if (code === OPEN) {
      const inner: SExpression[] = [];
      if (list !== undefined) {
        list.push(inner);
        stack.push(list);
      }
      list = inner;
      position += 1;
    } else if (list === undefined) {
      throw invalidGame('A PDDL text does not start with an opening parenthesis.');
    } else if (code === CLOSE) {
      const outer = stack.pop();
      if (outer === undefined) result = list;
      list = outer;
      position += 1;
    } else {
      const start = position;
      position += 1;
      while (position < source.length && !endsWord(source.charCodeAt(position))) position += 1;
      list.push(source.slice(start, position));
    }
  }
  if (result === undefined) throw invalidGame('A PDDL text ends before its last closing parenthesis.');
  return result;
}

function endsWord(code: number): boolean {
  return code <= 32 || code === OPEN || code === CLOSE || code === QUESTION;
}

/** The expression as a list. @throws {EnvironmentError} `GAME_INVALID` when it is a word. */
export function asList(expression: SExpression | undefined, what: string): readonly SExpression[] {
  if (expression === undefined || typeof expression === 'string') throw invalidGame(`${what} is not a list.`);
  return expression;
}

/** The expression as a word. @throws {EnvironmentError} `GAME_INVALID` when it is a list or missing. */
export function asWord(expression: SExpression | undefined, what: string): string {
  if (typeof expression !== 'string') throw invalidGame(`${what} is not a word.`);
  return expression;
}
