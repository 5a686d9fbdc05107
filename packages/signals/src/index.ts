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

// Statistics: intervals and tests for the outcomes of plays.
export {
  clusterBootstrap,
  type ClusterBootstrapEstimate,
  type ClusterBootstrapOptions,
  type ClusteredValue,
} from './statistics/cluster-bootstrap.ts';
export { holm } from './statistics/holm.ts';
export type { Interval } from './statistics/interval.ts';
export { normalQuantile } from './statistics/normal.ts';
export { seededRandom } from './statistics/random.ts';
export { wilsonInterval } from './statistics/wilson-interval.ts';
