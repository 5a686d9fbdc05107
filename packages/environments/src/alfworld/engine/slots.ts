import type { Condition } from './condition.ts';
import type { Domain } from './domain.ts';
import type { Grammar } from './grammar.ts';
import type { TextSymbol } from './production.ts';
import type { QueryAtom } from './query.ts';
import type { Slots } from './world.ts';

/**
 * Gives a place in the state to each predicate that a precondition, the goal or the text reads, or that decides whether one of those changes.
 * The others are not kept: they cannot be observed, and states that differ only there are equal.
 */
export function planSlots(
  domain: Domain,
  goal: Condition,
  grammar: Grammar,
  arities: ReadonlyMap<string, number>,
): Slots {
  const queries = [...queriesOf(grammar)];
  const tested = testedPredicates(domain, goal);
  const diverging = addGuards(domain, tested, new Set(queries.map(({ predicate }) => predicate)));
  const slots = {
    arities: [] as number[],
    real: new Map<string, number>(),
    told: new Map<string, number>(),
    denied: new Map<string, number>(),
  };
  const place = (table: Map<string, number>, predicate: string) => {
    if (table.has(predicate) || !arities.has(predicate)) return;
    table.set(predicate, slots.arities.push(arities.get(predicate) ?? 0) - 1);
  };
  for (const predicate of tested) place(slots.real, predicate);
  for (const { predicate, denied } of queries) {
    if (denied) {
      place(slots.denied, predicate);
    } else if (diverging.has(predicate)) {
      place(slots.told, predicate);
    } else {
      place(slots.real, predicate);
      const slot = slots.real.get(predicate);
      if (slot !== undefined) slots.told.set(predicate, slot);
    }
  }
  return slots;
}

function testedPredicates(domain: Domain, goal: Condition): Set<string> {
  const tested = new Set<string>();
  for (const { branches } of domain.actions) {
    for (const { literals, universals } of branches) {
      for (const { atom } of literals) tested.add(atom.predicate);
      for (const universal of universals) collect(universal, tested);
    }
  }
  collect(goal, tested);
  tested.delete('=');
  return tested;
}

/**
 * Adds to what is tested the conditions of effects on predicates that are tested or told.
 *
 * @returns the predicates with conditional effects: what the text is told of them differs from what is true.
 */
function addGuards(domain: Domain, tested: Set<string>, told: ReadonlySet<string>): Set<string> {
  const diverging = new Set<string>();
  for (let before = -1; before < tested.size;) {
    before = tested.size;
    for (const { atom, condition } of domain.actions.flatMap(({ effects }) => effects)) {
      if (condition === undefined || !(tested.has(atom.predicate) || told.has(atom.predicate))) continue;
      diverging.add(atom.predicate);
      collect(condition, tested);
      tested.delete('=');
    }
  }
  return diverging;
}

function collect(condition: Condition, predicates: Set<string>): void {
  switch (condition.kind) {
    case 'atom':
      predicates.add(condition.atom.predicate);
      break;
    case 'and':
    case 'or':
      for (const part of condition.parts) collect(part, predicates);
      break;
    default:
      collect(condition.body, predicates);
  }
}

function* queriesOf(grammar: Grammar): Generator<QueryAtom> {
  for (const rules of grammar.rules.values()) {
    for (const { condition, symbols } of rules) {
      if (condition !== undefined) yield* condition;
      yield* queriesIn(symbols);
    }
  }
  for (const { template, feedback } of grammar.actions.values()) {
    yield* queriesIn(template);
    yield* queriesIn(feedback);
  }
}

function* queriesIn(symbols: readonly TextSymbol[]): Generator<QueryAtom> {
  for (const symbol of symbols) {
    if (symbol.kind !== 'each') continue;
    if (symbol.query !== undefined) yield* symbol.query;
    yield* queriesIn([symbol.item]);
  }
}
