import type { Condition, Conjunct } from './condition.ts';
import { disjuncts } from './condition.ts';
import type { ActionSchema } from './domain.ts';
import { groundKey, holds, type Join, type Term } from './join.ts';
import { planJoin } from './plan-join.ts';
import type { Relation } from './relation.ts';
import type { Typed } from './typed-list.ts';
import type { State, World } from './world.ts';

/** One effect of an action, its arguments resolved to parameters and objects. */
export interface CompiledEffect {
  readonly predicate: string;
  readonly terms: readonly Term[];
  readonly negated: boolean;
  /** Parameters of the action, then the variables of `forall`. */
  readonly variables: readonly Typed[];
  /** Objects to go through for each variable of `forall`. */
  readonly ranges: readonly (readonly number[])[];
  /** Disjuncts of the `when` condition; undefined: unconditional. */
  readonly guards: readonly Guard[] | undefined;
}

export interface Guard {
  readonly conjunct: Conjunct;
  /** Undefined: can never hold. */
  readonly join: Join | undefined;
}

/** An effect with all its arguments filled in, as it happens in a state. */
export interface Change {
  readonly predicate: string;
  readonly key: number;
  readonly negated: boolean;
}

export function compileEffects(world: World, initial: State, schema: ActionSchema): CompiledEffect[] {
  return schema.effects.flatMap((effect): CompiledEffect[] => {
    const variables = [...schema.parameters, ...effect.variables];
    const terms = effect.atom.args.map((arg) => termOf(arg, variables, world));
    if (terms.includes(undefined)) return [];
    const guards = effect.condition && compileGuards(world, initial, variables, effect.condition);
    const ranges = effect.variables.map(({ type }) => world.extension(type).objects);
    const { predicate } = effect.atom;
    return [{ predicate, terms: terms as Term[], negated: effect.negated, variables, ranges, guards }];
  });
}

/** The position of a variable (the last of that name), or an object; undefined when it is neither. */
export function termOf(arg: string, variables: readonly Typed[], world: World): Term | undefined {
  const variable = variables.findLastIndex(({ name }) => name === arg);
  if (variable >= 0) return variable;
  const object = world.numberOf.get(arg);
  return object === undefined ? undefined : -1 - object;
}

/** Whether the effect always happens, to one atom. */
export function isUnconditional(effect: CompiledEffect): boolean {
  return effect.guards === undefined && effect.ranges.length === 0;
}

/** What happens to a state when an action with these arguments is done in it. */
export function changesOf(
  effects: readonly CompiledEffect[],
  world: World,
  state: State,
  args: readonly number[],
): Change[] {
  const base = world.ids.length;
  const changes: Change[] = [];
  for (const { predicate, terms, negated, ranges, guards } of effects) {
    for (const bindings of ranges.length === 0 ? [args] : assignments(ranges, args)) {
      if (guards?.some(({ join }) => join !== undefined && holds(join, state, [...bindings])) === false) continue;
      changes.push({ predicate, key: groundKey(base, terms, bindings), negated });
    }
  }
  return changes;
}

/** The state after the changes; additions win over deletions of the same fact. */
export function applyChanges(world: World, state: State, changes: readonly Change[]): Relation[] {
  const next = [...state];
  const { real } = world.slots;
  for (const { predicate, key, negated } of changes) {
    const slot = negated ? real.get(predicate) : undefined;
    if (slot !== undefined) next[slot] = (next[slot] as Relation).without(key);
  }
  for (const { predicate, key, negated } of changes) {
    const slot = negated ? undefined : real.get(predicate);
    if (slot !== undefined) next[slot] = (next[slot] as Relation).with(key);
  }
  return next;
}

/** The arguments with every choice from the ranges behind them. */
export function* assignments(
  ranges: readonly (readonly number[])[],
  args: readonly number[],
): Generator<readonly number[]> {
  const [range, ...rest] = ranges;
  if (range === undefined) yield args;
  else for (const object of range) yield* assignments(rest, [...args, object]);
}

function compileGuards(world: World, initial: State, variables: readonly Typed[], condition: Condition): Guard[] {
  return disjuncts(condition).map((conjunct) => ({
    conjunct,
    join: planJoin(world, initial, variables, conjunct, true),
  }));
}
