export { skillMemory, type SkillMemory } from './skill-memory.ts';
export type { SkillMemoryContext, SkillMemoryOptions, TaskOption } from './core.ts';
export { llmJudge, structuredField, toolReward, type FinishedRun, type Grader, type Verdict } from './graders.ts';
