import type { Outcome } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';

import { Core, type SkillMemoryOptions } from './core.ts';
import { outcomeOf } from './graders.ts';
import { memoryMiddleware } from './middleware.ts';
import { RunCallback } from './run-callback.ts';

/** The part of an agent that takes callbacks: of `createAgent`, and every Runnable. */
export interface Attachable<Agent> {
  withConfig(config: { callbacks: RunCallback[] }): Agent;
}

export interface SkillMemory {
  readonly memory: Memory;
  /** For `createAgent({ middleware: [..., skills.middleware()] })`, last, so that the rest of the prompt stays as it is for prompt caches. */
  middleware(): ReturnType<typeof memoryMiddleware>;
  /** The agent, heard to its end: without it, runs that throw or are cut off are not closed. */
  attach<Agent extends Attachable<Agent>>(agent: Agent): Agent;
  /** The handler of `attach`, for those who give callbacks themselves. */
  callback(): RunCallback;
  /** Says later how an episode came out. Saying the same again changes nothing. @param source - whose word it is. Default `user`. */
  feedback(
    episodeId: string,
    verdict: boolean | number | Outcome,
    options?: { readonly source?: 'user' | 'grader' | 'model' | 'tool'; readonly namespace?: string },
  ): Promise<void>;
  /** Waits until what goes on in the background, writing and learning, is done. */
  flush(): Promise<void>;
}

/**
 * A memory for LangChain agents.
 *
 * @param memory - as `openSkillMemory` or `createMemory` gives it. It stays yours to close.
 * @throws {InputError} `BUDGET_INVALID`.
 * @example
 * const skills = skillMemory(await openSkillMemory('./memory'));
 * const agent = skills.attach(createAgent({ model, tools, middleware: [skills.middleware()] }));
 */
export function skillMemory(memory: Memory, options: SkillMemoryOptions = {}): SkillMemory {
  const core = new Core(memory, options);
  const callback = new RunCallback(core);
  return {
    memory,
    middleware: () => memoryMiddleware(core),
    attach: (agent) => agent.withConfig({ callbacks: [callback] }),
    callback: () => callback,
    feedback: async (episodeId, verdict, { source = 'user', namespace = memory.namespace } = {}) => {
      const isTheirWord = source === 'user' || source === 'grader';
      await core.memoryOf(namespace).outcome(episodeId, outcomeOf(verdict, source, isTheirWord));
    },
    flush: () => core.flush(),
  };
}
