import { checkFinite } from '../checks.ts';

/**
 * What each action is worth in each state of the world. Lives in the decision only: rewards and losses never see it, so that changing it changes
 * no training record.
 */
export interface UtilityTable<Action extends string = string> {
  /** Goes on every decision. Default when made by a helper: `commitment …` or `injection …` with a hash of the numbers. */
  readonly id: string;
  /** In the order in which ties are broken: declare the safest first. */
  readonly actions: readonly Action[];
  /** One row for each action, one column for each state; finite, in any one unit. */
  readonly utilities: readonly (readonly number[])[];
}

/**
 * Refuses a table that cannot be decided with.
 *
 * @throws {RangeError} when there is no action or no state, an action stands twice, rows differ in length, or a utility is not finite.
 */
export function checkUtilityTable({ id, actions, utilities }: UtilityTable): void {
  const states = utilities[0]?.length ?? 0;
  if (actions.length === 0 || states === 0) {
    throw new RangeError(`The utility table '${id}' is empty: give at least one action and one state.`);
  }
  if (new Set(actions).size !== actions.length) {
    throw new RangeError(
      `The utility table '${id}' names an action twice (${actions.join(', ')}): give each a name of its own.`,
    );
  }
  if (actions.length !== utilities.length) {
    throw new RangeError(
      `The utility table '${id}' has ${actions.length} actions and ${utilities.length} rows: give one row an action.`,
    );
  }
  utilities.forEach((row, index) => {
    if (row.length !== states) {
      throw new RangeError(
        `The utility table '${id}' has ${row.length} states for '${actions[index]}' and ${states} for '${actions[0]}': give each action one utility a state.`,
      );
    }
    checkFinite(`utilities of '${actions[index]}'`, row);
  });
}
