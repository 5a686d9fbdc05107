import { GraphCallbackHandler } from '@langchain/langgraph';
import type { Outcome } from '@skillrl/core';
import type { BaseMessage } from '@langchain/core/messages';

import type { Core } from './core.ts';
import { isObject, isPause } from './messages.ts';

/**
 * Hears how a graph's run ends, also where middleware does not: a tool or the model threw, the recursion limit, another middleware's jump to
 * the end, an abort, a broken stream. Closes the run's episode, unless `afterAgent` did; a pause closes nothing.
 */
export class RunCallback extends GraphCallbackHandler {
  override name = 'skill_memory';
  // A short program must not exit before the episode is written.
  override awaitHandlers = true;
  readonly #core: Core;

  constructor(core: Core) {
    super();
    this.#core = core;
  }

  override handleInterrupt({ runId }: { readonly runId?: string }): void {
    if (runId !== undefined) this.#core.episodes.pause(runId);
  }

  // The declared type has the parent's id last; what is called has it fourth (@langchain/core 1.4.0).
  override handleChainStart(
    ...[, , runId, ...rest]: Parameters<NonNullable<GraphCallbackHandler['handleChainStart']>>
  ): void {
    const parentRunId = [rest[0], rest[4]].find((id) => typeof id === 'string' && isRunId.test(id));
    this.#core.episodes.began(runId, parentRunId);
  }

  override async handleChainEnd(outputs: unknown, runId: string): Promise<void> {
    this.#core.episodes.ended(runId);
    const episode = this.#core.episodes.ofRun(runId);
    if (episode === undefined || this.#core.episodes.wasPaused(runId)) return;
    const { messages, structuredResponse } = isObject(outputs) ? outputs : {};
    // `afterAgent` has not run, or this does nothing: something jumped to the end, as call limits do.
    await this.#core.finish(episode, 'truncated', {
      messages: Array.isArray(messages) ? (messages as BaseMessage[]) : [],
      structuredResponse,
      fallback: { status: 'truncated', limit: 'another middleware ended the run' },
    });
  }

  override async handleChainError(error: unknown, runId: string): Promise<void> {
    this.#core.episodes.ended(runId);
    const episode = this.#core.episodes.ofRun(runId);
    if (episode === undefined || isPause(error)) return;
    const { end, outcome } = endingOf(error);
    await this.#core.finish(episode, end, { fallback: outcome });
  }
}

const isRunId = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

function endingOf(error: unknown): { readonly end: 'truncated' | 'errored'; readonly outcome: Outcome } {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  if (name === 'GraphRecursionError') {
    return { end: 'truncated', outcome: { status: 'truncated', limit: 'recursion limit' } };
  }
  const isAbort = name === 'AbortError' || message === 'Abort' || message === 'Aborted';
  return { end: 'errored', outcome: { status: 'errored', error: { code: isAbort ? 'ABORTED' : name, message } } };
}
