import type { Condition, Conjunct } from './condition.ts';
import { disjuncts } from './condition.ts';
import type { Relation } from './relation.ts';
import type { State, World } from './world.ts';
import type { Typed } from './typed-list.ts';

/** A bound variable (its position ≥ 0) or an object (`-1 - number`). */
export type Term = number;

/** A conjunction made ready to run: each step binds or checks, in an order chosen for small intermediate results. */
export interface Join {
  readonly steps: readonly JoinStep[];
  /** Variables, those given from outside first. */
  readonly variables: readonly Typed[];
  /** Slots of the state that the result depends on. */
  readonly reads: readonly number[];
}

type JoinStep =
  | {
      readonly kind: 'scan';
      readonly slot: number;
      readonly terms: readonly Term[];
      readonly column: number;
      readonly binds: readonly Binding[];
    }
  | { readonly kind: 'check'; readonly slot: number; readonly terms: readonly Term[]; readonly negated: boolean }
  | { readonly kind: 'equal'; readonly left: Term; readonly right: Term; readonly negated: boolean }
  | { readonly kind: 'member'; readonly variable: number; readonly objects: readonly number[] }
  | { readonly kind: 'forall'; readonly counterexamples: readonly Join[] };

interface Binding {
  readonly variable: number;
  readonly column: number;
  /** Objects that the variable's type allows. */
  readonly allowed: Uint8Array | undefined;
}

interface Literal {
  readonly slot: number;
  readonly terms: readonly Term[];
  readonly negated: boolean;
}

/**
 * Plans a conjunction whose first `given.length` variables are bound, or not, from outside.
 *
 * @param bound - whether the given variables are bound when the join runs.
 * @returns undefined when it can never hold: it names an object or type that the game does not have.
 */
export function planJoin(
  world: World,
  initial: State,
  given: readonly Typed[],
  conjunct: Conjunct,
  bound: boolean,
): Join | undefined {
  const variables = [...given, ...conjunct.variables];
  const place = new Map(variables.map(({ name }, position) => [name, position]));
  const term = (arg: string): Term | undefined => {
    const variable = place.get(arg);
    if (variable !== undefined) return variable;
    const object = world.numberOf.get(arg);
    return object === undefined ? undefined : -1 - object;
  };
  const steps: JoinStep[] = [];
  const literals: Literal[] = [];
  const equalities: { left: Term; right: Term; negated: boolean }[] = [];
  for (const { atom, negated } of conjunct.literals) {
    const terms = atom.args.map(term);
    const slot = world.slots.real.get(atom.predicate);
    if (terms.includes(undefined) || (slot === undefined && atom.predicate !== '=')) {
      if (negated) continue;
      return undefined;
    }
    const known = terms as Term[];
    if (atom.predicate === '=') equalities.push({ left: known[0] ?? 0, right: known[1] ?? 0, negated });
    else literals.push({ slot: slot ?? 0, terms: known, negated });
  }
  const isBound = variables.map((_, position) => bound && position < given.length);
  const ready = (terms: readonly Term[]) => terms.every((each) => each < 0 || isBound[each]);
  const flush = () => {
    for (let at = equalities.length - 1; at >= 0; at -= 1) {
      const each = equalities[at];
      if (each === undefined || !ready([each.left, each.right])) continue;
      steps.push({ kind: 'equal', ...each });
      equalities.splice(at, 1);
    }
    for (let at = literals.length - 1; at >= 0; at -= 1) {
      const each = literals[at];
      if (each === undefined || !ready(each.terms)) continue;
      steps.push({ kind: 'check', ...each });
      literals.splice(at, 1);
    }
  };
  const bind = (variable: number) => {
    isBound[variable] = true;
  };
  for (;;) {
    flush();
    const next = cheapest(literals, isBound, initial);
    if (next === undefined) {
      const variable = isBound.indexOf(false);
      if (variable < 0) break;
      steps.push({ kind: 'member', variable, objects: world.extension(variables[variable]?.type ?? '').objects });
      bind(variable);
      continue;
    }
    literals.splice(literals.indexOf(next), 1);
    const column = next.terms.findIndex((each) => each < 0 || isBound[each]);
    const binds: Binding[] = [];
    next.terms.forEach((each, at) => {
      if (each < 0 || isBound[each]) return;
      binds.push({ variable: each, column: at, allowed: world.extension(variables[each]?.type ?? '').mask });
      bind(each);
    });
    steps.push({ kind: 'scan', slot: next.slot, terms: next.terms, column, binds });
  }
  for (const universal of conjunct.universals) {
    const counter: Condition = { kind: 'exists', variables: universal.variables, body: negation(universal.body) };
    const counterexamples = disjuncts(counter).flatMap((each) => planJoin(world, initial, variables, each, true) ?? []);
    steps.push({ kind: 'forall', counterexamples });
  }
  return { steps, variables, reads: [...new Set(steps.flatMap(readsOf))] };
}

/** Runs a join. `emit` sees the bindings, which change afterwards; returning true stops. @returns whether it was stopped. */
export function runJoin(
  join: Join,
  state: State,
  bindings: number[],
  emit: (bindings: readonly number[]) => boolean,
): boolean {
  return runFrom(join, 0, state, bindings, emit);
}

/** Whether the join has any result under the bindings of its given variables. */
export function holds(join: Join, state: State, bindings: number[]): boolean {
  return runFrom(join, 0, state, bindings, stop);
}

const stop = () => true;

function runFrom(
  join: Join,
  at: number,
  state: State,
  bindings: number[],
  emit: (bindings: readonly number[]) => boolean,
): boolean {
  const step = join.steps[at];
  if (step === undefined) return emit(bindings);
  switch (step.kind) {
    case 'check': {
      const relation = state[step.slot] as Relation;
      if (relation.has(groundKey(relation.base, step.terms, bindings)) === step.negated) return false;
      return runFrom(join, at + 1, state, bindings, emit);
    }
    case 'equal':
      if ((valueOf(step.left, bindings) === valueOf(step.right, bindings)) === step.negated) return false;
      return runFrom(join, at + 1, state, bindings, emit);
    case 'member':
      for (const object of step.objects) {
        bindings[step.variable] = object;
        if (runFrom(join, at + 1, state, bindings, emit)) return true;
      }
      return false;
    case 'forall':
      for (const counterexample of step.counterexamples) {
        if (holds(counterexample, state, bindings)) return false;
      }
      return runFrom(join, at + 1, state, bindings, emit);
    case 'scan': {
      const relation = state[step.slot] as Relation;
      const { terms, column } = step;
      const keys = column < 0 ? relation.keys : relation.matching(column, valueOf(terms[column] ?? 0, bindings));
      for (const key of keys) {
        if (bindKey(step, relation, key, bindings) && runFrom(join, at + 1, state, bindings, emit)) return true;
      }
      return false;
    }
    default:
      return step satisfies never;
  }
}

function bindKey(
  step: Extract<JoinStep, { kind: 'scan' }>,
  relation: Relation,
  key: number,
  bindings: number[],
): boolean {
  for (const { variable, column, allowed } of step.binds) {
    const object = relation.argument(key, column);
    if (allowed !== undefined && allowed[object] === 0) return false;
    bindings[variable] = object;
  }
  // Bound arguments, and variables that occur twice, must agree with the key.
  for (let column = 0; column < step.terms.length; column += 1) {
    if (relation.argument(key, column) !== valueOf(step.terms[column] ?? 0, bindings)) return false;
  }
  return true;
}

/** The key of a fact whose arguments are the terms under the bindings. */
export function groundKey(base: number, terms: readonly Term[], bindings: readonly number[]): number {
  let key = 0;
  for (const term of terms) key = key * base + valueOf(term, bindings);
  return key;
}

export function valueOf(term: Term, bindings: readonly number[]): number {
  return term < 0 ? -1 - term : (bindings[term] ?? -1);
}

function cheapest(literals: readonly Literal[], isBound: readonly boolean[], initial: State): Literal | undefined {
  let best: Literal | undefined;
  let bestCost = Infinity;
  for (const literal of literals) {
    if (literal.negated) continue;
    const free = literal.terms.filter((each) => each >= 0 && !isBound[each]).length;
    const size = Math.max(1, initial[literal.slot]?.size ?? 0);
    const cost = size ** (free / literal.terms.length);
    if (cost < bestCost) {
      best = literal;
      bestCost = cost;
    }
  }
  return best;
}

function readsOf(step: JoinStep): readonly number[] {
  if (step.kind === 'scan' || step.kind === 'check') return [step.slot];
  return step.kind === 'forall' ? step.counterexamples.flatMap((each) => each.reads) : [];
}

function negation(condition: Condition): Condition {
  switch (condition.kind) {
    case 'atom':
      return { ...condition, negated: !condition.negated };
    case 'and':
    case 'or':
      return { kind: condition.kind === 'and' ? 'or' : 'and', parts: condition.parts.map(negation) };
    default:
      return {
        kind: condition.kind === 'exists' ? 'forall' : 'exists',
        variables: condition.variables,
        body: negation(condition.body),
      };
  }
}
