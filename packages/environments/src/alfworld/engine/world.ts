import type { Relation } from './relation.ts';
import type { Types } from './types.ts';

/** A state of a game: one relation a slot. Immutable, so that keeping one is a snapshot. */
export type State = readonly Relation[];

/** The things of one game, numbered in the order of their ids, and where each predicate's facts are in a state. */
export interface World {
  readonly types: Types;
  readonly ids: readonly string[];
  /** Declared type of each object. */
  readonly typeOf: readonly string[];
  readonly numberOf: ReadonlyMap<string, number>;
  /** What players see of each object. */
  readonly names: readonly string[];
  readonly slots: Slots;
  /** The objects of a type, subtypes included. */
  readonly extension: (type: string) => Extension;
}

export interface Extension {
  /** Ascending. */
  readonly objects: readonly number[];
  /** 1 at each object of the type; undefined when every object is. */
  readonly mask: Uint8Array | undefined;
}

/** Where facts are in a state. A predicate without a slot is written by actions but read by nobody, or never mentioned at all. */
export interface Slots {
  readonly arities: readonly number[];
  /** What is true. */
  readonly real: ReadonlyMap<string, number>;
  /** What the text tells: differs from what is true where conditional effects touched it. */
  readonly told: ReadonlyMap<string, number>;
  /** Explicit negatives `not_p`: atoms that an action has deleted and none has added since. */
  readonly denied: ReadonlyMap<string, number>;
}
