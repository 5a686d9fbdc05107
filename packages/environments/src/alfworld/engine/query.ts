import { invalidGame } from './game-file.ts';

/** A variable of a query. Its identity is name and type together. */
export interface Placeholder {
  readonly name: string;
  readonly type: string;
}

/** One conjunct of a query over the facts that are told; `denied` asks for the explicit negative `not_p`. */
export interface QueryAtom {
  readonly predicate: string;
  readonly denied: boolean;
  readonly placeholders: readonly Placeholder[];
}

/**
 * Reads `p(a:t, b:u) & not_q(b:u)`. A placeholder without a type has its own name as type.
 *
 * @throws {EnvironmentError} `GAME_INVALID`
 */
export function readQuery(text: string): readonly QueryAtom[] {
  return text.split('&').map((part) => {
    const match = /^\s*(!?)([\w/]+)\s*\(([^()]*)\)\s*$/.exec(part);
    if (match === null) throw invalidGame(`The grammar has the query "${text}", which is not understood.`);
    const [, bang = '', name = '', args = ''] = match;
    const denied = bang === '!' || name.startsWith('not_');
    return {
      predicate: name.startsWith('not_') ? name.slice(4) : name,
      denied,
      placeholders: args.trim() === '' ? [] : args.split(',').map((arg) => readPlaceholder(arg, text)),
    };
  });
}

function readPlaceholder(text: string, query: string): Placeholder {
  const match = /^\s*([\w']+)\s*(?::\s*([\w/-]+)\s*)?$/.exec(text);
  if (match === null)
    throw invalidGame(
      `The grammar has the query "${query}" with the argument "${text.trim()}", which is not understood.`,
    );
  const [, name = '', type = name.replace(/'+$/, '')] = match;
  return { name, type };
}
