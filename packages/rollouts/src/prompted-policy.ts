import { type ChatMessage, type ChatModel, type Policy, type PolicyTurn, type Task } from '@skillrl/core';

/** How a benchmark speaks to a chat model. Belongs to the benchmark's folder. */
export interface PromptFormat {
  /** Names the wording: it becomes part of the policy's version. */
  readonly version: string;
  system(task: Task): string;
  first(task: Task, observation: string): string;
  /** What the model is told after an action. */
  next(observation: string): string;
  /** The action in a reply; the whole trimmed reply when it follows no format. */
  parse(reply: string): string;
}

export interface PromptedPolicyOptions {
  /** Default 0.7. */
  readonly temperature?: number;
  /** Most tokens of one reply. Default 256. */
  readonly maxTokens?: number;
}

/**
 * A policy that asks a chat model for each action. Advice stands last in the system message, so that the stable part of the prompt comes
 * first and prompt caches hold.
 */
export function promptedPolicy(model: ChatModel, format: PromptFormat, options: PromptedPolicyOptions = {}): Policy {
  const { temperature = 0.7, maxTokens = 256 } = options;
  return {
    name: `prompted ${model.id}`,
    version: `${model.id}/${format.version}/T${temperature}`,
    async act(turn, { seed, signal }) {
      const messages = conversation(turn, format);
      const parent = turn.steps.at(-1)?.calls.at(-1)?.id;
      const response = await model.chat({
        prompt: messages,
        temperature,
        maxTokens,
        seed,
        signal,
        cacheKey: turn.episodeId,
      });
      const call = {
        id: `${turn.episodeId}.c${turn.steps.length}`,
        parent,
        model: model.id,
        newMessages: parent === undefined ? messages : messages.slice(-1),
        newPromptIds: response.newPromptIds,
        completion: response.text,
        promptTokens: response.promptTokens,
        completionTokens: response.completionTokens,
        tokens: response.tokens,
      };
      return { action: format.parse(response.text), calls: [call] };
    },
    release: (episodeId) => model.release?.(episodeId),
  };
}

function conversation(turn: PolicyTurn, format: PromptFormat): ChatMessage[] {
  const advice = turn.advice === undefined || turn.advice.text === '' ? '' : `\n\n${turn.advice.text}`;
  return [
    { role: 'system', content: `${format.system(turn.task)}${advice}` },
    { role: 'user', content: format.first(turn.task, turn.initialObservation) },
    ...turn.steps.flatMap((step): ChatMessage[] => [
      { role: 'assistant', content: step.calls.at(-1)?.completion ?? step.action },
      { role: 'user', content: format.next(step.observation ?? '') },
    ]),
  ];
}
