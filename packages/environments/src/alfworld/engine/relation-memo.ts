import type { Relation } from './relation.ts';
import type { State } from './world.ts';

/**
 * Results remembered by the relations they were computed from. Relations are compared by identity: equal ones that grew apart count as
 * different, which costs time and never correctness.
 */
export class RelationMemo<Result> {
  readonly #slots: readonly number[];
  readonly #capacity: number;
  #root: Level = new Map();
  #size = 0;

  /**
   * @param slots - where in a state the relations are.
   * @param capacity - how many results are kept; one more, and all are forgotten.
   */
  constructor(slots: readonly number[], capacity: number) {
    this.#slots = slots.length === 0 ? [-1] : slots;
    this.#capacity = capacity;
  }

  get(state: State, compute: (state: State) => Result): Result {
    const slots = this.#slots;
    const last = slots.length - 1;
    let level = this.#root;
    for (let at = 0; at < last; at += 1) {
      const serial = serialOf(state, slots[at] as number);
      let next = level.get(serial) as Level | undefined;
      if (next === undefined) level.set(serial, (next = new Map()));
      level = next;
    }
    const serial = serialOf(state, slots[last] as number);
    const known = level.get(serial) as Result | undefined;
    if (known !== undefined) return known;
    const result = compute(state);
    if (this.#size >= this.#capacity) {
      this.#root = new Map();
      this.#size = 0;
      return result;
    }
    this.#size += 1;
    level.set(serial, result);
    return result;
  }
}

/** All but the last level map to further levels, the last to results. */
type Level = Map<number, unknown>;

function serialOf(state: State, slot: number): number {
  return slot < 0 ? 0 : (state[slot] as Relation).serial;
}
