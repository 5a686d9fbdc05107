// Stores: the record of what happened and what was learned.
export { sqlite, type SqliteStores } from './stores/sqlite.ts';
export type { SqliteOptions } from './stores/sqlite-database.ts';
export { fileLock, type FileLock, isLocked } from './stores/file-lock.ts';

// Trust in a store's file: whether it is whole, a copy of it, a copy in its place, what a damaged one still gives.
export { verifyBank, type BankReport, type VerifyBankOptions } from './stores/sqlite-verify.ts';
export type { BankDamage } from './stores/sqlite-check.ts';
export { backupBank, type BackupBankOptions } from './stores/sqlite-backup.ts';
export { restoreBank, type RestoreBankOptions, type RestoredBank } from './stores/sqlite-restore.ts';
export { salvageEntries, type SalvagedEntries } from './stores/sqlite-salvage.ts';

// Indexes that survive the process.
export { savedIndexFiles, type SavedIndexFilesOptions } from './saved-indexes/saved-index-files.ts';

// Vector indexes.
export { flat, type FlatOptions } from './indexes/flat.ts';
export { hnsw, type HnswOptions } from './indexes/hnsw.ts';
export { isHnswAvailable } from './indexes/load-hnswlib.ts';
export {
  createVectorIndex,
  restoreVectorIndex,
  vectorIndex,
  type SettlingVectorIndex,
  type VectorIndexOptions,
} from './indexes/vector-index.ts';

// Embedders: built in, behind servers, and of packages that are installed by those who want them; `embedder` chooses by one string.
export { compact } from './embedders/compact.ts';
export { embedder, embedderForms, type EmbedderOptions } from './embedders/embedder.ts';
export { ollamaEmbedder, type OllamaEmbedderOptions } from './embedders/ollama-embedder.ts';
export { openaiEmbedder, type OpenAiEmbedderOptions } from './embedders/openai-embedder.ts';
export {
  langchainEmbedder,
  type LangchainEmbedderOptions,
  type LangchainEmbeddings,
} from './embedders/langchain-embedder.ts';
export { transformersEmbedder, type TransformersEmbedderOptions } from './embedders/transformers.ts';
export { useLite, type UseLiteOptions } from './embedders/use-lite.ts';
export type { LoadPackage } from './embedders/load-peer.ts';

// Language models, in this process and behind servers; `chatModel` chooses by one string.
export { chatModel, chatModelForms, type ChatModelOptions } from './models/chat-model.ts';
export {
  langchainChatModel,
  type LangchainChatModelOptions,
  type LangchainModel,
  type Sampling,
} from './models/langchain-chat-model.ts';
export { llamaCpp, type LlamaCppOptions } from './models/llama-cpp.ts';
export { ollama, type OllamaOptions } from './models/ollama.ts';
export { openaiCompatible, type OpenAiCompatibleOptions } from './models/openai-compatible.ts';
export { policyModel, type PolicyModelOptions } from './models/policy-model.ts';
export { tinkerModel, type TinkerModelOptions } from './models/tinker.ts';
export { vllmModel, type VllmModelOptions } from './models/vllm.ts';
export { tokenScorer, type TokenScorer } from './models/token-scorer.ts';
export { ggufTokenizer, type ByteTokenizer, type Tokenizer } from './models/byte-tokenizer.ts';
export {
  builtinPolicies,
  builtinPolicyFolder,
  builtinPolicyPath,
  type BuiltinPolicy,
} from './models/builtin-policy.ts';

// Servers of a policy's versions: publish, make one live, go back.
export { llamaCppServer, type LlamaCppServerOptions } from './servers/llama-cpp-server.ts';
export { ollamaServer, type OllamaServerOptions } from './servers/ollama-server.ts';
export { trainerServer, type TrainerServerOptions } from './servers/trainer-server.ts';
export { vllmServer, type VllmServerOptions } from './servers/vllm-server.ts';

// The versions of a policy: a registry of them, what became of each, and how two differ.
export { policyRegistry, type PolicyRegistry, type RegisteredPolicy } from './policies/policy-registry.ts';
export { readExport, type ExportFacts } from './policies/read-export.ts';
export { versionBefore, type PolicyStatus, type Publication } from './policies/publications.ts';
export { weightChanges, type WeightChange } from './policies/weight-changes.ts';
export { answerChanges, type AnswerChange } from './policies/answer-changes.ts';

// Trainers: what computes gradients, behind servers that speak the Tinker protocol.
export { tinkerTrainer, type TinkerTrainerOptions } from './trainers/tinker/tinker-trainer.ts';
export type { TrainerAddress } from './trainers/tinker/samplers.ts';
export { tinkerDialects, type TinkerDialect, type TinkerDialectName } from './trainers/tinker/dialect.ts';
