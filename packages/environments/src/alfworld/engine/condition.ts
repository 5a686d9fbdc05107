import { asList, asWord, type SExpression } from './s-expression.ts';
import { readTypedList, type Typed } from './typed-list.ts';

/** A predicate applied to variables (`?x`) and constants. */
export interface Atom {
  readonly predicate: string;
  readonly args: readonly string[];
}

/** A condition in negation normal form: `not` stands only before atoms. */
export type Condition =
  | { readonly kind: 'atom'; readonly atom: Atom; readonly negated: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | Quantified;

export interface Quantified {
  readonly kind: 'exists' | 'forall';
  readonly variables: readonly Typed[];
  readonly body: Condition;
}

/** One disjunct: the variables it quantifies, and what must hold of them. */
export interface Conjunct {
  readonly variables: readonly Typed[];
  readonly literals: readonly { readonly atom: Atom; readonly negated: boolean }[];
  /** Universal parts; they are checked when everything else is bound. */
  readonly universals: readonly Quantified[];
}

/** Reads a PDDL condition. The empty list is always true. */
export function readCondition(expression: SExpression, negated = false): Condition {
  const list = asList(expression, 'A condition');
  if (list.length === 0) return { kind: negated ? 'or' : 'and', parts: [] };
  const tag = asWord(list[0], 'The head of a condition');
  switch (tag) {
    case 'and':
    case 'or': {
      const parts = list.slice(1).map((part) => readCondition(part, negated));
      return { kind: (tag === 'and') !== negated ? 'and' : 'or', parts };
    }
    case 'imply': {
      const parts = [readCondition(list[1] ?? [], !negated), readCondition(list[2] ?? [], negated)];
      return { kind: negated ? 'and' : 'or', parts };
    }
    case 'not':
      return readCondition(list[1] ?? [], !negated);
    case 'exists':
    case 'forall': {
      const variables = readTypedList(asList(list[1], `The variables of ${tag}`), tag);
      const body = readCondition(list[2] ?? [], negated);
      return { kind: (tag === 'exists') !== negated ? 'exists' : 'forall', variables, body };
    }
    default:
      return { kind: 'atom', atom: readAtom(list), negated };
  }
}

/** Reads `(predicate arg …)`. */
export function readAtom(list: readonly SExpression[]): Atom {
  const predicate = asWord(list[0], 'A predicate');
  return { predicate, args: list.slice(1).map((arg) => asWord(arg, `An argument of ${predicate}`)) };
}

/**
 * The condition's disjunctive normal form. Existential variables are renamed apart, so that every conjunct is one flat join.
 *
 * @returns one conjunct a disjunct; none when the condition can never hold.
 */
export function disjuncts(condition: Condition): Conjunct[] {
  let fresh = 0;
  const expand = (part: Condition, names: ReadonlyMap<string, string>): Conjunct[] => {
    switch (part.kind) {
      case 'atom':
        return [
          { variables: [], literals: [{ atom: renamed(part.atom, names), negated: part.negated }], universals: [] },
        ];
      case 'or':
        return part.parts.flatMap((each) => expand(each, names));
      case 'and':
        return part.parts.reduce<Conjunct[]>((done, each) => product(done, expand(each, names)), [always]);
      case 'exists': {
        const inner = new Map(names);
        const variables = part.variables.map(({ name, type }) => {
          const unique = `${name}@${(fresh += 1)}`;
          inner.set(name, unique);
          return { name: unique, type };
        });
        return expand(part.body, inner).map((each) => ({ ...each, variables: [...variables, ...each.variables] }));
      }
      case 'forall':
        return [{ variables: [], literals: [], universals: [renamedUniversal(part, names)] }];
      default:
        return part satisfies never;
    }
  };
  return expand(condition, new Map());
}

const always: Conjunct = { variables: [], literals: [], universals: [] };

function product(left: readonly Conjunct[], right: readonly Conjunct[]): Conjunct[] {
  return left.flatMap((a) =>
    right.map((b) => ({
      variables: [...a.variables, ...b.variables],
      literals: [...a.literals, ...b.literals],
      universals: [...a.universals, ...b.universals],
    })),
  );
}

function renamed(atom: Atom, names: ReadonlyMap<string, string>): Atom {
  return names.size === 0 ? atom : { predicate: atom.predicate, args: atom.args.map((arg) => names.get(arg) ?? arg) };
}

function renamedUniversal(condition: Quantified, names: ReadonlyMap<string, string>): Quantified {
  const rename = (part: Condition, known: ReadonlyMap<string, string>): Condition => {
    switch (part.kind) {
      case 'atom':
        return { ...part, atom: renamed(part.atom, known) };
      case 'and':
      case 'or':
        return { ...part, parts: part.parts.map((each) => rename(each, known)) };
      default: {
        const inner = new Map(known);
        for (const { name } of part.variables) inner.delete(name);
        return { ...part, body: rename(part.body, inner) };
      }
    }
  };
  const outer = new Map(names);
  for (const { name } of condition.variables) outer.delete(name);
  return { ...condition, body: rename(condition.body, outer) };
}
