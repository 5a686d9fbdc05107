import type { Rollout } from '@skillrl/core';

/** The numbers one finished play gives. */
export interface PlayEndpoints {
  readonly taskId: string;
  /** Outermost first: `[house, game]`. */
  readonly clusters: readonly string[];
  readonly type: string;
  readonly sample: number;
  readonly success: boolean;
  /** Actions taken; a failure counts as the task's whole limit. */
  readonly steps: number;
  /** Prompt and completion tokens together. */
  readonly tokens: number;
  /** Tokens of entries shown in prompts. */
  readonly adviceTokens: number;
}

/** @returns `undefined` for a play that was errored or truncated by a limit of ours: it has no place in the denominator. */
export function endpointsOf({ spec, episode }: Rollout, limit: number): PlayEndpoints | undefined {
  const outcome = episode.outcome;
  if (outcome?.status !== 'success' && outcome?.status !== 'failure') return undefined;
  const success = outcome.status === 'success';
  return {
    taskId: spec.task.id,
    clusters: [spec.task.family ?? spec.task.id, spec.task.id],
    type: spec.task.type ?? 'all',
    sample: spec.sample,
    success,
    steps: success ? episode.steps.length : Math.max(limit, episode.steps.length),
    tokens: episode.calls.reduce((sum, call) => sum + call.promptTokens + call.completionTokens, 0),
    adviceTokens: episode.calls.reduce((sum, call) => sum + (call.recall?.tokens ?? 0), 0),
  };
}

/** The value of a named endpoint for one play; successes are 0 or 1. */
export function valueOf(play: PlayEndpoints, endpoint: string): number {
  if (endpoint === 'steps') return play.steps;
  if (endpoint === 'tokens') return play.tokens;
  const within = Number(endpoint.replace('success within ', ''));
  return play.success && play.steps <= within ? 1 : 0;
}
