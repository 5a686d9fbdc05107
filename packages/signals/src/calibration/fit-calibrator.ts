import { contentId } from '../content-id.ts';
import { fewestOutcomes, type CalibrationMethod, type Calibrator, type CalibratorParameters } from './calibrator.ts';
import { crossValidatedBrier } from './cross-validated-brier.ts';
import { fitBetaBinomial } from './fit-beta-binomial.ts';
import { fitIsotonic } from './fit-isotonic.ts';
import { fitPlatt } from './fit-platt.ts';
import { fitConfidenceTemperature } from './fit-temperature.ts';
import { pairOutcomes, type OutcomePairs } from './outcome-pairs.ts';

export interface FitCalibratorOptions {
  /** The policy version that stated the confidences; not empty. */
  readonly policyVersion: string;
  /** Default: the one with the lowest cross-validated Brier score among those that the number of outcomes allows. */
  readonly method?: CalibrationMethod;
}

export interface CalibratorFit {
  readonly calibrator: Calibrator;
  /** Why this method, in one sentence. */
  readonly reason: string;
  /** Brier score of each method allowed, on outcomes it was not fitted on (five folds); `identity` is the score before calibration. */
  readonly brier: Readonly<Partial<Record<CalibrationMethod, number>>>;
}

/** From the simplest to the one that bends most: of two that do equally well the simpler one is taken. */
const methods: readonly CalibrationMethod[] = ['identity', 'temperature', 'platt', 'beta-binomial', 'isotonic'];

/**
 * Fits a calibrator on held-out outcomes, and says why it chose its method.
 *
 * The outcomes must come from episodes that neither trained the policy nor will be judged with the calibrator: this function cannot see that.
 * Outcomes are taken to be independent; where many belong to one task, the folds are too optimistic.
 *
 * @param confidences - as stated, in [0, 1]; `null` where none was.
 * @param outcomes - 1 success, 0 failure, `null` unknown. Places where either is `null` are left out.
 * @param options.method - asks for one method. With fewer than 30 outcomes it is the identity all the same; isotonic with fewer than 200 becomes
 *   beta-binomial; `reason` says so.
 * @returns the same calibrator for every order of the outcomes, up to rounding.
 * @throws {RangeError} when the lengths differ, a value is outside its range, `policyVersion` is empty or `method` is unknown.
 *
 * Source: each method names its own. Ours: the counts (30, 200) and the choice by cross-validation instead of a fixed method by count: a temperature
 * alone cannot mend a policy that is equally sure of everything.
 */
export function fitCalibrator(
  confidences: ArrayLike<number | null>,
  outcomes: ArrayLike<number | null>,
  options: FitCalibratorOptions,
): CalibratorFit {
  const { policyVersion, method } = options;
  if (policyVersion === '') {
    throw new RangeError('policyVersion is empty: a calibrator holds for one version of a policy, so name it.');
  }
  if (method !== undefined && !methods.includes(method)) {
    throw new RangeError(`There is no calibration method '${String(method)}': use one of ${methods.join(', ')}.`);
  }
  const pairs = pairOutcomes(confidences, outcomes);
  const count = pairs.outcomes.length;
  const fit = (chosen: CalibrationMethod, reason: string, brier: CalibratorFit['brier']): CalibratorFit => ({
    calibrator: identified(chosen, pairs, policyVersion),
    reason,
    brier,
  });
  if (count < fewestOutcomes.any) {
    return fit('identity', `Identity: ${count} outcomes, and fewer than ${fewestOutcomes.any} say too little.`, {});
  }

  const allowed = methods.filter((name) => name !== 'isotonic' || count >= fewestOutcomes.isotonic);
  const scores = allowed.map((name) => crossValidatedBrier(pairs, (fold) => fitParameters(name, fold)));
  const brier = Object.fromEntries(allowed.map((name, index) => [name, scores[index]!]));
  if (method !== undefined) {
    if (allowed.includes(method)) return fit(method, `${method}: asked for; ${count} outcomes.`, brier);
    return fit(
      'beta-binomial',
      `beta-binomial: isotonic was asked for and needs ${fewestOutcomes.isotonic} outcomes; there are ${count}.`,
      brier,
    );
  }
  const best = scores.reduce((lead, score, index) => (score < scores[lead]! - 1e-12 ? index : lead), 0);
  const chosen = allowed[best]!;
  const comparison = chosen === 'identity' ? '' : ` against ${scores[0]!.toFixed(4)} uncalibrated`;
  const reason = `${chosen}: the lowest cross-validated Brier score, ${scores[best]!.toFixed(4)}${comparison}, of ${count} outcomes.`;
  return fit(chosen, reason, brier);
}

function fitParameters(method: CalibrationMethod, { confidences, outcomes }: OutcomePairs): CalibratorParameters {
  switch (method) {
    case 'identity':
      return { method };
    case 'temperature':
      return { method, temperature: fitConfidenceTemperature(confidences, outcomes) };
    case 'platt':
      return { method, ...fitPlatt(confidences, outcomes) };
    case 'isotonic':
      return { method, ...fitIsotonic(confidences, outcomes) };
    case 'beta-binomial':
      return { method, probabilities: fitBetaBinomial(confidences, outcomes).probabilities };
    default:
      return method satisfies never;
  }
}

function identified(method: CalibrationMethod, pairs: OutcomePairs, policyVersion: string): Calibrator {
  const count = pairs.outcomes.length;
  const successes = pairs.outcomes.reduce((sum, outcome) => sum + outcome, 0);
  const content = {
    ...fitParameters(method, pairs),
    policyVersion,
    outcomes: count,
    baseRate: (successes + 1) / (count + 2),
  };
  return { id: `${method} ${policyVersion} ${contentId(content)}`, ...content };
}
