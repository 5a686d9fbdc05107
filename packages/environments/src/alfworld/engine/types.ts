/** The type hierarchy of a domain, with what the reference's text engine makes of it. */
export class Types {
  readonly #supertypes: ReadonlyMap<string, string>;
  readonly #tuples = new WeakMap<readonly { readonly type: string }[], readonly (readonly string[])[]>();

  /** @param supertypes - direct supertype of each declared type; `object` is the root and its own supertype. */
  constructor(supertypes: ReadonlyMap<string, string>) {
    this.#supertypes = supertypes;
  }

  /** Whether something declared as `type` is also of type `wanted`. An undeclared wanted type has no members, even of its own name. */
  isA(type: string, wanted: string): boolean {
    if (!this.#supertypes.has(wanted)) return false;
    return type === wanted || this.#ancestors(type).includes(wanted);
  }

  /** `tuples` of the things' types, remembered by the list of things. */
  tuplesOf(things: readonly { readonly type: string }[]): readonly (readonly string[])[] {
    const known = this.#tuples.get(things);
    if (known !== undefined) return known;
    const found = this.tuples(things.map(({ type }) => type));
    this.#tuples.set(things, found);
    return found;
  }

  /**
   * The tuples of declared types that a query over `types` looks through, in the reference's order: the tuple itself, then breadth first
   * with one place at a time replaced by a subtype. All subtypes count as direct, so in deep hierarchies a tuple can come up twice.
   *
   * Source: textworld/logic/__init__.py, TypeHierarchy.multi_subtypes.
   */
  tuples(types: readonly string[]): readonly (readonly string[])[] {
    const expand = (tuple: readonly string[]) =>
      tuple.flatMap((type, place) => this.#children(type).map((child) => tuple.with(place, child)));
    const found = [types];
    const queue = expand(types);
    const seen = new Set<string>();
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      found.push(item);
      for (const next of expand(item)) {
        const key = next.join(' ');
        if (seen.has(key)) continue;
        seen.add(key);
        queue.push(next);
      }
    }
    return found;
  }

  #ancestors(type: string): string[] {
    const ancestors: string[] = [];
    for (
      let up = this.#supertypes.get(type);
      up !== undefined && !ancestors.includes(up);
      up = this.#supertypes.get(up)
    ) {
      ancestors.push(up);
    }
    return ancestors;
  }

  #children(type: string): string[] {
    return [...this.#supertypes.keys()].filter((each) => each !== type && this.#ancestors(each).includes(type)).sort();
  }
}
