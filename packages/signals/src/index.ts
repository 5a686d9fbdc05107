// Advantages and corrections: from the rewards of a group to what each token's gradient counts.
export { clippedPolicyLoss, type ClippedLoss, type ClipOptions } from './advantages/clipped-policy-loss.ts';
export {
  difficultyWeight,
  difficultyWeightedAdvantages,
  type DifficultyWeightOptions,
} from './advantages/difficulty-weighted-advantages.ts';
export { groupAdvantages, type GroupAdvantageOptions } from './advantages/group-advantages.ts';
export {
  importanceWeights,
  sequenceImportanceWeights,
  type ImportanceWeightOptions,
} from './advantages/importance-weights.ts';
export { klEstimate, type KlEstimate, type KlEstimateOptions } from './advantages/kl-estimate.ts';
export { leaveOneOutAdvantages } from './advantages/leave-one-out-advantages.ts';
export {
  stepAdvantages,
  type EpisodeSteps,
  type StepAdvantageOptions,
  type StepAdvantages,
} from './advantages/step-advantages.ts';

// Calibration: what a stated confidence is worth, learned from held-out outcomes.
export { auroc } from './calibration/auroc.ts';
export { brierScore } from './calibration/brier-score.ts';
export { calibrate, type CalibratedConfidence, type CalibrateOptions } from './calibration/calibrate.ts';
export {
  fewestOutcomes,
  type BetaBinomialCalibrator,
  type CalibrationMethod,
  type Calibrator,
  type IdentityCalibrator,
  type IsotonicCalibrator,
  type PlattCalibrator,
  type TemperatureCalibrator,
} from './calibration/calibrator.ts';
export { expectedCalibrationError } from './calibration/expected-calibration-error.ts';
export { fitBetaBinomial, type BetaBinomialFit } from './calibration/fit-beta-binomial.ts';
export { fitCalibrator, type CalibratorFit, type FitCalibratorOptions } from './calibration/fit-calibrator.ts';
export { fitIsotonic, type IsotonicFit } from './calibration/fit-isotonic.ts';
export { fitPlatt, type PlattFit } from './calibration/fit-platt.ts';
export { fitConfidenceTemperature, fitTemperature } from './calibration/fit-temperature.ts';
export { parseCalibrator } from './calibration/parse-calibrator.ts';
export { reliabilityBins, type ReliabilityBin, type ReliabilityOptions } from './calibration/reliability-bins.ts';

// Decision: what to do about a calibrated probability, once it is known what mistakes cost.
export { confidenceVote, type ConfidenceVote, type Tally } from './decision/confidence-vote.ts';
export { costThreshold, type BinaryCosts } from './decision/cost-threshold.ts';
export { decide, type Decision } from './decision/decide.ts';
export {
  commitmentTable,
  decideCommitment,
  type CommitmentAction,
  type CommitmentStakes,
} from './decision/decide-commitment.ts';
export {
  decideInjection,
  injectionTable,
  type EntryOdds,
  type InjectionAction,
  type InjectionStakes,
} from './decision/decide-injection.ts';
export { exPostProbabilities, symmetricProbabilities } from './decision/ex-post-probabilities.ts';
export type { UtilityTable } from './decision/utility-table.ts';
export { expectedWeightedCrossEntropy, weightedCrossEntropy } from './decision/weighted-cross-entropy.ts';

// Promotion: what memory may learn from an episode.
export { promote, type Promotion, type PromotionCase, type PromotionOptions } from './promotion/promote.ts';
export type { Verdict, VerdictSource } from './promotion/verdict.ts';

// Rewards: what an answer earns in training; never what an action costs.
export { brierReward, type BrierRewardOptions } from './rewards/brier-reward.ts';
export { parseConfidence, type ConfidenceReading } from './rewards/parse-confidence.ts';
export { parseRewardWeights, type RewardWeights } from './rewards/parse-reward-weights.ts';
export { parseStatedAnswer, type AnswerFormat, type StatedAnswer } from './rewards/parse-stated-answer.ts';
export {
  brierRule,
  calibratedValue,
  honestFrom,
  logRule,
  risingFrom,
  type ScoringRule,
} from './rewards/scoring-rules.ts';

// Dispersion: how much the tokens of a reference depend on the reasoning before them; one statistic for rewards and filters.
export {
  dispersionFilter,
  type DispersionFilterOptions,
  type DispersionSelection,
  type RankedQuery,
} from './dispersion/dispersion-filter.ts';
export { dispersionWeights, type DispersionWeightOptions } from './dispersion/dispersion-weights.ts';
export { knowledgeFilter, type KnowledgeFilterOptions, type KnowledgeVerdict } from './dispersion/knowledge-filter.ts';
export { lengthReward, rewardWithLength } from './dispersion/length-reward.ts';
export {
  propagatedReferenceReward,
  propagationFactor,
  type PropagationOptions,
} from './dispersion/propagated-reference-reward.ts';
export { queryDispersion, type QueryDispersion } from './dispersion/query-dispersion.ts';
export { referenceMatrix, type ReferenceMatrix, type ReferenceMatrixOptions } from './dispersion/reference-matrix.ts';
export { rubricGate } from './dispersion/rubric-gate.ts';
export { tokenDispersion } from './dispersion/token-dispersion.ts';
export {
  aggregateReferenceReward,
  weightedReferenceReward,
  type ReferenceRewardOptions,
} from './dispersion/weighted-reference-reward.ts';

// Diversity: how different what a policy does is, in wording, form and meaning, and where that is wanted.
export { actionTemplate, distinctTemplates, type ActionTemplateOptions } from './diversity/action-template.ts';
export { distinctN, distinctNOfPairs, type PairOptions } from './diversity/distinct-n.ts';
export { distinctSubtrees, type DistinctSubtreeOptions, type SyntaxTree } from './diversity/distinct-subtrees.ts';
export { diversityAlarm, type DiversityAlarm, type DiversityAlarmOptions } from './diversity/diversity-alarm.ts';
export { effectiveDiversity, type EffectiveDiversity, type SemanticKey } from './diversity/effective-diversity.ts';
export { expectationAdjustedDistinct } from './diversity/expectation-adjusted-distinct.ts';
export { ngramJaccardDistance } from './diversity/ngram-jaccard-distance.ts';
export { splitWords, type Tokens } from './diversity/ngrams.ts';
export {
  noveltyReward,
  type DomainKind,
  type NovelRollout,
  type NoveltyRewardOptions,
} from './diversity/novelty-reward.ts';
export { semanticClasses, type SemanticClassOptions } from './diversity/semantic-classes.ts';

// Gates: which groups are worth training on, and which successes are suspect.
export {
  answerRepetition,
  type AnswerRepetition,
  type AnswerRepetitionOptions,
  type GivenAnswer,
} from './gates/answer-repetition.ts';
export {
  gateGroup,
  type GateDecision,
  type GateEvidence,
  type GateOptions,
  type GateReason,
  type GateReasonCode,
  type GroupUnderGate,
} from './gates/gate-group.ts';
export { isReview } from './gates/is-review.ts';
export { guardRareSuccess, type RareSuccessGuard } from './gates/guard-rare-success.ts';
export { lengthCollapse, type LengthCollapse, type LengthCollapseOptions } from './gates/length-collapse.ts';
export {
  isRetired,
  passRateOutside,
  recordPasses,
  startPassHistory,
  type DecayOptions,
  type OutsidePassRate,
  type PassHistory,
  type PassRecord,
} from './gates/pass-history.ts';
export { passRateBand, type BandOptions, type DifficultyLabel, type PassRateBand } from './gates/pass-rate-band.ts';
export { bandOutside, type OutsideBand } from './gates/outside-band.ts';
export { signalProbability } from './gates/signal-probability.ts';
export type { SuspectSuccess } from './gates/suspect-successes.ts';

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
export { signFlipTest } from './statistics/sign-flip-test.ts';
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
