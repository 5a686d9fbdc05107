import {
  newId,
  type Advice,
  type ChatMessage,
  type ChatModel,
  type Clock,
  type Logger,
  type RecallNote,
  type Task,
} from '@skillrl/core';

import type { Answer, Recorder } from './recording/recorder.ts';
import type { Recaller } from './retrieval/recaller.ts';
import { nothingRecalled } from './retrieval/with-skills.ts';

/** An episode while the user's program works on it. Only `call` can fail, and only as the model does. */
export interface RunningEpisode {
  readonly id: string;
  readonly task: Task;
  /** What the memory has for the task; empty when it has nothing, or cannot be read. */
  recall(options?: { readonly budgetTokens?: number; readonly observation?: string }): Promise<Advice>;
  /** Asks the model, records the call, and gives its text. @throws what the model throws. */
  call(
    model: ChatModel,
    prompt: string | readonly ChatMessage[],
    options?: { readonly maxTokens?: number; readonly temperature?: number; readonly signal?: AbortSignal },
  ): Promise<string>;
  /** Records an action and what came of it, for programs that act in steps. */
  step(action: string, answer?: Answer): Promise<void>;
}

export interface RunningEpisodePorts {
  readonly id: string;
  readonly task: Task;
  readonly recorder: Recorder;
  readonly recaller: Recaller;
  readonly logger: Logger;
  readonly clock: Clock;
}

export interface RecordedEpisode extends RunningEpisode {
  /** Ids of the calls that no action has followed yet, taken out. */
  takeCalls(): string[];
}

export function runningEpisode({ id, task, recorder, recaller, logger, clock }: RunningEpisodePorts): RecordedEpisode {
  let note: RecallNote | undefined;
  let openCalls: string[] = [];
  const takeCalls = (): string[] => openCalls.splice(0);
  return {
    id,
    task,
    takeCalls,
    recall: async (options = {}) => {
      let advice: Advice;
      try {
        advice = await recaller.recall({ task, ...options });
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        logger.warn('The memory could not be read; the episode goes on without it.', { episodeId: id, reason });
        advice = { entries: [], text: '', recall: nothingRecalled(`recall failed: ${reason}`) };
      }
      note = advice.recall;
      return advice;
    },
    call: async (model, prompt, options = {}) => {
      const messages: readonly ChatMessage[] =
        typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt;
      const response = await model.chat({
        ...options,
        prompt: model.capabilities.messages ? messages : textOf(prompt),
      });
      const call = {
        id: newId('call', clock.now()),
        model: model.id,
        newMessages: messages,
        newPromptIds: response.newPromptIds,
        completion: response.text,
        promptTokens: response.promptTokens,
        completionTokens: response.completionTokens,
        tokens: response.tokens,
        recall: note,
      };
      note = undefined;
      openCalls.push(call.id);
      await recorder.modelCall(id, call);
      return response.text;
    },
    step: async (action, answer) => {
      const actionId = await recorder.act(id, { action, callIds: takeCalls() });
      if (answer !== undefined) await recorder.answer(id, actionId, answer);
    },
  };
}

function textOf(prompt: string | readonly ChatMessage[]): string {
  return typeof prompt === 'string' ? prompt : prompt.map(({ content }) => content).join('\n\n');
}
