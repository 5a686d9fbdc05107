import { readDistribution } from './distribution.ts';
import { checkUtilityTable, type UtilityTable } from './utility-table.ts';

export interface Decision<Action extends string = string> {
  readonly action: Action;
  /** One for each action of the table, in its order. */
  readonly expectedUtilities: readonly number[];
  readonly utilityTableId: string;
}

/**
 * The action of the greatest expected utility: argmax over a of Σ_y U[a][y] · q_y.
 *
 * @param table - any number of actions and states.
 * @param probabilities - calibrated probability of each state, in the order of the table's columns; 1 in all. With the two states right and
 *   wrong: `[q, 1 − q]`.
 * @returns of equal actions the one declared first. Equal: within 1e-12 of the table's largest utility, so that rounding breaks no tie.
 * @throws {RangeError} for a table or probabilities that do not fit together (`checkUtilityTable`, sums other than 1).
 *
 * Source: Bayes decision rule; after calibration, as Autor et al. 2025, arXiv:2511.07699 ("Ex Post Weighting").
 */
export function decide<Action extends string>(
  table: UtilityTable<Action>,
  probabilities: ArrayLike<number>,
): Decision<Action> {
  checkUtilityTable(table);
  const { id, actions, utilities } = table;
  const states = utilities[0]!.length;
  if (probabilities.length !== states) {
    throw new RangeError(
      `There are ${probabilities.length} probabilities for the ${states} states of the utility table '${id}'.`,
    );
  }
  const distribution = readDistribution('probabilities', probabilities);
  const largest = utilities.flat().reduce((size, utility) => Math.max(size, Math.abs(utility)), 0);
  const expectedUtilities = utilities.map((row) => expectation(row, distribution, largest));
  const best = expectedUtilities.reduce(
    (lead, utility, index) => (utility > expectedUtilities[lead]! + 1e-12 * largest ? index : lead),
    0,
  );
  return { action: actions[best]!, expectedUtilities, utilityTableId: id };
}

/** A mean of the row, computed on the scale of the largest utility and held within the row's range, so that nothing overflows. */
function expectation(row: readonly number[], distribution: Float64Array, largest: number): number {
  if (largest === 0) return 0;
  const scaled = row.reduce((sum, utility, state) => sum + (utility / largest) * distribution[state]!, 0);
  return Math.min(Math.max(...row), Math.max(Math.min(...row), scaled * largest));
}
