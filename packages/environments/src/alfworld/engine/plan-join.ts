import { disjuncts, type Condition, type Conjunct } from './condition.ts';
import type { Binding, Join, JoinStep, Term } from './join.ts';
import type { Typed } from './typed-list.ts';
import type { State, World } from './world.ts';

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
