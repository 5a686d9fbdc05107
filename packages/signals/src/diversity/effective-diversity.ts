import { checkSameLength } from '../checks.ts';

/** Name of a class of generations that mean the same, such as a hash of a program's outputs; `null` when it is not known. */
export type SemanticKey = string | number | null;

/** Diversity of the generations for one prompt. A value is `undefined` where there is nothing to compare. */
export interface EffectiveDiversity {
  readonly count: number;
  readonly validCount: number;
  /** Div_fixed: distinct valid meanings / generations, in [0, 1]. */
  readonly fixed: number | undefined;
  /** Div_pair, effective: share of all pairs that are both valid and differ, in [0, 1]. */
  readonly effectivePairs: number | undefined;
  /** Share of the pairs of valid generations that differ: whether what is good is diverse, blind to how much is good. */
  readonly validPairs: number | undefined;
  /** Share of all pairs of known meaning that differ, valid or not: noise counts as diversity. */
  readonly rawPairs: number | undefined;
}

/**
 * How many different things a policy can say well: semantic diversity that only valid generations add to.
 *
 * @param keys - one per generation.
 * @param valid - one per generation: 1 when it is good enough to count (it runs, it passes the rubric), 0 otherwise. A generation whose meaning is not
 *   known counts as not valid.
 * @throws {RangeError} when lengths differ or a validity is not 0 or 1.
 *
 * Source: Shypula et al. 2025, arXiv:2504.12522. `fixed` and `validPairs` as in the official code; `effectivePairs` after the abstract (invalid pairs
 * count 0), whose exact formula we could not read, so both are given.
 */
export function effectiveDiversity(keys: readonly SemanticKey[], valid: ArrayLike<number>): EffectiveDiversity {
  checkSameLength('keys', keys, 'valid', valid);
  const all = new Map<string | number, number>();
  const good = new Map<string | number, number>();
  for (const [index, key] of keys.entries()) {
    if (valid[index] !== 0 && valid[index] !== 1) {
      throw new RangeError(`valid[${index}] is ${valid[index]}: give 1 for a valid generation, 0 for any other.`);
    }
    if (key === null) continue;
    all.set(key, (all.get(key) ?? 0) + 1);
    if (valid[index] === 1) good.set(key, (good.get(key) ?? 0) + 1);
  }
  const [known, distinctKnown] = pairs(all);
  const [validCount, distinctValid] = pairs(good);
  const count = keys.length;
  return {
    count,
    validCount,
    fixed: count === 0 ? undefined : good.size / count,
    effectivePairs: share(distinctValid, count),
    validPairs: share(distinctValid, validCount),
    rawPairs: share(distinctKnown, known),
  };
}

/** How many generations, and how many pairs of them of different classes. */
function pairs(classes: ReadonlyMap<unknown, number>): [count: number, distinct: number] {
  let count = 0;
  let distinct = 0;
  for (const size of classes.values()) {
    distinct += count * size;
    count += size;
  }
  return [count, distinct];
}

function share(distinct: number, count: number): number | undefined {
  return count < 2 ? undefined : distinct / ((count * (count - 1)) / 2);
}
