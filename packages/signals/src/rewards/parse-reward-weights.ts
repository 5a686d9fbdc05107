export interface RewardWeights {
  /** λ, what a right answer is worth; above 0. */
  readonly correctness: number;
  /** b, the weight of the Brier score; in [0, correctness]. 0 is the binary reward. */
  readonly brier: number;
  /** What the summed reward is divided by within a group: nothing, or the deviation of its group or its batch. */
  readonly normalisation: 'none' | 'group' | 'batch';
}

/** As in the official code of RLCR: equal weights, no deviation. */
const usual: RewardWeights = { correctness: 1, brier: 1, normalisation: 'none' };

/**
 * Reads the weights of `brierReward` from a configuration, and refuses those under which lying pays.
 *
 * @param value - an object with any of the keys of `RewardWeights`. Default of each: 1, 1, `none`.
 * @throws {RangeError} for
 *   - a Brier weight above the correctness weight: answers that are right with probability p < 1 − correctness / brier then earn less than a
 *     wrong one with confidence 0, and the policy learns to give those (`honestFrom`);
 *   - normalising each component by its own deviation (GDPO, `normalize_then_sum`, `per-component`): in a group where Brier scores
 *     differ less than outcomes that is the same as a larger Brier weight, 4.3 times in the worked example of the tests;
 *   - unknown keys, weights that are not finite numbers ≥ 0, a correctness weight of 0.
 *
 * Source: the condition sup [S(p, 0) − S(p, 1)] ≤ λ of theorem 1 of Damani et al. 2025, arXiv:2507.16806; GDPO: arXiv:2601.05242.
 */
export function parseRewardWeights(value: unknown): RewardWeights {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError(
      'The reward weights are not an object: give { correctness, brier, normalisation }, or {} for the usual ones.',
    );
  }
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(usual, key));
  if (unknown !== undefined) {
    throw new RangeError(
      `The reward weights hold an unknown key '${unknown}': use ${Object.keys(usual).join(', ')}. What an action costs belongs into the utility table of the decision, never into the reward.`,
    );
  }
  const record = value as Readonly<Record<string, unknown>>;
  const correctness = weightAt(record, 'correctness');
  const brier = weightAt(record, 'brier');
  const normalisation = normalisationOf(record['normalisation']);
  if (correctness === 0) {
    throw new RangeError(
      'The correctness weight is 0, so that no answer would be better than another: give a weight above 0.',
    );
  }
  if (brier > correctness) {
    throw new RangeError(
      `The Brier weight ${brier} is above the correctness weight ${correctness}: answers that are right with probability below ${(1 - correctness / brier).toFixed(3)} would earn less than a wrong one with confidence 0. Lower it to ${correctness} or less.`,
    );
  }
  return { correctness, brier, normalisation };
}

function weightAt(record: Readonly<Record<string, unknown>>, key: 'correctness' | 'brier'): number {
  const weight = record[key] === undefined ? usual[key] : record[key];
  if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) {
    throw new RangeError(`The weight '${key}' is ${shown(weight)}: give a finite number ≥ 0.`);
  }
  return weight;
}

const perComponent = ['per-component', 'gdpo', 'normalize_then_sum', 'normalise-then-sum'];

function normalisationOf(value: unknown): RewardWeights['normalisation'] {
  if (value === undefined) return usual.normalisation;
  if (value === 'none' || value === 'group' || value === 'batch') return value;
  if (typeof value === 'string' && perComponent.includes(value.toLowerCase())) {
    throw new RangeError(
      `The normalisation '${value}' divides each component by its own deviation, which changes the Brier weight from group to group and breaks the guarantee that the likelier answer earns more: use none, group or batch, which act on the sum.`,
    );
  }
  throw new RangeError(`The normalisation is ${shown(value)}: use none, group or batch.`);
}

function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : `'${String(value)}'`;
}
