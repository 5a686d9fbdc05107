import { readExpression, type Expression } from './expression.ts';
import { readQuery, type QueryAtom } from './query.ts';

/** One symbol of the right-hand side of a text rule. */
export type TextSymbol =
  | { readonly kind: 'literal'; readonly text: string }
  /** Replaced by the first rule of that name whose condition holds. The name includes its argument list: `overview(r)`. */
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'value'; readonly expression: Expression }
  /** `{item | query}`: the item once for each answer, as a list `a, b, and c` or strung together. */
  | {
      readonly kind: 'each';
      readonly item: TextSymbol;
      readonly query: readonly QueryAtom[] | undefined;
      readonly list: boolean;
    };

export interface TextRule {
  /** Absent: always applicable. */
  readonly condition: readonly QueryAtom[] | undefined;
  readonly symbols: readonly TextSymbol[];
}

/**
 * Reads a right-hand side such as `You see [{o.name | in(o:object, r:receptacle)}].`
 *
 * Quirks kept from the reference parser: white space (and `//` comment lines) at the start is swallowed, tabs before a symbol too; quotes
 * around a literal are dropped; reading stops silently at the first thing that is no symbol, such as a stray `}`.
 */
export function readSymbols(text: string): readonly TextSymbol[] {
  const symbols: TextSymbol[] = [];
  let position = 0;
  const at = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(text);
  };
  for (;;) {
    position = skipBlank(text, position);
    const brace = at(BRACED) ?? at(LISTED);
    const name = at(/#\t*([\w()/!<>\-\s,.]+)#/y);
    const quoted = at(/"\t*([^;|"<>[\]#{}]*)"/y);
    const literal = at(/[^;|"<>[\]#{}]+/y);
    if (brace !== null) {
      const [whole, rule, value, query] = brace;
      symbols.push(eachSymbol(rule, value, query, whole.startsWith('[')));
      position += whole.length;
    } else if (name !== null) {
      symbols.push({ kind: 'rule', name: name[1] ?? '' });
      position += name[0].length;
    } else if (quoted !== null) {
      symbols.push({ kind: 'literal', text: quoted[1] ?? '' });
      position += quoted[0].length;
    } else if (literal !== null) {
      symbols.push({ kind: 'literal', text: literal[0] });
      position += literal[0].length;
    } else {
      return symbols;
    }
  }
}

const INSIDE = String.raw`\{\t*(?:#\t*([\w()/!<>\-\s,.]+)#|([^|[\]{}\n<>]+))(?:\s*\|\s*([^;|{}\n[\]#]+))?\t*\}`;
const BRACED = new RegExp(INSIDE, 'y');
const LISTED = new RegExp(String.raw`\[\t*${INSIDE}\t*\]`, 'y');

function eachSymbol(
  rule: string | undefined,
  value: string | undefined,
  query: string | undefined,
  list: boolean,
): TextSymbol {
  const item: TextSymbol =
    rule === undefined ? { kind: 'value', expression: readExpression(value ?? '') } : { kind: 'rule', name: rule };
  if (query === undefined && !list) return item;
  return { kind: 'each', item, query: query === undefined ? undefined : readQuery(query), list };
}

function skipBlank(text: string, start: number): number {
  let position = start;
  for (;;) {
    const before = position;
    if (position === 0 || text[position - 1] === '\n') {
      const line = /(?:\/\/[^\n]*|\s*)\n?/y;
      line.lastIndex = position;
      line.exec(text);
      position = line.lastIndex;
    }
    while (text[position] === '\t') position += 1;
    if (position === before) return position;
  }
}
