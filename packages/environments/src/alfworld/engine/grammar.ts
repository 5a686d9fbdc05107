import { cached } from './cached.ts';
import { invalidGame } from './game-file.ts';
import { readSymbols, type TextRule, type TextSymbol } from './production.ts';
import { readQuery, type QueryAtom } from './query.ts';
import { readTwl2 } from './twl2.ts';

/** How a game speaks: the text rules by name, and how each action is written and answered. */
export interface Grammar {
  readonly rules: ReadonlyMap<string, readonly TextRule[]>;
  readonly actions: ReadonlyMap<
    string,
    { readonly template: readonly TextSymbol[]; readonly feedback: readonly TextSymbol[] }
  >;
}

/**
 * Reads a `.twl2` grammar. Parts that many games share are read once: they are kept by their text.
 *
 * @throws {EnvironmentError} `GAME_INVALID`
 */
export function readGrammar(text: string): Grammar {
  const file = readTwl2(text);
  const rules = new Map<string, readonly TextRule[]>();
  for (const block of file.grammars) {
    for (const [name, rule] of blockRules(block)) rules.set(name, rule);
  }
  const actions = new Map<string, { template: readonly TextSymbol[]; feedback: readonly TextSymbol[] }>();
  for (const [name, { template, feedback }] of file.actions) {
    actions.set(name, { template: symbolsOf(template), feedback: symbolsOf(feedback) });
  }
  return { rules, actions };
}

const symbolsOf = cached(4096, readSymbols);
const queryOf = cached(4096, readQuery);

const blockRules = cached(256, (block: string): ReadonlyMap<string, readonly TextRule[]> => {
  const json = block
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n');
  let data: unknown;
  try {
    data = JSON.parse(json);
  } catch (error) {
    throw invalidGame(`A grammar block is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof data !== 'object' || data === null) throw invalidGame('A grammar block is not a JSON object.');
  return new Map(Object.entries(data).map(([name, rules]) => [name, readRules(name, rules)]));
});

function readRules(name: string, rules: unknown): TextRule[] {
  if (!Array.isArray(rules)) throw invalidGame(`The grammar's rule "${name}" is not a list.`);
  return rules.map((rule: { rhs?: unknown; condition?: unknown }) => {
    if (typeof rule?.rhs !== 'string')
      throw invalidGame(`The grammar's rule "${name}" has an alternative without "rhs".`);
    const condition: readonly QueryAtom[] | undefined =
      typeof rule.condition === 'string' && rule.condition !== '' ? queryOf(rule.condition) : undefined;
    return { condition, symbols: symbolsOf(rule.rhs) };
  });
}
