import type { Expression } from './expression.ts';
import { invalidGame } from './game-file.ts';
import type { Grammar } from './grammar.ts';
import type { TextSymbol } from './production.ts';
import type { Placeholder, QueryAtom } from './query.ts';
import type { Relation } from './relation.ts';
import type { State, World } from './world.ts';

/** What the placeholders stand for so far; a linked list, newest first. */
export interface Binding {
  readonly name: string;
  readonly type: string;
  readonly object: number;
  /** The object's type as the binding's maker saw it: an action's parameter type, or the object's own. */
  readonly objectType: string;
  readonly next: Binding | undefined;
}

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

/**
 * Goes through the answers of a query in the reference's order: conjunct by conjunct, each over its facts in sorted order. Distinct
 * placeholders stand for distinct objects, also distinct from all that are bound already.
 *
 * @param found - sees the bindings of each answer; returning true stops.
 * @returns whether it was stopped.
 */
export function answers(
  query: readonly QueryAtom[],
  world: World,
  state: State,
  bindings: Binding | undefined,
  found: (bindings: Binding | undefined) => boolean,
  at = 0,
): boolean {
  const atom = query[at];
  if (atom === undefined) return found(bindings);
  const slot = (atom.denied ? world.slots.denied : world.slots.told).get(atom.predicate);
  const relation = slot === undefined ? undefined : state[slot];
  if (relation === undefined || relation.arity !== atom.placeholders.length) return false;
  for (const types of world.types.tuples(atom.placeholders.map(({ type }) => type))) {
    for (const key of candidates(atom, relation, bindings)) {
      const extended = match(atom.placeholders, types, relation, key, world, bindings);
      if (extended !== false && answers(query, world, state, extended, found, at + 1)) return true;
    }
  }
  return false;
}

function candidates(atom: QueryAtom, relation: Relation, bindings: Binding | undefined): readonly number[] {
  const { placeholders } = atom;
  for (let column = 0; column < placeholders.length; column += 1) {
    const bound = lookUp(bindings, placeholders[column] as Placeholder);
    if (bound !== undefined) return relation.matching(column, bound.object);
  }
  return relation.keys;
}

function match(
  placeholders: readonly Placeholder[],
  types: readonly string[],
  relation: Relation,
  key: number,
  world: World,
  bindings: Binding | undefined,
): Binding | undefined | false {
  let extended = bindings;
  for (let column = 0; column < placeholders.length; column += 1) {
    const placeholder = placeholders[column] as Placeholder;
    const object = relation.argument(key, column);
    const objectType = world.typeOf[object] ?? '';
    if (objectType !== types[column]) return false;
    const bound = lookUp(extended, placeholder);
    if (bound === undefined) {
      if (find(extended, (each) => each.object === object && each.objectType === objectType) !== undefined)
        return false;
      extended = { name: placeholder.name, type: placeholder.type, object, objectType, next: extended };
    } else if (bound.object !== object || bound.objectType !== objectType) {
      return false;
    }
  }
  return extended;
}

function lookUp(bindings: Binding | undefined, { name, type }: Placeholder): Binding | undefined {
  return find(bindings, (each) => each.name === name && each.type === type);
}

function find(bindings: Binding | undefined, wanted: (binding: Binding) => boolean): Binding | undefined {
  for (let each = bindings; each !== undefined; each = each.next) if (wanted(each)) return each;
  return undefined;
}
