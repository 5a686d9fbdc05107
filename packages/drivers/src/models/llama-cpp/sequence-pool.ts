/** One attention cache of a context. */
export interface Sequence {
  /** Its number within the context. */
  readonly index: number;
  /** Whose prompt it holds; absent when nobody will come back for it. */
  owner?: string;
  /** The tokens it holds, in order. */
  ids: readonly number[];
}

/** A fixed number of attention caches, lent to the conversations that used them last. */
export class SequencePool {
  /** Least recently used first. */
  readonly #sequences: Sequence[];

  constructor(size: number) {
    this.#sequences = Array.from({ length: size }, (_, index) => ({ index, ids: [] }));
  }

  /** The owner's sequence; for a new owner one that nobody owns, else the one that was used longest ago. */
  lend(owner: string | undefined): Sequence {
    const own = owner === undefined ? -1 : this.#sequences.findIndex((sequence) => sequence.owner === owner);
    const free = own === -1 ? this.#sequences.findIndex((sequence) => sequence.owner === undefined) : own;
    const [sequence] = this.#sequences.splice(Math.max(free, 0), 1);
    if (sequence === undefined) throw new RangeError('A pool needs at least one sequence.');
    sequence.owner = owner;
    this.#sequences.push(sequence);
    return sequence;
  }

  /** Gives up the owner's claim. What the sequence holds stays usable for whoever gets it next. */
  release(owner: string): void {
    const index = this.#sequences.findIndex((sequence) => sequence.owner === owner);
    const [sequence] = index === -1 ? [] : this.#sequences.splice(index, 1);
    if (sequence === undefined) return;
    sequence.owner = undefined;
    this.#sequences.unshift(sequence);
  }
}
