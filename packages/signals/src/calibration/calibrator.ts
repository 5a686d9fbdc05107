interface CalibratorBase {
  /** Equal for equal content: `platt v12 9f3c…`. Goes on every decision, so that it can be traced to the numbers behind it. */
  readonly id: string;
  /** The policy whose held-out outcomes it was fitted on. Another version needs another fit. */
  readonly policyVersion: string;
  /** How many held-out outcomes it was fitted on. */
  readonly outcomes: number;
  /** Share of success among them, drawn toward ½ by two imagined outcomes: (s + 1) / (n + 2). Stands in for a confidence that is missing. */
  readonly baseRate: number;
}

/** Leaves a confidence as it is. */
export interface IdentityCalibrator extends CalibratorBase {
  readonly method: 'identity';
}

/** logit p = logit q / temperature: draws toward ½ (above 1) or away from it (below 1), and keeps the order. */
export interface TemperatureCalibrator extends CalibratorBase {
  readonly method: 'temperature';
  readonly temperature: number;
}

/** logit p = slope · logit q + intercept. A slope below 0 says that the policy is surest when it is wrong. */
export interface PlattCalibrator extends CalibratorBase {
  readonly method: 'platt';
  readonly slope: number;
  readonly intercept: number;
}

/** Non-decreasing and piecewise linear through the points, constant beyond the first and the last. */
export interface IsotonicCalibrator extends CalibratorBase {
  readonly method: 'isotonic';
  /** Strictly rising, in [0, 1]. */
  readonly confidences: readonly number[];
  /** Non-decreasing, in [0, 1]; one for each of `confidences`. */
  readonly probabilities: readonly number[];
}

/** One probability for each of equally wide bins of confidence. */
export interface BetaBinomialCalibrator extends CalibratorBase {
  readonly method: 'beta-binomial';
  /** Posterior mean of each bin, in (0, 1). */
  readonly probabilities: readonly number[];
}

/** Turns a stated confidence into a probability of success. Plain JSON: what is written by `JSON.stringify` is read by `parseCalibrator`. */
export type Calibrator =
  | IdentityCalibrator
  | TemperatureCalibrator
  | PlattCalibrator
  | IsotonicCalibrator
  | BetaBinomialCalibrator;

export type CalibrationMethod = Calibrator['method'];

/** What a method learns from outcomes: a calibrator without its name. */
export type CalibratorParameters = Nameless<Calibrator>;

type Nameless<One> = One extends Calibrator ? Omit<One, keyof CalibratorBase> : never;

/** Below so many outcomes every calibrator is the identity; isotonic regression, which bends most, needs more. */
export const fewestOutcomes = { any: 30, isotonic: 200 };
