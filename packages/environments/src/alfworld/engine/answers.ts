import type { Placeholder, QueryAtom } from './query.ts';
import type { Relation } from './relation.ts';
import type { State, World } from './world.ts';

/** What the placeholders stand for so far; a linked list, newest first. */
export interface Binding {
  readonly name: string;
  readonly type: string;
  readonly object: number;
  /** The object's type as the binding's maker saw it: an action's parameter type, or the object's own. */
  readonly objectType: string;
  readonly next: Binding | undefined;
}

/**
 * Goes through the answers of a query in the reference's order: conjunct by conjunct, each over its facts in sorted order. Distinct
 * placeholders stand for distinct objects, also distinct from all that are bound already.
 *
 * @param found - sees the bindings of each answer; returning true stops.
 * @returns whether it was stopped.
 */
export function answers(
  query: readonly QueryAtom[],
  world: World,
  state: State,
  bindings: Binding | undefined,
  found: (bindings: Binding | undefined) => boolean,
  at = 0,
): boolean {
  const atom = query[at];
  if (atom === undefined) return found(bindings);
  const slot = (atom.denied ? world.slots.denied : world.slots.told).get(atom.predicate);
  const relation = slot === undefined ? undefined : state[slot];
  if (relation === undefined || relation.arity !== atom.placeholders.length) return false;
  for (const types of world.types.tuplesOf(atom.placeholders)) {
    for (const key of candidates(atom, relation, bindings)) {
      const extended = match(atom.placeholders, types, relation, key, world, bindings);
      if (extended !== false && answers(query, world, state, extended, found, at + 1)) return true;
    }
  }
  return false;
}

function candidates(atom: QueryAtom, relation: Relation, bindings: Binding | undefined): readonly number[] {
  const { placeholders } = atom;
  for (let column = 0; column < placeholders.length; column += 1) {
    const bound = lookUp(bindings, placeholders[column] as Placeholder);
    if (bound !== undefined) return relation.matching(column, bound.object);
  }
  return relation.keys;
}

function match(
  placeholders: readonly Placeholder[],
  types: readonly string[],
  relation: Relation,
  key: number,
  world: World,
  bindings: Binding | undefined,
): Binding | undefined | false {
  let extended = bindings;
  for (let column = 0; column < placeholders.length; column += 1) {
    const placeholder = placeholders[column] as Placeholder;
    const object = relation.argument(key, column);
    const objectType = world.typeOf[object] ?? '';
    if (objectType !== types[column]) return false;
    const bound = lookUp(extended, placeholder);
    if (bound === undefined) {
      if (find(extended, (each) => each.object === object && each.objectType === objectType) !== undefined)
        return false;
      extended = { name: placeholder.name, type: placeholder.type, object, objectType, next: extended };
    } else if (bound.object !== object || bound.objectType !== objectType) {
      return false;
    }
  }
  return extended;
}

function lookUp(bindings: Binding | undefined, { name, type }: Placeholder): Binding | undefined {
  return find(bindings, (each) => each.name === name && each.type === type);
}

/** The newest binding that is wanted. */
export function find(bindings: Binding | undefined, wanted: (binding: Binding) => boolean): Binding | undefined {
  for (let each = bindings; each !== undefined; each = each.next) if (wanted(each)) return each;
  return undefined;
}
