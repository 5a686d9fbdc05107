import type { Relation } from './relation.ts';
import type { Typed } from './typed-list.ts';
import type { State } from './world.ts';

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

export type JoinStep =
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

export interface Binding {
  readonly variable: number;
  readonly column: number;
  /** Objects that the variable's type allows. */
  readonly allowed: Uint8Array | undefined;
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
