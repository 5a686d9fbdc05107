import { invalidGame } from './game-file.ts';

/** What the text of an entity can be made from. `definite` is always "the" and `indefinite` always "a", as in the reference. */
export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'attribute';
      readonly variable: string;
      readonly attribute: 'id' | 'name' | 'type' | 'definite' | 'indefinite';
    }
  | { readonly kind: 'join'; readonly parts: readonly Expression[] }
  /** The first part that is not empty, else the last. */
  | { readonly kind: 'either'; readonly parts: readonly Expression[] };

/**
 * Reads the part of Python that text grammars use: `r.name`, `r`, `'text'`, `a + b`, `a or b`, parentheses.
 *
 * @throws {EnvironmentError} `GAME_INVALID`
 */
export function readExpression(text: string): Expression {
  const tokens = text.match(/\s+|\w+(?:\.\w+)?|'[^']*'|"[^"]*"|[+()]|./g)?.filter((token) => token.trim() !== '') ?? [];
  let position = 0;
  const fail = () => invalidGame(`The grammar has the expression {${text}}, which is not understood.`);
  const either = (): Expression => {
    const parts = [join()];
    while (tokens[position] === 'or') {
      position += 1;
      parts.push(join());
    }
    return single('either', parts);
  };
  const join = (): Expression => {
    const parts = [operand()];
    while (tokens[position] === '+') {
      position += 1;
      parts.push(operand());
    }
    return single('join', parts);
  };
  const operand = (): Expression => {
    const token = tokens[position];
    position += 1;
    if (token === undefined) throw fail();
    if (token === '(') {
      const inner = either();
      if (tokens[position] !== ')') throw fail();
      position += 1;
      return inner;
    }
    if (token.startsWith("'") || token.startsWith('"')) return { kind: 'text', text: token.slice(1, -1) };
    const [variable, attribute = 'name'] = token.split('.');
    if (variable === undefined || !/^[a-z_]\w*$/i.test(variable) || !isAttribute(attribute)) throw fail();
    return { kind: 'attribute', variable, attribute };
  };
  const result = either();
  if (position < tokens.length) throw fail();
  return result;
}

function single(kind: 'join' | 'either', parts: readonly Expression[]): Expression {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : { kind, parts };
}

function isAttribute(word: string): word is 'id' | 'name' | 'type' | 'definite' | 'indefinite' {
  return ['id', 'name', 'type', 'definite', 'indefinite'].includes(word);
}
