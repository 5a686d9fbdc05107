import type { CalibratorParameters } from './calibrator.ts';
import { confidenceBin } from './confidence-bin.ts';
import { interpolate } from './fit-isotonic.ts';
import { logit, sigmoid } from './logit.ts';

/** The probability that a fitted method gives for a confidence in [0, 1]. */
export function applyCalibrator(calibrator: CalibratorParameters, confidence: number): number {
  switch (calibrator.method) {
    case 'identity':
      return confidence;
    case 'temperature':
      return sigmoid(logit(confidence) / calibrator.temperature);
    case 'platt':
      return sigmoid(calibrator.slope * logit(confidence) + calibrator.intercept);
    case 'isotonic':
      return interpolate(calibrator.confidences, calibrator.probabilities, confidence);
    case 'beta-binomial':
      return calibrator.probabilities[confidenceBin(confidence, calibrator.probabilities.length)]!;
    default:
      throw new RangeError(
        `There is no calibration method '${String((calibrator satisfies never as { method: string }).method)}'.`,
      );
  }
}
