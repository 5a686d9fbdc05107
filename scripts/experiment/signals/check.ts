import { studentQuantile } from '@skillrl/signals';

import { mean } from './random.ts';
import type { Check } from './study.ts';

/**
 * One claim, measured once a seed, with a 95 % interval of the mean.
 *
 * @param holds - decides from the values and the interval; what it asks is said in `asked`.
 */
export function check(
  claim: string,
  values: readonly number[],
  asked: string,
  holds: (values: readonly number[], interval: Check['interval'], mean: number) => boolean,
): Check {
  const centre = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
  const half = studentQuantile(0.975, values.length - 1) * Math.sqrt(variance / values.length);
  const interval = { low: centre - half, high: centre + half };
  return {
    claim,
    values,
    mean: centre,
    interval,
    asked,
    verdict: holds(values, interval, centre) ? 'holds' : 'falls short',
  };
}
