/** Limits of ours, beside the task's own step limit. Reaching one truncates the episode: it is neither a success nor a failure. */
export interface RolloutLimits {
  /** Wall clock of one episode in milliseconds. */
  readonly maxMs?: number;
  /** Prompt and completion tokens of one episode together. */
  readonly maxTokens?: number;
  /** Actions of one episode, for environments whose tasks have no limit of their own. Default 200. */
  readonly maxSteps?: number;
}

export interface RolloutUsage {
  readonly ms: number;
  readonly tokens: number;
  readonly steps: number;
}

/** The first limit that is used up, in words; `undefined` while none is. */
export function reachedLimit(usage: RolloutUsage, limits: RolloutLimits): string | undefined {
  const { maxMs = Infinity, maxTokens = Infinity, maxSteps = 200 } = limits;
  if (usage.ms >= maxMs) return `${maxMs} ms`;
  if (usage.tokens >= maxTokens) return `${maxTokens} tokens`;
  if (usage.steps >= maxSteps) return `${maxSteps} steps`;
  return undefined;
}
