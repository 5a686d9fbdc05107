// One way to open a memory.
export { openSkillMemory, type OpenSkillMemoryOptions } from './open-skill-memory.ts';

// Language models and embedders, chosen by one string.
export { chatModel, embedder } from './models.ts';

// LangChain's models as ours.
export { langchainChatModel, langchainEmbedder } from '@skillrl/drivers';

// What a memory is, and what it gives back.
export type {
  Grade,
  ImportReport,
  LearnReport,
  Memory,
  MemoryStats,
  RunningEpisode,
  RunOptions,
  RunResult,
  SearchHit,
  TaskInput,
} from '@skillrl/memory';
export type {
  Advice,
  BankEntry,
  ChatModel,
  Demonstration,
  Embedder,
  Episode,
  Lesson,
  Logger,
  Outcome,
  Principle,
  Task,
} from '@skillrl/core';
export { SkillError } from '@skillrl/core';

// Settings: the default export of skillrl.config.ts.
export { loadConfig, type Config, type ConfigSources, type ConfigValue, type LoadedConfig } from './config.ts';
