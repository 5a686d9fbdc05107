import { checkCount } from '../checks.ts';
import type { ReferenceMatrix } from './reference-matrix.ts';
import { tokenDispersion } from './token-dispersion.ts';

/** How much one query can teach by comparing reasonings; small enough to keep for every query of a data set. */
export interface QueryDispersion {
  /** The largest σ of a token, in nats; `undefined` when nothing can be compared, for the reason given. */
  readonly largest: number | undefined;
  readonly reason?: 'empty-reference' | 'too-few-rollouts' | 'no-variation';
}

/**
 * The statistic by which `dispersionFilter` ranks queries: max_j σ_j.
 *
 * @param options.leastRollouts - fewer give no deviation to speak of; at least 2. Default 4.
 * @param options.least - a largest σ below it is rounding, in nats. Default 1e-3, as in `dispersionWeights`.
 * @throws {RangeError} when an option is outside its range.
 *
 * Source: DRO, Xu et al. 2025, arXiv:2506.13351v1, second data filter. The least number of rollouts is ours.
 */
export function queryDispersion(
  matrix: ReferenceMatrix,
  options: { readonly leastRollouts?: number; readonly least?: number } = {},
): QueryDispersion {
  const { leastRollouts = 4, least = 1e-3 } = options;
  checkCount('leastRollouts', leastRollouts, 2);
  if (!(least > 0)) throw new RangeError(`least is ${least}: give a deviation above 0.`);
  if (matrix.rollouts.length < leastRollouts) return { largest: undefined, reason: 'too-few-rollouts' };
  if (matrix.tokens === 0) return { largest: undefined, reason: 'empty-reference' };
  const largest = tokenDispersion(matrix).reduce((most, sigma) => Math.max(most, sigma), 0);
  return largest < least ? { largest: undefined, reason: 'no-variation' } : { largest };
}
