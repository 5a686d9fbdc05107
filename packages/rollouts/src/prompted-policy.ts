import { type ChatMessage, type ChatModel, type Policy, type PolicyTurn, SkillError, type Task } from '@skillrl/core';

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
 * first and prompt caches hold. When a prompt does not fit the model's context, the older half of its turns is left out, and stays so: a long
 * episode goes on with what it remembers, as it must, for if it were cut off only the quick and lucky plays would be counted.
 */
export function promptedPolicy(model: ChatModel, format: PromptFormat, options: PromptedPolicyOptions = {}): Policy {
  const { temperature = 0.7, maxTokens = 256 } = options;
  return {
    name: `prompted ${model.id}`,
    version: `${model.id}/${format.version}/T${temperature}`,
    async act(turn, { seed, signal }) {
      const { episodeId, steps } = turn;
      const before = firstTold(steps);
      const { first, messages, response } = await withinContext(before, steps.length, async (from) => {
        const prompt = conversation(turn, format, from);
        const request = { prompt, temperature, maxTokens, seed, signal, cacheKey: episodeId };
        return { first: from, messages: prompt, response: await model.chat(request) };
      });
      const parent = first === before ? steps.at(-1)?.calls.at(-1)?.id : undefined;
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

/** The first turn that the last call's prompt told: read from the call that began that prompt. */
function firstTold(steps: PolicyTurn['steps']): number {
  const at = steps.findLastIndex(({ calls }) => calls.length > 0 && calls.at(-1)?.parent === undefined);
  const begun = steps[at]?.calls.at(-1)?.newMessages.length;
  return begun === undefined ? 0 : Math.max(0, at - Math.floor((begun - 2) / 2));
}

/** Asks from the turn `first` on, and with half as many of `count` turns as long as the prompt does not fit. */
async function withinContext<Answer>(
  first: number,
  count: number,
  ask: (first: number) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask(first);
  } catch (error) {
    const isFull = error instanceof SkillError && error.code === 'CONTEXT_OVERFLOW';
    if (!isFull || first >= count) throw error;
    return withinContext(first + Math.ceil((count - first) / 2), count, ask);
  }
}

function conversation(turn: PolicyTurn, format: PromptFormat, first: number): ChatMessage[] {
  const advice = turn.advice === undefined || turn.advice.text === '' ? '' : `\n\n${turn.advice.text}`;
  return [
    { role: 'system', content: `${format.system(turn.task)}${advice}` },
    { role: 'user', content: format.first(turn.task, turn.initialObservation) },
    ...turn.steps.slice(first).flatMap((step): ChatMessage[] => [
      { role: 'assistant', content: step.calls.at(-1)?.completion ?? step.action },
      { role: 'user', content: format.next(step.observation ?? '') },
    ]),
  ];
}
