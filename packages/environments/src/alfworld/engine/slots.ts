import type { Condition } from './condition.ts';
import type { Domain } from './domain.ts';
import type { Grammar } from './grammar.ts';
import type { TextSymbol } from './production.ts';
import type { QueryAtom } from './query.ts';
import type { Slots } from './world.ts';

/**
 * Gives a place in the state to each predicate that a condition, the goal or the text reads. What nobody reads is not kept: it could not be
 * observed, and states that differ only there are equal.
 */
export function planSlots(
  domain: Domain,
  goal: Condition,
  grammar: Grammar,
  arities: ReadonlyMap<string, number>,
): Slots {
  const tested = new Set<string>();
  const diverging = new Set<string>();
  for (const { branches, effects } of domain.actions) {
    for (const { literals, universals } of branches) {
      for (const { atom } of literals) tested.add(atom.predicate);
      for (const universal of universals) collect(universal, tested);
    }
    for (const { atom, condition } of effects) {
      if (condition === undefined) continue;
      collect(condition, tested);
      diverging.add(atom.predicate);
    }
  }
  collect(goal, tested);
  tested.delete('=');
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
  for (const { predicate, denied } of queriesOf(grammar)) {
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
