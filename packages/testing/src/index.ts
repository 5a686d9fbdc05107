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

// Fakes: reference implementations that keep everything in the process.
export { hashEmbedder, type HashEmbedderOptions } from './hash-embedder.ts';
export { memoryEntryStore } from './memory-entry-store.ts';
export { memoryEpisodeStore } from './memory-episode-store.ts';

// Environments: the conformance suite, and one to test with.
export { testEnvironment, type EnvironmentSuite } from './environment-suite.ts';
export { scriptedEnvironment, type ScriptedTask } from './scripted-environment.ts';
