import { checkCount, checkProbability } from '../checks.ts';

/**
 * Probability that a group holds both a success and a failure, without which its advantages are all 0: 1 − p^G − (1 − p)^G.
 *
 * @param passRate - p in [0, 1].
 * @param groupSize - G, whole, at least 1.
 * @returns in [0, 1 − 2^{1 − G}].
 * @throws {RangeError} when a number is outside its range.
 *
 * Source: DAPO's condition 0 < k < G, Yu et al. 2025, arXiv:2503.14476, §3.2, for independent rollouts.
 */
export function signalProbability(passRate: number, groupSize: number): number {
  checkProbability('passRate', passRate);
  checkCount('groupSize', groupSize, 1);
  if (passRate === 0 || passRate === 1) return 0;
  // By the smaller of p and 1 − p, so that rates near 0 and 1 keep their digits.
  const rarer = Math.min(passRate, 1 - passRate);
  return Math.max(0, -Math.expm1(groupSize * Math.log1p(-rarer)) - rarer ** groupSize);
}
