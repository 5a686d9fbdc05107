import type { Conjunct } from './condition.ts';
import type { ActionSchema } from './domain.ts';
import { compileEffects, groundEffects, isUnconditional, type CompiledEffect } from './effects.ts';
import { invalidGame } from './game-file.ts';
import type { Grammar } from './grammar.ts';
import { groundKey, planJoin, runJoin, type Join, type Term } from './join.ts';
import type { Operation } from './operation.ts';
import type { TextSymbol } from './production.ts';
import type { State, World } from './world.ts';

/** An action of the domain, made ready for one game. */
export interface CompiledAction {
  readonly name: string;
  /** Position in the domain. */
  readonly position: number;
  /** Parameters without their question mark. */
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly branches: readonly Branch[];
  readonly effects: readonly CompiledEffect[];
  readonly template: readonly TextSymbol[];
  readonly feedback: readonly TextSymbol[];
}

interface Branch {
  readonly join: Join;
  readonly literals: readonly BranchLiteral[];
  /** True when some effect can never be void, so that no operation is a no-op. */
  readonly alwaysActs: boolean;
}

/** A literal of the branch, kept to find effects that change nothing. */
interface BranchLiteral {
  readonly predicate: string;
  readonly terms: readonly Term[];
  readonly negated: boolean;
}

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
export function applicableOperations(action: CompiledAction, world: World, state: State): Operation[] {
  const count = action.parameters.length;
  const found: Operation[] = [];
  for (const branch of action.branches) {
    const bindings = branch.join.variables.map(() => -1);
    runJoin(branch.join, state, bindings, () => {
      if (branch.alwaysActs || acts(action, branch, world, state, bindings)) {
        found.push({ action, args: bindings.slice(0, count) });
      }
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
    const terms: Term[] = [];
    for (const arg of atom.args) {
      const variable = join.variables.findIndex(({ name }) => name === arg);
      const object = world.numberOf.get(arg);
      if (variable < 0 && object === undefined) return [];
      terms.push(variable >= 0 ? variable : -1 - (object ?? 0));
    }
    return [{ predicate: atom.predicate, terms, negated }];
  });
  const alwaysActs = effects.some(
    (effect) =>
      isUnconditional(effect) &&
      !literals.some((each) => each.predicate === effect.predicate && each.negated === effect.negated) &&
      !(effect.negated && effects.some((each) => !each.negated && each.predicate === effect.predicate)),
  );
  return { join, literals, alwaysActs };
}

/** False for an operation whose effects all repeat what its precondition says: the reference drops those. */
function acts(
  action: CompiledAction,
  branch: Branch,
  world: World,
  state: State,
  bindings: readonly number[],
): boolean {
  const base = world.ids.length;
  const changes = groundEffects(action.effects, world, state, bindings.slice(0, action.parameters.length));
  return changes.some(({ predicate, key, negated }) => {
    const known = branch.literals.some(
      (each) =>
        each.predicate === predicate && each.negated === negated && groundKey(base, each.terms, bindings) === key,
    );
    if (known) return false;
    const undone = (each: (typeof changes)[number]) =>
      !each.negated && each.triggered === undefined && each.predicate === predicate && each.key === key;
    return !(negated && changes.some(undone));
  });
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
