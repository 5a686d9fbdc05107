import { checkProbability } from '../checks.ts';
import { applyCalibrator } from './apply-calibrator.ts';
import { fewestOutcomes, type Calibrator } from './calibrator.ts';

export interface CalibrateOptions {
  /** The policy version that stated the confidence now. Default: the calibrator's. */
  readonly policyVersion?: string;
  /** Success rate of the task's family, for a confidence that is missing. Default: the calibrator's base rate. */
  readonly baseRate?: number;
}

export interface CalibratedConfidence {
  /** Probability of success, in [0, 1]. */
  readonly probability: number;
  /** False when held-out outcomes do not stand behind the number; `caveat` says why. */
  readonly isCalibrated: boolean;
  /**
   * `no-confidence`: none was stated, so this is the base rate. `other-policy`: the calibrator was fitted on another version of the policy, so
   * fit it anew. `too-few-outcomes`: the calibrator had too few outcomes to be more than the identity.
   */
  readonly caveat?: 'no-confidence' | 'other-policy' | 'too-few-outcomes';
  readonly calibratorId: string;
}

/**
 * The probability of success behind a stated confidence.
 *
 * @param confidence - in [0, 1]; `null` or `undefined` where none was stated.
 * @throws {RangeError} when the confidence or the base rate is outside [0, 1].
 *
 * Source: the cut between learning and deciding of Autor et al. 2025, arXiv:2511.07699: the policy learns without costs, what it says is calibrated,
 * and only `decide` knows what mistakes cost.
 */
export function calibrate(
  calibrator: Calibrator,
  confidence: number | null | undefined,
  options: CalibrateOptions = {},
): CalibratedConfidence {
  const { policyVersion = calibrator.policyVersion, baseRate = calibrator.baseRate } = options;
  checkProbability('baseRate', baseRate);
  if (confidence === null || confidence === undefined) {
    return { probability: baseRate, isCalibrated: false, caveat: 'no-confidence', calibratorId: calibrator.id };
  }
  checkProbability('confidence', confidence);
  const caveat = caveatOf(calibrator, policyVersion);
  return {
    probability: applyCalibrator(calibrator, confidence),
    isCalibrated: caveat === undefined,
    ...(caveat === undefined ? {} : { caveat }),
    calibratorId: calibrator.id,
  };
}

function caveatOf(calibrator: Calibrator, policyVersion: string): CalibratedConfidence['caveat'] {
  if (policyVersion !== calibrator.policyVersion) return 'other-policy';
  return calibrator.outcomes < fewestOutcomes.any ? 'too-few-outcomes' : undefined;
}
