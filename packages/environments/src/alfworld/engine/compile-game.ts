import { compileAction } from './action.ts';
import { cached } from './cached.ts';
import { commandFinder, type CommandFinder } from './commands.ts';
import { disjuncts } from './condition.ts';
import { readDomain, type Domain } from './domain.ts';
import { invalidGame, type GameFile } from './game-file.ts';
import { readGrammar, type Grammar } from './grammar.ts';
import type { Join } from './join.ts';
import { planJoin } from './plan-join.ts';
import { entityNames } from './names.ts';
import { readProblem, type Problem } from './problem.ts';
import { Relation } from './relation.ts';
import type { CompiledAction } from './operation.ts';
import { Reachability } from './reachability.ts';
import { planSlots } from './slots.ts';
import { Types } from './types.ts';
import type { Extension, State, World } from './world.ts';

/** A game made ready to be played. Immutable: any number of plays share one. */
export interface CompiledGame {
  readonly world: World;
  readonly initial: State;
  readonly reachability: Reachability;
  /** The commands of a state; remembers what it computed. */
  readonly commandsOf: CommandFinder;
  /** Slots that some action writes. */
  readonly changing: readonly number[];
  /** Disjuncts of the goal. */
  readonly goal: readonly Join[];
  /** Slots that the goal depends on. */
  readonly goalReads: readonly number[];
  readonly grammar: Grammar;
  readonly walkthrough: readonly string[] | undefined;
}

/**
 * Makes a game ready to be played. Domains and grammar blocks are read once and kept by their text.
 *
 * @throws {EnvironmentError} `GAME_INVALID`
 */
export function compileGame(file: GameFile): CompiledGame {
  const { domain, types } = domainOf(file.pddl_domain);
  const grammar = readGrammar(file.grammar);
  const problem = readProblem(file.pddl_problem);
  const { world, initial, reachability } = buildWorld(domain, types, problem, grammar);
  const actions = domain.actions.map((schema, position) => compileAction(world, initial, schema, position, grammar));
  const changing = changingSlots(world, actions);
  const goal = disjuncts(problem.goal).flatMap((each) => planJoin(world, initial, [], each, false) ?? []);
  return {
    world,
    initial,
    reachability,
    commandsOf: commandFinder(world, reachability, grammar, actions, new Set(changing)),
    changing,
    goal,
    goalReads: [...new Set(goal.flatMap(({ reads }) => reads))],
    grammar,
    walkthrough: file.walkthrough,
  };
}

const domainOf = cached(32, (text) => {
  const domain = readDomain(text);
  return { domain, types: new Types(domain.supertypes) };
});

function buildWorld(
  domain: Domain,
  types: Types,
  problem: Problem,
  grammar: Grammar,
): Pick<CompiledGame, 'world' | 'initial' | 'reachability'> {
  const declared = new Map<string, string>();
  for (const { name, type } of domain.constants) declared.set(name, type);
  for (const { name, type } of problem.objects) declared.set(name, type);
  // Copied, because words cut out of the problem's text would keep the whole of it in memory.
  const ids = JSON.parse(JSON.stringify([...declared.keys()].sort())) as string[];
  const base = ids.length;
  const numberOf = new Map<string, number>();
  for (const id of ids) numberOf.set(id, numberOf.size);
  const typeOf = ids.map((id) => declared.get(id) ?? 'object');
  const mentioned = new Uint8Array(base);
  for (const name of problem.measured) mentioned[numberOf.get(name) ?? base] = 1;
  const keys = new Map<string, number[]>();
  const arities = new Map(domain.predicates.map(({ name, arity }) => [name, arity]));
  for (const fact of problem.facts) {
    const predicate = fact[0] ?? '';
    let key = 0;
    for (let at = 1; at < fact.length; at += 1) {
      const number = numberOf.get(fact[at] as string);
      if (number === undefined)
        throw invalidGame(`The fact (${fact.join(' ')}) names ${fact[at]}, which is not declared.`);
      mentioned[number] = 1;
      key = key * base + number;
    }
    const known = keys.get(predicate);
    if (known !== undefined) {
      known.push(key);
      continue;
    }
    keys.set(predicate, [key]);
    if (!arities.has(predicate)) arities.set(predicate, fact.length - 1);
  }
  const slots = planSlots(domain, problem.goal, grammar, arities);
  const initial = slots.arities.map((arity) => Relation.empty(arity, base));
  for (const [predicate, facts] of keys) {
    for (const slot of new Set([slots.real.get(predicate), slots.told.get(predicate)])) {
      if (slot !== undefined) initial[slot] = (initial[slot] as Relation).withAll(facts);
    }
  }
  const names = entityNames(ids.filter((_, number) => mentioned[number] === 1));
  const world: World = {
    types,
    ids,
    typeOf,
    numberOf,
    names: ids.map((id) => names.get(id) ?? id),
    slots,
    extension: extensions(types, typeOf),
  };
  return { world, initial, reachability: new Reachability(domain, world, keys, arities) };
}

function changingSlots({ slots }: World, actions: readonly CompiledAction[]): number[] {
  const written = new Set(actions.flatMap(({ effects }) => effects.map(({ predicate }) => predicate)));
  const places = [slots.real, slots.told, slots.denied].flatMap((table) => [...written].map((name) => table.get(name)));
  return [...new Set(places)].filter((slot) => slot !== undefined).sort((a, b) => a - b);
}

function extensions(types: Types, typeOf: readonly string[]): (type: string) => Extension {
  return cached(256, (type) => {
    const declared = new Set([...new Set(typeOf)].filter((each) => types.isA(each, type)));
    const objects = typeOf.flatMap((each, object) => (declared.has(each) ? [object] : []));
    if (objects.length === typeOf.length) return { objects, mask: undefined };
    const mask = new Uint8Array(typeOf.length);
    for (const object of objects) mask[object] = 1;
    return { objects, mask };
  });
}
