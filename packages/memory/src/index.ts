// All of it together: what `openSkillMemory` opens.
export {
  createMemory,
  type Bank,
  type Memory,
  type MemoryOptions,
  type MemoryPorts,
  type MemoryStats,
  type TaskInput,
} from './create-memory.ts';
export type { Grade, RunOptions, RunResult } from './run-task.ts';
export type { RunningEpisode } from './running-episode.ts';
export { forgetEpisode, type ForgetPorts, type ForgetReport } from './forget-episode.ts';

// Recording: what happens to an agent becomes events.
export { closeInterrupted, type CloseInterruptedOptions } from './recording/close-interrupted.ts';
export { patientLog, type EventLog, type PatientLog } from './recording/patient-log.ts';
export {
  recorder,
  type Answer,
  type EpisodeOpening,
  type NewAction,
  type Recorder,
  type RecorderPorts,
} from './recording/recorder.ts';
export { redactEvent, type Redact } from './recording/redact-event.ts';

// Distillation: episodes become entries.
export { chatModelDistiller, type ChatModelDistillerOptions } from './distillation/chat-model.ts';
export { contrastiveDistiller, contrastiveLesson } from './distillation/contrastive.ts';
export { demonstrationDistiller, demonstrationFrom } from './distillation/demonstration.ts';
export type { DistilContext, Distilled, Distiller, RejectedDraft, Spent } from './distillation/distiller.ts';
export { clusterOf, goalPattern } from './distillation/goal.ts';
export { learnGoalTemplates } from './distillation/goal-templates.ts';
export { houseFacts } from './distillation/knowledge/house-facts.ts';
export { houseRules } from './distillation/knowledge/house-rules.ts';
export { searchOrders } from './distillation/knowledge/search-orders.ts';
export { learn, type LearnOptions, type LearnPorts, type LearnReport } from './distillation/learn.ts';
export { promotionOf, type Doubts } from './distillation/promotion.ts';
export { lessonDraftSchema, type LessonDraft } from './distillation/lesson-draft.ts';
export { validateLesson, type ValidateLessonOptions } from './distillation/validate-lesson.ts';

// The bank: parts of it, an entry as one task needs it, an entry as text.
export { entryProse, machineLines } from './bank/entry-text.ts';
export { focusEntry } from './bank/focus-entry.ts';
export {
  quarantineCause,
  quarantineEntry,
  releaseEntry,
  type QuarantineCause,
  type QuarantinePorts,
  type Ruling,
} from './bank/quarantine.ts';
export { armSelections, selectEntry, type BankSelection, type EntryForm } from './bank/select-entry.ts';

// Retrieval: entries reach a prompt.
export { createRecaller } from './retrieval/create-recaller.ts';
export type { EntryIndex, EntryIndexPorts, OpenEntryIndexOptions } from './retrieval/entry-index.ts';
export { estimateTokens } from './retrieval/estimate-tokens.ts';
export { lexicalIndex, type LexicalHit, type LexicalIndex } from './retrieval/lexical-index.ts';
export { openEntryIndex } from './retrieval/open-entry-index.ts';
export { placeboRecaller } from './retrieval/placebo-recaller.ts';
export type {
  CandidateExplanation,
  Recaller,
  RecallerOptions,
  RecallDecision,
  RecallExplanation,
  RecallPorts,
  RecallRequest,
  SearchHit,
  SearchOptions,
} from './retrieval/recaller.ts';
export { referenceBlock, type EntryRenderer } from './retrieval/reference-block.ts';
export { replayPolicy } from './retrieval/replay-policy.ts';
export { withSkills, type WithSkillsOptions } from './retrieval/with-skills.ts';

// Embedding a bank anew: a job that may be killed and called again.
export { reembed, type ReembedOptions, type ReembedPorts, type ReembedReport } from './reembed.ts';

// Portability: a bank goes out and comes in.
export { exportBank, type ExportSource } from './portability/export-bank.ts';
export { exportSkills, type SkillsSource } from './portability/agent-skills/export-skills.ts';
export {
  importSkills,
  type SkillFolder,
  type SkillNote,
  type SkillsImportOptions,
  type SkillsReport,
} from './portability/agent-skills/import-skills.ts';
export { readSkill, type ReadSkill, type ReadSkillOptions } from './portability/agent-skills/read-skill.ts';
export {
  skillDescription,
  skillName,
  writeSkill,
  type AgentSkill,
  type WriteSkillOptions,
} from './portability/agent-skills/write-skill.ts';
export { importBank, type BankImportOptions, type ImportReport } from './portability/import-bank.ts';
export type { ImportCounts, ImportNote, ImportTarget } from './portability/import-items.ts';
export { readSkillRlDocument, type SkillRlDocument, type SkillRlFormat } from './portability/skillrl/document.ts';
export { importSkillRl, type SkillRlImportOptions, type SkillRlReport } from './portability/skillrl/import-skillrl.ts';
export { bankFormat } from './portability/bank-line.ts';
export { splitLines, type FileLine } from './portability/split-lines.ts';
