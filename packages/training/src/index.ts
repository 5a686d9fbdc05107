// What a run is: its recipe, what it is compared with, its games, and what an iteration plans and reports.
export { trainingRecipe, trainingRecipeSchema, type RecipeSwitches, type TrainingRecipe } from './recipe.ts';
export { baselineNames, baselines, baselineSwitches, type BaselineName } from './baselines.ts';
export type { IterationPlan, PlannedGroup, Playing, Side, TrainingGames } from './iteration-plan.ts';
export type {
  AccountOfRollouts,
  AccountOfSignals,
  BankEvolution,
  CanaryReport,
  DiversityReport,
  EntryCredit,
  GroupRecord,
  IterationManifest,
  MismatchReport,
  TrainingReport,
} from './iteration-manifest.ts';

// Running it: start or go on, then plan and run, iteration by iteration.
export { refuseServer, startTraining } from './start-training.ts';
export { planIteration } from './plan-iteration.ts';
export { runIteration } from './run-iteration.ts';

// What it needs from outside, and who decides what goes live.
export type { IterationPorts, TrainingEvent } from './iteration-ports.ts';
export { entriesForHalf } from './entries-for-half.ts';
export { promoteNothing, promoteOnEvidence, type GatePair, type Promote, type PublicationDecision } from './promote.ts';
export { wonOrLost } from './won-or-lost.ts';

// What it is resumed from.
export { iterationStateSchema, parseIterationState, type IterationState } from './iteration-state.ts';
export {
  memoryJournal,
  parsePhaseRecord,
  phaseRecordSchema,
  type IterationJournal,
  type PhaseRecord,
} from './iteration-journal.ts';

// Reasonings scored by a reference, where there is no verifier.
export { scoreReferences, type ReferenceQuery, type ReferenceScores } from './score-references.ts';

// Rollouts as tokens, what they earned, what each step counts and what changed nothing, and the bank that evolves beside the policy.
export { mergeTurns, type TokenSequence } from './merge-turns.ts';
export { scoreGroup, type ScoredRollout } from './rewards.ts';
export { idleInLost } from './idle-steps.ts';
export { creditSteps } from './group-advantages.ts';
export { creditStatements } from './statement-advantages.ts';
export { tokenAdvantages, type RolloutCredit } from './token-advantages.ts';
export { evolveBank, type EvolvePorts } from './evolve-bank.ts';
