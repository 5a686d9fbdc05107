import type { Conjunct } from './condition.ts';
import { disjuncts } from './condition.ts';
import type { Domain, Effect } from './domain.ts';
import { termOf, type CompiledEffect, type Guard } from './effects.ts';
import { groundKey, runJoin, type Join, type Term } from './join.ts';
import { planJoin } from './plan-join.ts';
import { Relation } from './relation.ts';
import type { Typed } from './typed-list.ts';
import type { State, World } from './world.ts';

/**
 * Which facts can ever hold, by the measure of the reference: actions are done from the initial facts on, nothing is deleted, and negative
 * conditions are taken as met. Computed when it is first asked, which games of the official domain never do.
 *
 * Source: fast-downward's translator, normalize.py (build_exploration_rules) and instantiate.py.
 */
export class Reachability {
  readonly #domain: Domain;
  readonly #base: World;
  readonly #facts: ReadonlyMap<string, readonly number[]>;
  readonly #arities: ReadonlyMap<string, number>;
  readonly #changing: ReadonlySet<string>;
  readonly #guards = new Map<Guard, Join | undefined>();
  #explored: { readonly world: World; readonly state: State } | undefined;

  /** @param facts - keys of the initial facts by predicate. */
  constructor(
    domain: Domain,
    world: World,
    facts: ReadonlyMap<string, readonly number[]>,
    arities: ReadonlyMap<string, number>,
  ) {
    this.#domain = domain;
    this.#base = world;
    this.#facts = facts;
    this.#arities = arities;
    this.#changing = new Set(domain.actions.flatMap(({ effects }) => effects.map(({ atom }) => atom.predicate)));
  }

  has(predicate: string, key: number): boolean {
    const { world, state } = this.#exploration();
    const slot = world.slots.real.get(predicate);
    return slot !== undefined && (state[slot] as Relation).has(key);
  }

  /**
   * Whether a `when` condition can be met for these arguments: `sure` when only things that never change decide it, and do.
   *
   * @param contradicted - whether the operation's precondition says the opposite of a literal.
   */
  guardCases(
    effect: CompiledEffect,
    guard: Guard,
    args: readonly number[],
    contradicted: (predicate: string, key: number, negated: boolean) => boolean,
  ): 'none' | 'sure' | 'some' {
    const { world, state } = this.#exploration();
    const join = this.#guardJoin(effect, guard, world, state);
    if (join === undefined) return 'none';
    const changing = guard.conjunct.literals.filter(({ atom }) => this.#changing.has(atom.predicate));
    const literals = changing.flatMap(({ atom, negated }) => {
      const terms = atom.args.map((arg) => termOf(arg, join.variables, world));
      return terms.includes(undefined) ? [] : [{ predicate: atom.predicate, terms: terms as Term[], negated }];
    });
    let found: 'none' | 'sure' | 'some' = 'none';
    runJoin(join, state, [...args], (bindings) => {
      const base = world.ids.length;
      if (
        literals.some(({ predicate, terms, negated }) =>
          contradicted(predicate, groundKey(base, terms, bindings), negated),
        )
      )
        return false;
      found = literals.length === 0 && guard.conjunct.universals.length === 0 ? 'sure' : 'some';
      return found === 'sure';
    });
    return found;
  }

  #guardJoin(effect: CompiledEffect, guard: Guard, world: World, state: State): Join | undefined {
    if (!this.#guards.has(guard)) {
      const literals = guard.conjunct.literals.filter(
        ({ atom, negated }) => !negated || !this.#changing.has(atom.predicate),
      );
      const conjunct = { variables: guard.conjunct.variables, literals, universals: [] };
      this.#guards.set(guard, planJoin(world, state, effect.variables, conjunct, true));
    }
    return this.#guards.get(guard);
  }

  #exploration(): { readonly world: World; readonly state: State } {
    return (this.#explored ??= this.#explore());
  }

  #explore(): { readonly world: World; readonly state: State } {
    const names = [...this.#arities.keys()];
    const arities = names.map((name) => this.#arities.get(name) ?? 0);
    const slots = {
      arities,
      real: new Map(names.map((name, slot) => [name, slot])),
      told: new Map(),
      denied: new Map(),
    };
    const world: World = { ...this.#base, slots };
    const base = world.ids.length;
    const state = names.map((name, slot) =>
      Relation.empty(arities[slot] ?? 0, base).withAll(this.#facts.get(name) ?? []),
    );
    const rules = this.#domain.actions.flatMap(({ parameters, branches, effects }) =>
      effects
        .filter(({ negated }) => !negated)
        .flatMap((effect) => branches.flatMap((branch) => rulesOf(world, state, parameters, branch, effect))),
    );
    for (let grown = true; grown;) {
      grown = false;
      for (const { join, slot, terms } of rules) {
        const keys: number[] = [];
        runJoin(
          join,
          state,
          join.variables.map(() => -1),
          (bindings) => {
            keys.push(groundKey(base, terms, bindings));
            return false;
          },
        );
        const relation = state[slot] as Relation;
        const fresh = keys.filter((key) => !relation.has(key));
        if (fresh.length === 0) continue;
        state[slot] = relation.withAll(fresh);
        grown = true;
      }
    }
    return { world, state };
  }
}

interface Rule {
  readonly join: Join;
  readonly slot: number;
  readonly terms: readonly Term[];
}

/** The ways in which a branch of an action adds an effect's fact. The variables of `forall` range over all objects here, as in the reference. */
function rulesOf(world: World, state: State, parameters: readonly Typed[], branch: Conjunct, effect: Effect): Rule[] {
  const ranging = effect.variables.map(({ name }) => ({ name, type: 'object' }));
  const guards = effect.condition === undefined ? [undefined] : disjuncts(effect.condition);
  return guards.flatMap((guard) => {
    const own = guard === undefined ? undefined : apart(guard);
    const conjunct: Conjunct = {
      variables: [...branch.variables, ...ranging, ...(own?.variables ?? [])],
      literals: [...branch.literals, ...(own?.literals ?? [])].filter(({ negated }) => !negated),
      universals: [],
    };
    const join = planJoin(world, state, parameters, conjunct, false);
    const slot = world.slots.real.get(effect.atom.predicate);
    if (join === undefined || slot === undefined) return [];
    const terms = effect.atom.args.map((arg) => termOf(arg, join.variables, world));
    return terms.includes(undefined) ? [] : [{ join, slot, terms: terms as Term[] }];
  });
}

/** The conjunct with its variables renamed, so that they differ from those of another. */
function apart({ variables, literals, universals }: Conjunct): Conjunct {
  const names = new Map(variables.map(({ name }) => [name, `${name}'`]));
  return {
    variables: variables.map(({ name, type }) => ({ name: `${name}'`, type })),
    literals: literals.map(({ atom, negated }) => ({
      atom: { predicate: atom.predicate, args: atom.args.map((arg) => names.get(arg) ?? arg) },
      negated,
    })),
    universals,
  };
}
