// Statistics, intervals of means and shares. At one fixed time, or (confidence sequence) whenever one looks.
export {
  clusterBootstrap,
  type ClusterBootstrapEstimate,
  type ClusterBootstrapOptions,
  type ClusteredValue,
} from './statistics/cluster-bootstrap.ts';
export {
  confidenceSequence,
  type ConfidenceSequenceEstimate,
  type ConfidenceSequenceOptions,
  type ConfidenceSequenceState,
} from './statistics/confidence-sequence.ts';
export type { Interval } from './statistics/interval.ts';
export { passAtK } from './statistics/pass-at-k.ts';
export { upperRateBound } from './statistics/upper-rate-bound.ts';
export { wilsonInterval } from './statistics/wilson-interval.ts';

// Tests of paired outcomes, and adjustments for many tests at once.
export { averageEValues, eValueOfPValue, multiplyEValues, pValueOfEValue } from './statistics/e-values.ts';
export { eBenjaminiHochberg } from './statistics/e-benjamini-hochberg.ts';
export { equivalenceTest, type EquivalenceOptions, type EquivalenceResult } from './statistics/equivalence-test.ts';
export { exactMcNemar } from './statistics/exact-mc-nemar.ts';
export { holm } from './statistics/holm.ts';
export {
  pairedSequentialTest,
  type PairedSequentialOptions,
  type PairedSequentialPlan,
  type PairedSequentialResult,
  type PairedSequentialState,
  type PairedVerdict,
} from './statistics/paired-sequential-test.ts';

// Effects of memory entries: from logged exposures, and shrunk toward their cluster for ranking.
export { exposureEffect, type ExposureEffect, type ExposureEffectOptions } from './statistics/exposure-effect.ts';
export type { Exposures } from './statistics/exposures.ts';
export {
  shrinkEffects,
  type MeasuredEffect,
  type ShrunkEffect,
  type ShrunkEffects,
} from './statistics/shrink-effects.ts';

// How many plays a claim needs, and what so many can show.
export {
  designEffect,
  pairsForDifference,
  pairsUntilEvidence,
  smallestVisibleDifference,
  type PairedPowerOptions,
} from './statistics/pairs-for-difference.ts';
export { exposuresForEffect, halfWidthOfMean, unitsForMean, type PowerOptions } from './statistics/units-for-mean.ts';

// Distributions and seeded randomness.
export { binomialTail } from './statistics/binomial-tail.ts';
export { normalCdf, normalQuantile } from './statistics/normal.ts';
export { seededRandom } from './statistics/random.ts';
export { studentCdf, studentQuantile } from './statistics/student.ts';
