// What a run is: its recipe, its games, and what an iteration plans and reports.
export { trainingRecipe, trainingRecipeSchema, type TrainingRecipe } from './recipe.ts';
export type { IterationPlan, PlannedGroup, Playing, Side, TrainingGames } from './iteration-plan.ts';
export type {
  AccountOfRollouts,
  CanaryReport,
  EntryCredit,
  GroupRecord,
  IterationManifest,
  MismatchReport,
  TrainingReport,
} from './iteration-manifest.ts';

// What it is resumed from.
export { iterationStateSchema, parseIterationState, type IterationState } from './iteration-state.ts';
export {
  memoryJournal,
  parsePhaseRecord,
  phaseRecordSchema,
  type IterationJournal,
  type PhaseRecord,
} from './iteration-journal.ts';

// What it needs from outside, and who decides what goes live.
export type { IterationPorts, TrainingEvent } from './iteration-ports.ts';
export {
  promoteNothing,
  promoteOnEvidence,
  type GatePairs,
  type Promote,
  type PublicationDecision,
} from './promote.ts';

// Memory in training: half of each group sees entries, and the bank evolves beside the policy.
export { entriesForHalf } from './entries-for-half.ts';
export type { BankEvolution } from './evolve-bank.ts';
