import { disjuncts } from './condition.ts';
import type { ActionSchema } from './domain.ts';
import { groundKey, holds, planJoin, type Join, type Term } from './join.ts';
import type { Relation } from './relation.ts';
import type { Typed } from './typed-list.ts';
import type { State, World } from './world.ts';

/** One effect of an action, its arguments resolved to parameters and objects. */
export interface CompiledEffect {
  readonly predicate: string;
  readonly terms: readonly Term[];
  readonly negated: boolean;
  /** Objects to go through for each variable of a `forall`, which follow the parameters in the bindings. */
  readonly ranges: readonly (readonly number[])[];
  /** Disjuncts of the `when` condition; undefined: unconditional. */
  readonly guards: readonly Join[] | undefined;
}

/** An effect with all its arguments filled in. */
export interface Change {
  readonly predicate: string;
  readonly key: number;
  readonly negated: boolean;
  /** Undefined: unconditional; else whether its condition held in the state it was asked of. */
  readonly triggered: boolean | undefined;
}

export function compileEffects(world: World, initial: State, schema: ActionSchema): CompiledEffect[] {
  return schema.effects.flatMap((effect): CompiledEffect[] => {
    const variables: Typed[] = [...schema.parameters, ...effect.variables];
    const terms: Term[] = [];
    for (const arg of effect.atom.args) {
      const variable = variables.findLastIndex(({ name }) => name === arg);
      const object = world.numberOf.get(arg);
      if (variable < 0 && object === undefined) return [];
      terms.push(variable >= 0 ? variable : -1 - (object ?? 0));
    }
    const guards =
      effect.condition === undefined
        ? undefined
        : disjuncts(effect.condition).flatMap((each) => planJoin(world, initial, variables, each, true) ?? []);
    const ranges = effect.variables.map(({ type }) => world.extension(type).objects);
    return [{ predicate: effect.atom.predicate, terms, negated: effect.negated, ranges, guards }];
  });
}

/** Whether the effect always happens, to one atom. */
export function isUnconditional(effect: CompiledEffect): boolean {
  return effect.guards === undefined && effect.ranges.length === 0;
}

/** What the effects amount to under the bindings of the parameters, asked of the state before them. */
export function groundEffects(
  effects: readonly CompiledEffect[],
  world: World,
  state: State,
  args: readonly number[],
): Change[] {
  const base = world.ids.length;
  const changes: Change[] = [];
  for (const effect of effects) {
    const { predicate, terms, negated, guards } = effect;
    if (isUnconditional(effect)) {
      changes.push({ predicate, key: groundKey(base, terms, args), negated, triggered: undefined });
      continue;
    }
    for (const bindings of assignments(effect.ranges, args)) {
      const triggered = guards?.some((guard) => holds(guard, state, [...bindings]));
      changes.push({ predicate, key: groundKey(base, terms, bindings), negated, triggered });
    }
  }
  return changes;
}

/** The state after the changes; additions win over deletions of the same fact. */
export function applyChanges(world: World, state: State, changes: readonly Change[]): State {
  const next = [...state];
  const { real, told, denied } = world.slots;
  for (const { predicate, key, negated, triggered } of changes) {
    const slot = real.get(predicate);
    if (slot !== undefined && negated && triggered !== false) next[slot] = relationAt(next, slot).without(key);
  }
  for (const { predicate, key, negated, triggered } of changes) {
    const slot = real.get(predicate);
    if (slot !== undefined && !negated && triggered !== false) next[slot] = relationAt(next, slot).with(key);
  }
  // What the text tells takes conditional effects as if they always happened, deletions last; see alfworld engine quirks.
  for (const { predicate, key, negated } of changes) {
    const text = told.get(predicate);
    const not = denied.get(predicate);
    if (text === undefined && not === undefined) continue;
    const deleted = negated ? !addedForSure(changes, predicate, key) : deletedToo(changes, predicate, key);
    const separate = text !== undefined && text !== real.get(predicate);
    if (separate) next[text] = deleted ? relationAt(next, text).without(key) : relationAt(next, text).with(key);
    if (not !== undefined) next[not] = deleted ? relationAt(next, not).with(key) : relationAt(next, not).without(key);
  }
  return next;
}

function addedForSure(changes: readonly Change[], predicate: string, key: number): boolean {
  return changes.some(
    (each) => !each.negated && each.triggered === undefined && each.predicate === predicate && each.key === key,
  );
}

function deletedToo(changes: readonly Change[], predicate: string, key: number): boolean {
  return (
    changes.some((each) => each.negated && each.predicate === predicate && each.key === key) &&
    !addedForSure(changes, predicate, key)
  );
}

function relationAt(state: State, slot: number): Relation {
  return state[slot] as Relation;
}

function* assignments(
  ranges: readonly (readonly number[])[],
  bindings: readonly number[],
): Generator<readonly number[]> {
  const [range, ...rest] = ranges;
  if (range === undefined) {
    yield bindings;
    return;
  }
  for (const object of range) yield* assignments(rest, [...bindings, object]);
}
