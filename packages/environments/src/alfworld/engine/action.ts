import type { Conjunct } from './condition.ts';
import type { ActionSchema } from './domain.ts';
import { compileEffects, groundEffects, type Change, type CompiledEffect } from './effects.ts';
import type { Grammar } from './grammar.ts';
import { invalidGame } from './game-file.ts';
import { planJoin, runJoin, valueOf, type Join, type Term } from './join.ts';
import type { TextSymbol } from './production.ts';
import type { State, World } from './world.ts';

/** An action of the domain, made ready for one game. */
export interface CompiledAction {
  readonly name: string;
  /** Parameters without their question mark. */
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly branches: readonly Branch[];
  readonly effects: readonly CompiledEffect[];
  readonly template: readonly TextSymbol[];
  readonly feedback: readonly TextSymbol[];
  /** Slots that decide which of its operations are applicable. */
  readonly reads: readonly number[];
}

interface Branch {
  readonly join: Join;
  /** The branch's own literals, to find effects that change nothing. */
  readonly literals: readonly {
    readonly predicate: string;
    readonly terms: readonly Term[];
    readonly negated: boolean;
  }[];
  /** True when some effect can never be void, so that no operation is a no-op. */
  readonly alwaysActs: boolean;
}

/** An action with its arguments filled in. */
export interface Operation {
  readonly action: CompiledAction;
  readonly args: readonly number[];
}

/** @throws {EnvironmentError} `GAME_INVALID` when the grammar does not say how the action is written. */
export function compileAction(world: World, initial: State, schema: ActionSchema, grammar: Grammar): CompiledAction {
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
    parameters: schema.parameters.map(({ name, type }) => ({ name: name.replaceAll('?', ''), type })),
    branches,
    effects,
    template: text.template,
    feedback: text.feedback,
    reads: [...new Set(branches.flatMap((branch) => branch.join.reads))],
  };
}

/** The action's operations that the state allows, each once, in the order of their arguments. */
export function applicableOperations(action: CompiledAction, world: World, state: State): Operation[] {
  const count = action.parameters.length;
  const found = new Map<string, Operation>();
  for (const branch of action.branches) {
    runJoin(
      branch.join,
      state,
      branch.join.variables.map(() => -1),
      (bindings) => {
        if (!branch.alwaysActs && !acts(action, branch, world, state, bindings)) return false;
        const args = bindings.slice(0, count);
        const key = args.join(' ');
        if (!found.has(key)) found.set(key, { action, args });
        return false;
      },
    );
  }
  return [...found.values()].sort((a, b) => compare(a.args, b.args));
}

/** What an operation would change in a state that allows it. */
export function changesOf(operation: Operation, world: World, state: State): Change[] {
  return groundEffects(operation.action.effects, world, state, operation.args);
}

function compileBranch(world: World, join: Join, conjunct: Conjunct, effects: readonly CompiledEffect[]): Branch {
  const place = new Map(join.variables.map(({ name }, position) => [name, position]));
  const literals = conjunct.literals.flatMap(({ atom, negated }) => {
    const terms: Term[] = [];
    for (const arg of atom.args) {
      const object = world.numberOf.get(arg);
      const variable = place.get(arg);
      if (variable === undefined && object === undefined) return [];
      terms.push(variable ?? -1 - (object ?? 0));
    }
    return [{ predicate: atom.predicate, terms, negated }];
  });
  const alwaysActs = effects.some(
    (effect) =>
      effect.ranges.length === 0 &&
      effect.guards === undefined &&
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
  return changes.some((change) => {
    const known = branch.literals.some(
      ({ predicate, terms, negated }) =>
        predicate === change.predicate &&
        negated === change.negated &&
        terms.reduce((key, term) => key * base + valueOf(term, bindings), 0) === change.key,
    );
    if (known) return false;
    return !(
      change.negated &&
      changes.some(
        (each) =>
          !each.negated &&
          each.triggered === undefined &&
          each.predicate === change.predicate &&
          each.key === change.key,
      )
    );
  });
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
