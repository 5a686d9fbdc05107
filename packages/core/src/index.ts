// What an agent does and what becomes of it.
export type { Purpose, Task } from './task.ts';
export type {
  EntryExposure,
  Episode,
  EpisodeEnd,
  Fact,
  ModelCall,
  Outcome,
  RecallNote,
  Step,
  Trust,
} from './episode.ts';
export type {
  ActionEvent,
  EpisodeEndEvent,
  EpisodeEvent,
  EpisodeStartEvent,
  ErasedEvent,
  ModelCallEvent,
  ObservationEvent,
  OutcomeEvent,
} from './episode-event.ts';
export { foldEpisode, outcomeOf, startOf } from './fold-episode.ts';
export {
  entryUses,
  firstUses,
  verdictOf,
  type EntryStatistic,
  type EntryUse,
  type Verdict,
} from './entry-statistic.ts';
export type { Rollout, RolloutSpec } from './rollout.ts';
export type { Checkpoint } from './checkpoint.ts';

// What is remembered.
export type {
  BankEntry,
  Conditions,
  Demonstration,
  DemonstrationStep,
  EntryStatus,
  Evidence,
  Instead,
  Lesson,
  MachineForm,
  MadeBy,
  Principle,
  Procedure,
  SearchOrder,
} from './bank-entry.ts';
export { entryStatuses, servedStatuses } from './bank-entry.ts';

// Ports: what drivers, environments and policies implement.
export type { ChatMessage, ChatModel, ChatRequest, ChatResponse, ModelCapabilities, TokenTrace } from './chat-model.ts';
export type {
  SavedIndexHead,
  IndexPart,
  SavedIndexStore,
  SavedIndexSummary,
  LoadedIndex,
  SavedPart,
} from './saved-index-store.ts';
export type { EmbedOptions, Embedder } from './embedder.ts';
export type { EntryStaging, SkippedEntry, StagedCommit, StagedCounts, StagedEntry } from './entry-staging.ts';
export type { BankCommit, BankView, EntryChange, EntryFilter, EntryStore } from './entry-store.ts';
export type { Environment, EnvironmentSession, ObservationDetails, TaskFilter, TimeStep } from './environment.ts';
export type { EpisodeFilter, EpisodeStore, ErasureReport, ExportHolding, ExportRecord } from './episode-store.ts';
export type { ModelServer, ServedVersion } from './model-server.ts';
export type { Advice, Policy, PolicyAct, PolicyTurn } from './policy.ts';
export type {
  AdamOptions,
  ExportedWeights,
  ForwardResult,
  SampledSequence,
  SampleOptions,
  SavedWeights,
  StepResult,
  TrainableModel,
  TrainableModelInfo,
  TrainableModelOptions,
  Trainer,
  TrainingLoss,
  TrainingSample,
} from './trainer.ts';
export type {
  CreateVectorIndex,
  SavedVectorIndex,
  VectorExplanation,
  VectorHit,
  VectorIndex,
  VectorIndexParts,
  VectorItem,
  VectorSearchOptions,
} from './vector-index.ts';

// What drivers of trainers refuse before they compute or send anything.
export { checkAdam, checkSampling, checkTrainingSamples } from './check-training.ts';

// Time, ids, news, errors.
export { systemClock, type Clock } from './clock.ts';
export { contentHash, newId } from './ids.ts';
export { silentLogger, type Logger } from './logger.ts';
export { noProgress, type Progress, type ProgressEvent } from './progress.ts';
export {
  atBoundary,
  boundaryError,
  ConfigError,
  EmbedderError,
  EnvironmentError,
  FileError,
  IndexError,
  InputError,
  isAbort,
  ModelError,
  ModelServerError,
  NetworkError,
  SkillError,
  StoreError,
  TrainerError,
  UnsupportedError,
  type Boundary,
  type ErrorDetails,
} from './errors.ts';

// Schemas of what crosses a process boundary.
export { bankEntrySchema, entryStatusSchema } from './schemas/bank-entry.ts';
export { checkpointSchema, versionName } from './schemas/checkpoint.ts';
export { episodeEventSchema, factSchema, modelCallSchema, outcomeSchema } from './schemas/episode-event.ts';
export { nameOf, parse } from './schemas/shared.ts';
export { purposeSchema, taskSchema } from './schemas/task.ts';
