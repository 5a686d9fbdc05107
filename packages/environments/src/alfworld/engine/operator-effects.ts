import type { CompiledEffect } from './effects.ts';
import { assignments } from './effects.ts';
import { groundKey } from './join.ts';
import type { BranchLiteral, Operation } from './operation.ts';
import type { Reachability } from './reachability.ts';
import type { Relation } from './relation.ts';
import type { State, World } from './world.ts';

/** An effect of an operation as the reference's grounded operator lists it, whether or not it happens in the state at hand. */
export interface OperatorEffect {
  readonly predicate: string;
  readonly key: number;
  readonly negated: boolean;
}

/**
 * The effects that the reference keeps when it grounds an operation: not those that repeat the precondition, that contradict it, that could
 * not happen in any reachable state, or that an addition of the same fact undoes.
 *
 * An operation without any does not exist in the reference. And its text engine takes all of them, conditional ones too, as happened.
 *
 * Source: fast-downward's translator, pddl/actions.py (instantiate) and translate.py (translate_strips_operator_aux, build_sas_operator).
 *
 * @param of - only effects on these predicates. Default: on all.
 */
export function operatorEffects(
  operation: Operation,
  world: World,
  reachability: Reachability,
  state: State,
  of: (predicate: string) => boolean = () => true,
): OperatorEffect[] {
  const base = world.ids.length;
  const sure = new Set<string>();
  const found: OperatorEffect[] = [];
  for (const effect of operation.action.effects) {
    const { predicate, negated, ranges, terms } = effect;
    if (!of(predicate)) continue;
    for (const args of ranges.length === 0 ? [operation.args] : assignments(ranges, operation.args)) {
      const key = groundKey(base, terms, args);
      const chance = effect.guards === undefined ? 'sure' : chanceOf(effect, args, operation, world, reachability);
      if (chance === 'none') continue;
      if (!negated && chance === 'sure') sure.add(`${predicate} ${key}`);
      if (operation.branch.literals.some((literal) => says(literal, predicate, key, negated, base, operation)))
        continue;
      if (negated && !isReachable(world, reachability, state, predicate, key)) continue;
      found.push({ predicate, key, negated });
    }
  }
  return found.filter(({ predicate, key, negated }) => !negated || !sure.has(`${predicate} ${key}`));
}

/** What the text is told after an operation: what the operator lists, deletions after additions. Changes `next` in place. */
export function tellChanges(
  operation: Operation,
  world: World,
  reachability: Reachability,
  before: State,
  next: Relation[],
): void {
  const { real, told, denied } = world.slots;
  const isTold = (predicate: string) =>
    denied.has(predicate) || (told.has(predicate) && told.get(predicate) !== real.get(predicate));
  if (!operation.action.effects.some(({ predicate }) => isTold(predicate))) return;
  const listed = operatorEffects(operation, world, reachability, before, isTold);
  for (const wanted of [false, true]) {
    for (const { predicate, key, negated } of listed) {
      if (negated !== wanted) continue;
      const text = told.get(predicate);
      if (text !== undefined && text !== real.get(predicate)) set(next, text, key, !negated);
      const not = denied.get(predicate);
      if (not !== undefined) set(next, not, key, negated);
    }
  }
}

function set(state: Relation[], slot: number, key: number, present: boolean): void {
  const relation = state[slot] as Relation;
  state[slot] = present ? relation.with(key) : relation.without(key);
}

/** Whether a literal of the branch says the same (or, `negated` turned round, the opposite) of the fact. */
function says(
  literal: BranchLiteral,
  predicate: string,
  key: number,
  negated: boolean,
  base: number,
  operation: Operation,
): boolean {
  return (
    literal.predicate === predicate &&
    literal.negated === negated &&
    groundKey(base, literal.terms, operation.bindings) === key
  );
}

/** Whether a fact can ever hold. What holds now can. */
function isReachable(world: World, reachability: Reachability, state: State, predicate: string, key: number): boolean {
  const slot = world.slots.real.get(predicate);
  return (slot !== undefined && (state[slot] as Relation).has(key)) || reachability.has(predicate, key);
}

/** Whether a conditional effect can happen beside the operation's precondition: never, whenever the operation does, or sometimes. */
function chanceOf(
  effect: CompiledEffect,
  args: readonly number[],
  operation: Operation,
  world: World,
  reachability: Reachability,
): 'none' | 'sure' | 'some' {
  const base = world.ids.length;
  let chance: 'none' | 'some' = 'none';
  for (const guard of effect.guards ?? []) {
    const outcome = reachability.guardCases(effect, guard, args, (predicate, key, negated) =>
      operation.branch.literals.some((literal) => says(literal, predicate, key, !negated, base, operation)),
    );
    if (outcome === 'sure') return 'sure';
    if (outcome === 'some') chance = 'some';
  }
  return chance;
}
