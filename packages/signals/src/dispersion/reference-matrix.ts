export interface ReferenceMatrixOptions {
  /** Log-probabilities below it, −Infinity included, count as it; in [−1000, 0). Default −20. */
  readonly floor?: number;
}

/** How likely the reference's tokens are after each rollout's reasoning: the one statistic from which weights, rewards and filters come. */
export interface ReferenceMatrix {
  /** Rollouts that were given, dropped ones included. */
  readonly given: number;
  /** Indices, among the given, of the rollouts in the matrix: its rows in their order. */
  readonly rollouts: readonly number[];
  /** Tokens of the reference: the matrix's columns. */
  readonly tokens: number;
  /** Row-major, `rollouts.length × tokens`, in [floor, 0]. */
  readonly values: Float64Array;
  readonly dropped: readonly { readonly rollout: number; readonly reason: 'excluded' | 'not-a-number' }[];
}

/**
 * Reads the log-probabilities of one reference under the reasonings of a group.
 *
 * @param rows - one per rollout: log π(y_j | x, c_i, y_<j) for each token of the reference, tokenised once and appended by its ids, so that all rows are
 *   equally long. `null` for a rollout that is to be left out, such as one whose reasoning never closed. A row with a NaN is left out too.
 * @throws {RangeError} when rows differ in length, or a value is above 0 (by more than rounding, 1e-3).
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1. The floor and what is dropped are ours.
 */
export function referenceMatrix(
  rows: readonly (ArrayLike<number> | null)[],
  options: ReferenceMatrixOptions = {},
): ReferenceMatrix {
  const { floor = -20 } = options;
  if (!(floor >= -1_000 && floor < 0)) throw new RangeError(`floor is ${floor}: give a log-probability in [−1000, 0).`);
  const tokens = rows.find((row) => row !== null)?.length ?? 0;
  const rollouts: number[] = [];
  const dropped: ReferenceMatrix['dropped'][number][] = [];
  for (const [rollout, row] of rows.entries()) {
    if (row === null) dropped.push({ rollout, reason: 'excluded' });
    else if (isReadable(row, rollout, tokens)) rollouts.push(rollout);
    else dropped.push({ rollout, reason: 'not-a-number' });
  }
  const values = new Float64Array(rollouts.length * tokens);
  for (const [place, rollout] of rollouts.entries()) {
    const row = rows[rollout]!;
    for (let token = 0; token < tokens; token += 1) {
      values[place * tokens + token] = Math.min(0, Math.max(floor, row[token]!));
    }
  }
  return { given: rows.length, rollouts, tokens, values, dropped };
}

/** False when it holds a NaN. */
function isReadable(row: ArrayLike<number>, rollout: number, tokens: number): boolean {
  if (row.length !== tokens) {
    throw new RangeError(
      `rows[${rollout}] has ${row.length} log-probabilities, an earlier one ${tokens}: tokenise the reference once and append its ids to each reasoning.`,
    );
  }
  let isReadable = true;
  for (let token = 0; token < tokens; token += 1) {
    const value = row[token];
    if (typeof value !== 'number' || value > 1e-3) {
      throw new RangeError(`rows[${rollout}][${token}] is ${value}: give a log-probability, which is at most 0.`);
    }
    if (Number.isNaN(value)) isReadable = false;
  }
  return isReadable;
}
