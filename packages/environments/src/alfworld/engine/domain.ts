import { disjuncts, readAtom, readCondition, type Atom, type Condition, type Conjunct } from './condition.ts';
import { invalidGame } from './game-file.ts';
import { asList, asWord, readSExpression, type SExpression } from './s-expression.ts';
import { readTypedList, type Typed } from './typed-list.ts';

/** What an action does to one atom, for all values of `variables`, when `condition` holds. */
export interface Effect {
  readonly variables: readonly Typed[];
  /** Absent: always. */
  readonly condition?: Condition;
  readonly atom: Atom;
  readonly negated: boolean;
}

export interface ActionSchema {
  readonly name: string;
  readonly parameters: readonly Typed[];
  /** The precondition's disjuncts; none when it can never hold. */
  readonly branches: readonly Conjunct[];
  readonly effects: readonly Effect[];
}

/** A PDDL domain: types, constants, and actions. Predicates are known by their use. */
export interface Domain {
  /** Direct supertype of each declared type; `object` is the root. */
  readonly supertypes: ReadonlyMap<string, string>;
  readonly constants: readonly Typed[];
  readonly predicates: readonly { readonly name: string; readonly arity: number }[];
  readonly actions: readonly ActionSchema[];
}

/**
 * Reads a PDDL domain with the constructs that ALFWorld uses and their close kin: typing, `and or not imply exists forall when =`.
 * Costs, functions and requirements are skipped. An action without effects does not exist, as in the reference.
 *
 * @throws {EnvironmentError} `GAME_INVALID`
 */
export function readDomain(text: string): Domain {
  const [define, , ...fields] = readSExpression(text);
  if (define !== 'define') throw invalidGame('The PDDL domain does not start with (define.');
  const supertypes = new Map<string, string>([['object', 'object']]);
  let constants: Typed[] = [];
  let predicates: { name: string; arity: number }[] = [];
  const actions: ActionSchema[] = [];
  for (const field of fields) {
    const [head, ...rest] = asList(field, 'A field of the domain');
    switch (head) {
      case ':types':
        for (const { name, type } of readTypedList(rest, ':types')) supertypes.set(name, type);
        break;
      case ':constants':
        constants = readTypedList(rest, ':constants');
        break;
      case ':predicates':
        predicates = rest.map((entry) => {
          const [name, ...args] = asList(entry, 'A predicate');
          return { name: asWord(name, 'A predicate'), arity: readTypedList(args, 'a predicate').length };
        });
        break;
      case ':action': {
        const action = readAction(rest);
        if (action.effects.length > 0) actions.push(action);
        break;
      }
      case ':requirements':
      case ':functions':
        break;
      default:
        throw invalidGame(`The PDDL domain has a field ${String(head)}, which is not understood.`);
    }
  }
  return { supertypes, constants, predicates, actions };
}

function readAction([name, ...fields]: readonly SExpression[]): ActionSchema {
  const action = asWord(name, 'The name of an action');
  let parameters: Typed[] = [];
  let precondition: Condition = { kind: 'and', parts: [] };
  let effects: Effect[] = [];
  for (let position = 0; position < fields.length; position += 2) {
    const value = asList(fields[position + 1], `${String(fields[position])} of action ${action}`);
    switch (fields[position]) {
      case ':parameters':
        parameters = readTypedList(value, `action ${action}`);
        break;
      case ':precondition':
        precondition = readCondition(value);
        break;
      case ':effect':
        effects = value.length === 0 ? [] : readEffects(value, [], undefined);
        break;
      default:
        throw invalidGame(`Action ${action} has a field ${String(fields[position])}, which is not understood.`);
    }
  }
  return { name: action, parameters, branches: disjuncts(precondition), effects };
}

function readEffects(expression: SExpression, variables: readonly Typed[], condition: Condition | undefined): Effect[] {
  const list = asList(expression, 'An effect');
  switch (list[0]) {
    case 'and':
      return list.slice(1).flatMap((part) => readEffects(part, variables, condition));
    case 'forall': {
      const inner = readTypedList(asList(list[1], 'The variables of forall'), 'an effect');
      return readEffects(list[2] ?? [], [...variables, ...inner], condition);
    }
    case 'when': {
      const guard = readCondition(list[1] ?? []);
      const both: Condition = condition === undefined ? guard : { kind: 'and', parts: [condition, guard] };
      return readEffects(list[2] ?? [], variables, both);
    }
    case 'increase':
      return [];
    case 'not':
      return [effect(variables, condition, readAtom(asList(list[1], 'A negated effect')), true)];
    default:
      return [effect(variables, condition, readAtom(list), false)];
  }
}

function effect(variables: readonly Typed[], condition: Condition | undefined, atom: Atom, negated: boolean): Effect {
  return condition === undefined ? { variables, atom, negated } : { variables, condition, atom, negated };
}
