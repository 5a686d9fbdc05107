/** Rows by group: how many a filter allows is known before anything is searched. */
export class RowGroups {
  readonly #numberOf = new Map<string, number>();
  /** Name by number; a number without rows is free. */
  readonly #names: string[] = [];
  readonly #free: number[] = [];
  readonly #rowsOf: number[][] = [];
  /** How many rows each has, side by side in memory. */
  readonly #sizes: number[] = [];
  /** By row. */
  #groupOf: number[] = [];
  /** By row: its place among the rows of its group. */
  #placeOf: number[] = [];
  /** By number, what a filter said of the groups that there are. */
  #answers = new WeakMap<(group: string) => boolean, Uint8Array>();

  /** What `saved` gave. */
  static of({ names, groupOf }: SavedGroups): RowGroups {
    const groups = new RowGroups();
    for (const name of names) {
      groups.#names.push(name);
      groups.#rowsOf.push([]);
    }
    for (let row = 0; row < groupOf.length; row += 1) {
      groups.#groupOf.push(groupOf[row]!);
      groups.#placeOf.push(groups.#rowsOf[groupOf[row]!]!.push(row) - 1);
    }
    for (const [number, { length }] of groups.#rowsOf.entries()) {
      groups.#sizes.push(length);
      if (length === 0) groups.#free.push(number);
      else groups.#numberOf.set(names[number]!, number);
    }
    return groups;
  }

  get count(): number {
    return this.#groupOf.length;
  }

  nameOf(row: number): string {
    return this.#names[this.#groupOf[row]!]!;
  }

  /** Adds the row after the last. */
  push(group: string): void {
    this.#groupOf.push(0);
    this.#placeOf.push(0);
    this.#enter(this.count - 1, group);
  }

  change(row: number, group: string): void {
    if (this.nameOf(row) === group) return;
    this.#leave(row);
    this.#enter(row, group);
  }

  /** Takes a row out; the last row takes its number. */
  remove(row: number): void {
    this.#leave(row);
    const last = this.count - 1;
    if (row !== last) {
      this.#groupOf[row] = this.#groupOf[last]!;
      this.#placeOf[row] = this.#placeOf[last]!;
      this.#rowsOf[this.#groupOf[row]]![this.#placeOf[row]] = row;
    }
    this.#groupOf.pop();
    this.#placeOf.pop();
  }

  /** Asks a filter once for each group, and not again until there are others. */
  allowed(filter: (group: string) => boolean): AllowedRows {
    const isAllowed = this.#answersOf(filter);
    const groups: number[] = [];
    let count = 0;
    for (let number = 0; number < isAllowed.length; number += 1) {
      if (isAllowed[number] === 0) continue;
      groups.push(number);
      count += this.#sizes[number]!;
    }
    return {
      count,
      has: (row) => isAllowed[this.#groupOf[row]!] === 1,
      // Many small groups are many places in memory: it is sooner done to look at every row's number.
      list: () =>
        groups.length > this.count / 64 ? this.#rowsAmong(isAllowed, count) : this.#rowsOfAll(groups, count),
    };
  }

  #answersOf(filter: (group: string) => boolean): Uint8Array {
    let isAllowed = this.#answers.get(filter);
    if (isAllowed === undefined) {
      isAllowed = Uint8Array.from(this.#names, (name, number) => (this.#sizes[number]! > 0 && filter(name) ? 1 : 0));
      this.#answers.set(filter, isAllowed);
    }
    return isAllowed;
  }

  #rowsAmong(isAllowed: Uint8Array, count: number): Uint32Array {
    const rows = new Uint32Array(count);
    const groupOf = this.#groupOf;
    let at = 0;
    for (let row = 0; at < count; row += 1) {
      if (isAllowed[groupOf[row]!] !== 1) continue;
      rows[at] = row;
      at += 1;
    }
    return rows;
  }

  #rowsOfAll(groups: readonly number[], count: number): Uint32Array {
    const rows = new Uint32Array(count);
    let at = 0;
    for (const group of groups) {
      const members = this.#rowsOf[group]!;
      for (let place = 0; place < members.length; place += 1) rows[at + place] = members[place]!;
      at += members.length;
    }
    return rows;
  }

  /** Names by number and each row's number, for saving. */
  saved(): SavedGroups {
    return { names: [...this.#names], groupOf: Uint32Array.from(this.#groupOf) };
  }

  #enter(row: number, group: string): void {
    let number = this.#numberOf.get(group);
    if (number === undefined) {
      number = this.#free.pop() ?? this.#names.length;
      this.#numberOf.set(group, number);
      this.#names[number] = group;
      this.#rowsOf[number] = [];
      this.#sizes[number] = 0;
      this.#answers = new WeakMap();
    }
    this.#sizes[number]! += 1;
    this.#groupOf[row] = number;
    this.#placeOf[row] = this.#rowsOf[number]!.push(row) - 1;
  }

  #leave(row: number): void {
    const number = this.#groupOf[row]!;
    const members = this.#rowsOf[number]!;
    const last = members.pop()!;
    if (last !== row) {
      members[this.#placeOf[row]!] = last;
      this.#placeOf[last] = this.#placeOf[row]!;
    }
    this.#sizes[number] = members.length;
    if (members.length > 0) return;
    this.#numberOf.delete(this.#names[number]!);
    this.#free.push(number);
    this.#answers = new WeakMap();
  }
}

/** Names by number, and each row's number. */
export interface SavedGroups {
  readonly names: readonly string[];
  readonly groupOf: Uint32Array<ArrayBuffer>;
}

/** The rows that a filter lets through. */
export interface AllowedRows {
  readonly count: number;
  has(row: number): boolean;
  /** Their numbers. */
  list(): Uint32Array;
}
