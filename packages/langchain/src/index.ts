export { skillMemory, type Attachable, type Invokable, type SkillMemory } from './skill-memory.ts';
export type { SkillMemoryContext, SkillMemoryOptions, TaskOption } from './core.ts';
export { llmJudge, structuredField, toolReward, type FinishedRun, type Grader, type Verdict } from './graders.ts';
export { SkillRetriever, type SkillMetadata, type SkillRetrieverInput } from './retriever.ts';
export { EpisodeTracer, type TracerOptions } from './tracer.ts';
export type { WithSkillsOptions } from './with-skills.ts';
