import { checkCount } from '../checks.ts';
import { binomialTail } from './binomial-tail.ts';
import { checkLevel } from './check-level.ts';

/**
 * The largest rate that so few events in independent trials still allow: "0 of 300 bounds the rate at 1 %".
 *
 * @param events - integer in [0, trials].
 * @param trials - integer in [0, 1e8]; with 0 the bound is 1.
 * @param level - one-sided coverage in (0, 1). Default 0.95.
 * @returns the rate in [0, 1] at which as few events or fewer have probability 1 − level.
 * @throws {RangeError} when the counts are not such integers or the level is not in (0, 1).
 *
 * Source: Clopper & Pearson 1934, one-sided.
 */
export function upperRateBound(events: number, trials: number, level = 0.95): number {
  checkCount('events', events);
  checkCount('trials', trials);
  checkLevel('level', level);
  if (events > trials)
    throw new RangeError(`There are ${events} events in ${trials} trials: give at most one a trial.`);
  if (events === trials) return 1;
  let low = events / trials;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return high;
    if (1 - binomialTail(events + 1, trials, middle) > 1 - level) low = middle;
    else high = middle;
  }
}
