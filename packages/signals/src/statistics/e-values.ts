import { checkFinite, checkProbability } from '../checks.ts';

/**
 * Mean of e-values of one null hypothesis: again an e-value, however they depend on each other.
 *
 * @param eValues - each ≥ 0; at least one.
 * @throws {RangeError} when there is none, or one is negative or not finite.
 *
 * Source: Vovk & Wang 2021, arXiv:1912.06116, §3.
 */
export function averageEValues(eValues: readonly number[]): number {
  checkEValues(eValues);
  if (eValues.length === 0) throw new RangeError('There is no e-value to average: give at least one.');
  return eValues.reduce((sum, eValue) => sum + eValue / eValues.length, 0);
}

/**
 * Product of e-values of one null hypothesis, each from data of its own (independent, or one after the other): again an e-value.
 *
 * @param eValues - each ≥ 0; 1 when empty.
 * @returns at most 1e300.
 * @throws {RangeError} when one is negative or not finite.
 *
 * Source: Vovk & Wang 2021, arXiv:1912.06116, §4. Not for e-values that share data, such as a common control: take their average.
 */
export function multiplyEValues(eValues: readonly number[]): number {
  checkEValues(eValues);
  if (eValues.includes(0)) return 0;
  const log = eValues.reduce((sum, eValue) => sum + Math.log(eValue), 0);
  return Math.min(1e300, Math.exp(log));
}

/**
 * The p-value that an e-value stands for: it stays valid under optional stopping.
 *
 * @param eValue - ≥ 0.
 * @returns min(1, 1 / eValue).
 * @throws {RangeError} when it is negative or not finite.
 *
 * Source: Markov's inequality; Vovk & Wang 2021, arXiv:1912.06116, §2.
 */
export function pValueOfEValue(eValue: number): number {
  checkEValues([eValue]);
  return Math.min(1, 1 / eValue);
}

/**
 * The e-value that a p-value stands for.
 *
 * @param pValue - in [0, 1].
 * @returns 1 / (2 √p), at most 1e300.
 * @throws {RangeError} outside [0, 1].
 *
 * Source: the calibrator κ p^(κ − 1) with κ = 1/2, Shafer et al. 2011; Vovk & Wang 2021, arXiv:1912.06116, §2.
 */
export function eValueOfPValue(pValue: number): number {
  checkProbability('pValue', pValue);
  return Math.min(1e300, 0.5 / Math.sqrt(pValue));
}

/** @throws {RangeError} when an e-value is negative or not finite. */
export function checkEValues(eValues: readonly number[]): void {
  checkFinite('eValues', eValues);
  const negative = eValues.findIndex((eValue) => eValue < 0);
  if (negative >= 0) throw new RangeError(`eValues[${negative}] is ${eValues[negative]}: an e-value is at least 0.`);
}
