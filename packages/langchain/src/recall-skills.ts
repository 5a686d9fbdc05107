import { type Runnable, RunnableLambda } from '@langchain/core/runnables';
import type { RunnableConfig } from '@langchain/core/runnables';
import { getConfig } from '@langchain/langgraph';

import type { Core, TaskOption } from './core.ts';
import { isObject } from './messages.ts';
import { drawSeed } from './open-episodes.ts';
import { contextInMetadata } from './run-context.ts';
import { within } from './within.ts';

export const recallRunName = 'recall_skills';

/**
 * From a task to what the memory has about it, as a text; empty when there is nothing, when a run asks for nothing, or when the memory cannot
 * be read. It is a run of its own, so that a tracer writes what was shown on the episode.
 */
export function recallSkills(core: Core, namespace: string | undefined): Runnable<TaskOption, string> {
  return RunnableLambda.from(async (query: TaskOption, config: RunnableConfig): Promise<string> => {
    try {
      const said = contextInMetadata(config.metadata);
      if (said.enabled === false) return '';
      const memory = core.memoryFor(contextOf(config), said.namespace ?? namespace);
      const runId = runIdOf(config);
      const recalling = core.recallerOf(memory).recall({
        task: core.taskOf(said.task ?? query),
        budgetTokens: core.options.budgetTokens,
        signal: config.signal,
        ...(runId !== undefined && { seed: drawSeed(runId) }),
      });
      const advice = await within(core.options.timeoutMs ?? 2_000, 'the recall', recalling);
      if (runId !== undefined) core.notes.set(runId, advice.recall);
      return advice.text;
    } catch (error) {
      core.onError('read the memory', error);
      return '';
    }
  }).withConfig({ runName: recallRunName });
}

/** A graph's context; chains have none. */
function contextOf(config: RunnableConfig): unknown {
  return (config as { readonly context?: unknown }).context ?? getConfig()?.context ?? {};
}

/** The run that the function is called in; `undefined` where nobody listens to runs. */
function runIdOf({ callbacks }: RunnableConfig): string | undefined {
  return isObject(callbacks) && 'getParentRunId' in callbacks
    ? (callbacks as unknown as { getParentRunId(): string | undefined }).getParentRunId()
    : undefined;
}
