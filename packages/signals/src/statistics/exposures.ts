import { checkSameLength } from '../checks.ts';

/** A log of exposures of one entry, one row each, in the order in which they were assigned. */
export interface Exposures {
  /** 1 when the entry was shown, 0 when it was withheld. */
  readonly shown: ArrayLike<number>;
  /**
   * Probability with which it was to be shown, in [1e-6, 1 − 1e-6]: fixed before the draw. It may depend on everything known by then,
   * outcomes of earlier exposures included.
   */
  readonly propensity: ArrayLike<number>;
  /** In [0, 1]; `null` while it is not known, or if it never will be. */
  readonly outcome: ArrayLike<number | null>;
  /** When the row was assigned, in any unit, never falling. Default: its index. */
  readonly assignedAt?: ArrayLike<number>;
  /**
   * When its outcome became known, in the same unit, not before `assignedAt`; not read where the outcome is `null`. Give it whenever
   * outcomes can be late. Default: at once.
   */
  readonly knownAt?: ArrayLike<number | null>;
  /** Outcome that was predicted, before the draw, if the entry is shown, in [0, 1]. Default: the mean of what was known by then. */
  readonly predictedShown?: ArrayLike<number>;
  /** The same if it is withheld. */
  readonly predictedWithheld?: ArrayLike<number>;
}

/** @throws {RangeError} when columns differ in length or a value is outside its range. */
export function checkExposures(exposures: Exposures): void {
  const { shown, outcome, assignedAt, knownAt } = exposures;
  for (const name of names) {
    const column = exposures[name];
    if (column !== undefined) checkSameLength('shown', shown, name, column);
  }
  for (let row = 0; row < shown.length; row += 1) {
    if (shown[row] !== 0 && shown[row] !== 1) refuse('shown', row, shown[row], '1 (shown) or 0 (withheld)');
    checkCell(exposures, 'propensity', row, 1e-6, 1 - 1e-6);
    checkCell(exposures, 'predictedShown', row, 0, 1);
    checkCell(exposures, 'predictedWithheld', row, 0, 1);
    checkCell(exposures, 'assignedAt', row, row === 0 ? -Number.MAX_VALUE : (assignedAt?.[row - 1] ?? 0));
    if (outcome[row] === null) continue;
    checkCell(exposures, 'outcome', row, 0, 1);
    if (knownAt !== undefined) checkCell(exposures, 'knownAt', row, assignedAt?.[row] ?? row);
  }
}

const names = ['propensity', 'outcome', 'assignedAt', 'knownAt', 'predictedShown', 'predictedWithheld'] as const;

function checkCell(
  exposures: Exposures,
  name: (typeof names)[number],
  row: number,
  least: number,
  most = Number.MAX_VALUE,
): void {
  const column = exposures[name];
  if (column === undefined) return;
  const value = column[row] ?? Number.NaN;
  if (!(value >= least && value <= most)) refuse(name, row, column[row], `a number in [${least}, ${most}]`);
}

function refuse(name: string, row: number, value: unknown, wanted: string): never {
  throw new RangeError(`${name}[${row}] is ${String(value)}: give ${wanted}.`);
}
