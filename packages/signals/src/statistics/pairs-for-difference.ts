import { checkProbability } from '../checks.ts';
import { checkLevel } from './check-level.ts';
import { normalQuantile } from './normal.ts';
import type { PowerOptions } from './units-for-mean.ts';

export interface PairedPowerOptions extends PowerOptions {
  /** Share of pairs whose two outcomes differ, in [|effect|, 1]. Default 0.22, measured on two plays of one game. */
  readonly discordance?: number;
}

/**
 * Independent pairs of binary outcomes that show a difference of success shares.
 *
 * @param effect - difference, not 0, within ± discordance: 0.05 is 5 points.
 * @throws {RangeError} outside these ranges.
 *
 * Source: Connor 1987 (Biometrics 43:207), for McNemar's test. Nested pairs need `designEffect` times as many.
 */
export function pairsForDifference(effect: number, options: PairedPowerOptions = {}): number {
  const { error = 0.05, power = 0.8, discordance = 0.22 } = options;
  checkEffect(effect, discordance);
  checkLevel('error', error);
  checkLevel('power', power);
  const spread =
    normalQuantile(1 - error / 2) * Math.sqrt(discordance) +
    normalQuantile(power) * Math.sqrt(discordance - effect * effect);
  return Math.max(1, Math.ceil((Math.max(0, spread) / effect) ** 2));
}

/**
 * The smallest difference of success shares that so many independent pairs show: what an unresolved comparison could have seen.
 *
 * @param pairs - ≥ 1; may be fractional (pairs over the design effect).
 * @returns in [0, discordance]; `undefined` when not even the largest difference would be seen.
 * @throws {RangeError} outside these ranges.
 *
 * Source: `pairsForDifference`, inverted.
 */
export function smallestVisibleDifference(pairs: number, options: PairedPowerOptions = {}): number | undefined {
  const { error = 0.05, power = 0.8, discordance = 0.22 } = options;
  if (!(pairs >= 1 && pairs <= 1e15)) throw new RangeError(`pairs is ${pairs}: give a number in [1, 1e15].`);
  checkEffect(discordance, discordance);
  checkLevel('error', error);
  checkLevel('power', power);
  const sure = normalQuantile(1 - error / 2) * Math.sqrt(discordance);
  const extra = normalQuantile(power);
  // √pairs · effect = sure + extra · √(discordance − effect²), squared and solved for the effect.
  const a = pairs + extra * extra;
  const half = Math.sqrt(pairs) * sure;
  const root = half * half - a * (sure * sure - extra * extra * discordance);
  const effect = (half + Math.sign(extra) * Math.sqrt(Math.max(0, root))) / a;
  return effect <= discordance ? Math.max(0, effect) : undefined;
}

/**
 * How many times more plays nested ones need than independent ones, to say as much.
 *
 * @param clusterSize - plays a cluster, ≥ 1.
 * @param correlation - of two plays of one cluster, in [0, 1].
 * @returns 1 + (clusterSize − 1) · correlation.
 * @throws {RangeError} outside these ranges.
 *
 * Source: Kish 1965.
 */
export function designEffect(clusterSize: number, correlation: number): number {
  if (!(clusterSize >= 1 && clusterSize <= 1e15))
    throw new RangeError(`clusterSize is ${clusterSize}: give one of at least 1.`);
  checkProbability('correlation', correlation);
  return 1 + (clusterSize - 1) * correlation;
}

/**
 * Pairs that a gambler who knew the effect would need, on average over their logarithm, until an e-value: the least any sequential test can
 * hope for. `pairedSequentialTest`, which has to learn the effect, takes 1.2 times (+5 points) to 1.6 times (+19 points) as many.
 *
 * @param effect - in (0, discordance].
 * @param options.eValue - > 1. Default 20, that is 1 / 0.05.
 * @throws {RangeError} outside these ranges.
 *
 * Source: log(eValue) over the growth of Kelly's bet, the mean of log(1 + stake · difference) at stake = effect / discordance; Kelly 1956,
 * growth as power: Shafer 2021, Grünwald et al. 2024, arXiv:1906.07801.
 */
export function pairsUntilEvidence(
  effect: number,
  options: { readonly discordance?: number; readonly eValue?: number } = {},
): number {
  const { discordance = 0.22, eValue = 20 } = options;
  checkEffect(effect, discordance);
  if (!(effect > 0)) throw new RangeError(`effect is ${effect}: give a positive one; for a harm give its size.`);
  if (!(eValue > 1 && eValue <= 1e300)) throw new RangeError(`eValue is ${eValue}: give a number above 1.`);
  const stake = effect / discordance;
  const won = (discordance + effect) / 2;
  const lost = (discordance - effect) / 2;
  const growth = won * Math.log1p(stake) + (lost > 0 ? lost * Math.log1p(-stake) : 0);
  return Math.ceil(Math.log(eValue) / growth);
}

function checkEffect(effect: number, discordance: number): void {
  if (!(discordance > 0 && discordance <= 1))
    throw new RangeError(`discordance is ${discordance}: give a share in (0, 1].`);
  if (!(Math.abs(effect) >= 1e-6 && Math.abs(effect) <= discordance)) {
    throw new RangeError(
      `effect is ${effect}: give a difference of shares, at least 1e-6 in size and at most the ${discordance} of pairs that differ.`,
    );
  }
}
