import { smallestProbability } from '../calibration/logit.ts';
import { checkProbability } from '../checks.ts';

/** Score of a stated probability once the outcome, 0 or 1, is known; greater is better. Proper when the true probability scores best on average. */
export type ScoringRule = (probability: number, outcome: number) => number;

/** The Brier score as a reward, S(q, y) = −b·(q − y)², in [−b, 0]. */
export function brierRule(weight = 1): ScoringRule {
  return (probability, outcome) => 0 - weight * (probability - outcome) ** 2;
}

/** The logarithmic score, S(q, y) = ln of the probability given to what happened, in [−13.8, 0]: probabilities below 1e-6 count as 1e-6. */
export const logRule: ScoringRule = (probability, outcome) =>
  Math.log(Math.max(smallestProbability, outcome === 1 ? probability : 1 - probability));

/**
 * What an answer that is right with probability p earns on average when its confidence is p: V(p) = λp + p·S(p, 1) + (1 − p)·S(p, 0).
 *
 * @param probability - p in [0, 1].
 * @param correctness - λ, what a right answer is worth. Default 1.
 * @throws {RangeError} when `probability` is outside [0, 1].
 *
 * Source: Damani et al. 2025, arXiv:2507.16806, theorem 1, whose second claim is that V rises: the likelier answer earns more.
 */
export function calibratedValue(rule: ScoringRule, probability: number, correctness = 1): number {
  checkProbability('probability', probability);
  return probability * (correctness + rule(probability, 1)) + (1 - probability) * rule(probability, 0);
}

/**
 * The smallest p from which a likelier answer earns more: 0 when the theorem holds, that is when sup_p [S(p, 0) − S(p, 1)] ≤ λ. Below it the policy
 * is paid for being surely wrong.
 *
 * @param rule - proper, so that the gap S(p, 0) − S(p, 1) falls in p and its supremum stands at p = 0.
 * @param correctness - λ. Default 1.
 * @returns in [0, 1]. Brier with weight b: max(0, (b − λ) / 2b). Logarithmic: 1 / (1 + e^λ), cut short below 1e-6.
 *
 * Source: V′(p) = λ + S(p, 1) − S(p, 0) by the envelope theorem; derived from theorem 1 there.
 */
export function risingFrom(rule: ScoringRule, correctness = 1): number {
  const falls = (probability: number): boolean => rule(probability, 0) - rule(probability, 1) > correctness;
  return firstNot(falls);
}

/**
 * The smallest p > 0 from which an answer earns at least as much as one that is known to be wrong, stated with confidence 0. Below it, a policy does
 * better by answering nonsense. 0 when the theorem holds.
 *
 * @param rule - proper, as for `risingFrom`.
 * @returns in [0, 1]. Brier with weight b: max(0, 1 − λ / b), twice as far as V falls.
 */
export function honestFrom(rule: ScoringRule, correctness = 1): number {
  const lowest = risingFrom(rule, correctness);
  if (lowest === 0) return 0;
  const surelyWrong = calibratedValue(rule, 0, correctness);
  return firstNot(
    (probability) => probability < lowest || calibratedValue(rule, probability, correctness) < surelyWrong,
  );
}

/** Where a claim that holds up to some probability stops to hold, to 1e-15; 0 when it never holds. */
function firstNot(holds: (probability: number) => boolean): number {
  if (!holds(0)) return 0;
  let low = 0;
  let high = 1;
  for (let halving = 0; halving < 50; halving += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return high;
}
