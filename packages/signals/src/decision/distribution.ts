import { checkProbability } from '../checks.ts';

/**
 * Probabilities of states that exclude each other and are all there are, divided by their sum so that it is 1 to the last digit.
 *
 * @throws {RangeError} when one is outside [0, 1], there are none, or the sum is more than 1e-6 from 1.
 */
export function readDistribution(name: string, probabilities: ArrayLike<number>): Float64Array {
  let sum = 0;
  for (let index = 0; index < probabilities.length; index += 1) {
    checkProbability(`${name}[${index}]`, probabilities[index]!);
    sum += probabilities[index]!;
  }
  if (!(Math.abs(sum - 1) <= 1e-6)) {
    throw new RangeError(`${name} sums to ${sum}: give the probability of every state, 1 in all.`);
  }
  return Float64Array.from(probabilities, (probability) => probability / sum);
}
