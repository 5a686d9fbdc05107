import type { Conjunct } from './condition.ts';
import type { ActionSchema } from './domain.ts';
import { compileEffects, isUnconditional, termOf, type CompiledEffect } from './effects.ts';
import { invalidGame } from './game-file.ts';
import type { Grammar } from './grammar.ts';
import { runJoin, type Join, type Term } from './join.ts';
import { planJoin } from './plan-join.ts';
import type { Branch, BranchLiteral, CompiledAction, Operation } from './operation.ts';
import { operatorEffects } from './operator-effects.ts';
import type { Reachability } from './reachability.ts';
import type { State, World } from './world.ts';

/** @throws {EnvironmentError} `GAME_INVALID` when the grammar does not say how the action is written. */
export function compileAction(
  world: World,
  initial: State,
  schema: ActionSchema,
  position: number,
  grammar: Grammar,
): CompiledAction {
  const text = grammar.actions.get(schema.name);
  if (text === undefined)
    throw invalidGame(`The grammar has no action ${schema.name}, which the PDDL domain declares.`);
  const effects = compileEffects(world, initial, schema);
  const branches = schema.branches.flatMap((conjunct) => {
    const join = planJoin(world, initial, schema.parameters, conjunct, false);
    return join === undefined ? [] : [compileBranch(world, join, conjunct, effects)];
  });
  return {
    name: schema.name,
    position,
    parameters: schema.parameters.map(({ name, type }) => ({ name: name.replaceAll('?', ''), type })),
    branches,
    effects,
    template: text.template,
    feedback: text.feedback,
  };
}

/** The action's operations that the state allows, each once, in the order of their arguments. */
export function applicableOperations(
  action: CompiledAction,
  world: World,
  reachability: Reachability,
  state: State,
): Operation[] {
  const count = action.parameters.length;
  const found: Operation[] = [];
  for (const branch of action.branches) {
    const bindings = branch.join.variables.map(() => -1);
    runJoin(branch.join, state, bindings, () => {
      const operation = { action, branch, args: bindings.slice(0, count), bindings: [...bindings] };
      if (branch.alwaysActs || operatorEffects(operation, world, reachability, state).length > 0) found.push(operation);
      return false;
    });
  }
  found.sort((a, b) => compare(a.args, b.args));
  return found.filter(({ args }, at) => at === 0 || compare(args, (found[at - 1] as Operation).args) !== 0);
}

function compileBranch(world: World, join: Join, conjunct: Conjunct, effects: readonly CompiledEffect[]): Branch {
  const touched = new Set(effects.map(({ predicate }) => predicate));
  const literals = conjunct.literals.flatMap(({ atom, negated }): BranchLiteral[] => {
    if (!touched.has(atom.predicate)) return [];
    const terms = atom.args.map((arg) => termOf(arg, join.variables, world));
    return terms.includes(undefined) ? [] : [{ predicate: atom.predicate, terms: terms as Term[], negated }];
  });
  return { join, literals, alwaysActs: effects.some((effect) => alwaysActs(effect, literals, effects)) };
}

/** True for an addition that the branch cannot say already, and for a deletion of what the branch says and nothing may add. */
function alwaysActs(
  effect: CompiledEffect,
  literals: readonly BranchLiteral[],
  effects: readonly CompiledEffect[],
): boolean {
  if (!isUnconditional(effect)) return false;
  const alike = literals.filter(({ predicate }) => predicate === effect.predicate);
  if (!effect.negated) return alike.every(({ negated }) => negated);
  return (
    alike.some(({ negated, terms }) => !negated && terms.join() === effect.terms.join()) &&
    effects.every(({ predicate, negated }) => negated || predicate !== effect.predicate)
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
