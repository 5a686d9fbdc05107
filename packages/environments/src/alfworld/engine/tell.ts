import type { Expression } from './expression.ts';
import { invalidGame } from './game-file.ts';
import type { Grammar } from './grammar.ts';
import type { TextSymbol } from './production.ts';
import type { QueryAtom } from './query.ts';
import { answers, find, type Binding } from './answers.ts';
import type { State, World } from './world.ts';

/**
 * The text of symbols in a state.
 *
 * @throws {EnvironmentError} `GAME_INVALID` when a rule or a variable is missing.
 */
export function tell(
  symbols: readonly TextSymbol[],
  grammar: Grammar,
  world: World,
  state: State,
  bindings: Binding | undefined,
): string {
  let text = '';
  for (const symbol of symbols) text += tellSymbol(symbol, grammar, world, state, bindings);
  return text;
}

function tellSymbol(
  symbol: TextSymbol,
  grammar: Grammar,
  world: World,
  state: State,
  bindings: Binding | undefined,
): string {
  switch (symbol.kind) {
    case 'literal':
      return symbol.text;
    case 'value':
      return evaluate(symbol.expression, world, bindings);
    case 'rule':
      return tellRule(symbol.name, grammar, world, state, bindings);
    case 'each': {
      const { item, query, list } = symbol;
      const items: string[] = [];
      if (query === undefined) items.push(tellSymbol(item, grammar, world, state, bindings));
      else
        answers(query, world, state, bindings, (found) => {
          items.push(tellSymbol(item, grammar, world, state, found));
          return false;
        });
      if (!list) return items.join('');
      if (items.length === 0) return tellRule('list_empty', grammar, world, state, bindings);
      if (items.length === 1) return items[0] ?? '';
      const separator = tellRule('list_separator', grammar, world, state, bindings);
      const last = tellRule('list_last_separator', grammar, world, state, bindings);
      return `${items.slice(0, -1).join(separator)}${last}${items.at(-1)}`;
    }
    default:
      return symbol satisfies never;
  }
}

function tellRule(name: string, grammar: Grammar, world: World, state: State, bindings: Binding | undefined): string {
  const rules = grammar.rules.get(name);
  if (rules === undefined) throw invalidGame(`The grammar has no rule "${name}".`);
  for (const { condition, symbols } of rules) {
    if (condition === undefined || answers(condition, world, state, bindings, () => true)) {
      return tell(symbols, grammar, world, state, bindings);
    }
  }
  throw invalidGame(`No alternative of the grammar's rule "${name}" applies.`);
}

function evaluate(expression: Expression, world: World, bindings: Binding | undefined): string {
  switch (expression.kind) {
    case 'text':
      return expression.text;
    case 'join':
      return expression.parts.map((part) => evaluate(part, world, bindings)).join('');
    case 'either':
      return expression.parts.reduce((text, part) => (text === '' ? evaluate(part, world, bindings) : text), '');
    case 'attribute': {
      const bound = find(bindings, ({ name }) => name === expression.variable);
      if (bound === undefined)
        throw invalidGame(`The grammar uses the variable "${expression.variable}", which nothing binds there.`);
      switch (expression.attribute) {
        case 'name':
          return world.names[bound.object] ?? '';
        case 'id':
          return world.ids[bound.object] ?? '';
        case 'type':
          return world.typeOf[bound.object] ?? '';
        case 'definite':
          return 'the';
        case 'indefinite':
          return 'a';
        default:
          return expression.attribute satisfies never;
      }
    }
    default:
      return expression satisfies never;
  }
}

/** The slots that the text of symbols may depend on, through all rules they lead to. */
export function toldSlots(symbols: readonly TextSymbol[], grammar: Grammar, world: World): number[] {
  const slots = new Set<number>();
  const seen = new Set<string>();
  const visit = (symbol: TextSymbol) => {
    if (symbol.kind === 'rule') visitRule(symbol.name);
    if (symbol.kind !== 'each') return;
    for (const atom of symbol.query ?? []) addSlot(atom);
    visit(symbol.item);
    if (symbol.list) ['list_empty', 'list_separator', 'list_last_separator'].forEach(visitRule);
  };
  const visitRule = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const rule of grammar.rules.get(name) ?? []) {
      for (const atom of rule.condition ?? []) addSlot(atom);
      rule.symbols.forEach(visit);
    }
  };
  const addSlot = ({ predicate, denied }: QueryAtom) => {
    const slot = (denied ? world.slots.denied : world.slots.told).get(predicate);
    if (slot !== undefined) slots.add(slot);
  };
  symbols.forEach(visit);
  return [...slots];
}
