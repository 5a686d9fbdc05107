// Builders of data for tests.
export {
  aDemonstration,
  aLesson,
  aModelCall,
  anEpisode,
  aPrinciple,
  aTask,
  episodeEvents,
  someEvidence,
  verifiedFailure,
  verifiedSuccess,
  type EpisodeSketch,
} from './builders.ts';
export { temporaryFolder } from './temporary-folder.ts';
export { ownDisk, runOnOwnDisk } from './own-disk.ts';

// Fakes: reference implementations that keep everything in the process.
export { hashEmbedder, type HashEmbedderOptions } from './hash-embedder.ts';
export { memorySavedIndexes } from './memory-saved-indexes.ts';
export { memoryEntryStore } from './memory-entry-store.ts';
export { memoryEpisodeStore } from './memory-episode-store.ts';
export { seededRandom } from './seeded-random.ts';

// Conformance suites of the ports of memory: a driver's test calls them.
export { testSavedIndexStore, type SavedIndexStoreSuiteOptions } from './saved-index-store-suite.ts';
export { testEmbedder, type EmbedderSuiteOptions } from './embedder-suite.ts';
export { testEntryStore, type EntryStoreSuiteOptions } from './entry-store-suite.ts';
export { testEpisodeStore, type EpisodeStoreSuiteOptions } from './episode-store-suite.ts';
export { testVectorIndex, type VectorIndexSuiteOptions } from './vector-index-suite.ts';

// Environments: the conformance suite, and one to test with.
export { testEnvironment, type EnvironmentSuite } from './environment-suite.ts';
export { scriptedEnvironment, type ScriptedTask } from './scripted-environment.ts';

// Data, Python, a compiler: used where a machine has them, and skipped with a reason, or failed, where it has not.
export {
  describeWith,
  isRequired,
  requirement,
  type Requirement,
  type RequirementName,
  type RequirementOptions,
} from './requirement.ts';

// Language models: the conformance suite, a model that says what it is told to, and a file that every runtime loads.
export { testChatModel, type ChatModelSuiteOptions } from './chat-model-suite.ts';
export {
  scriptedChatModel,
  type ScriptedChatModel,
  type ScriptedChatModelOptions,
  type ScriptedReply,
} from './scripted-chat-model.ts';
export {
  tinyTokenizerId,
  tinyVocabularySize,
  writeTinyAdapter,
  writeTinyModel,
  type TinyModelOptions,
} from './tiny-model.ts';
export {
  startOllamaWireServer,
  type OllamaWireServer,
  type OllamaWireServerOptions,
} from './ollama-wire/start-ollama-wire-server.ts';

// Trainers: the conformance suite, one in the process with real gradients of a very small model, and what it exported.
export { testTrainer, type TrainerLack, type TrainerSuiteOptions } from './trainer-suite.ts';
export { memoryTrainer, type MemoryTrainerOptions, type TrainerFault } from './trainer/memory-trainer.ts';
export { readExport as readTinyExport } from './trainer/tiny-files.ts';
export { sampleSequence } from './trainer/sample-sequence.ts';
export { nextLogprobs, type TwoTokenModel } from './trainer/two-token-model.ts';

// Servers of policies: the conformance suite, a checkpoint as a trainer exports it, and a fake of vLLM's interface.
export { testModelServer, type ModelServerPlace, type ModelServerSuiteOptions } from './model-server-suite.ts';
export { sealed, tinyBase, writeTinyCheckpoint, type TinyCheckpointOptions } from './tiny-checkpoint.ts';
export {
  startVllmWireServer,
  type VllmWireServer,
  type VllmWireServerOptions,
} from './vllm-wire/start-vllm-wire-server.ts';

// A server of the Tinker protocol over the same small model.
export {
  startTinkerWireServer,
  type TinkerWireServer,
  type TinkerWireServerOptions,
  type WireFault,
} from './tinker-wire/start-tinker-wire-server.ts';
