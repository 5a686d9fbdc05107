import { type ChatModel, type ModelCall, type Policy, type PolicyTurn, UnsupportedError } from '@skillrl/core';

import { compactObservation } from './compact-observation.ts';
import { compactTask } from './compact-task.ts';
import { compactLines, compactRenderer } from './compact-renderer.ts';
import { firstTurnThatFits, parseConfidence, renderHead, renderPrompt } from './transcript.ts';

export interface CompactPolicyOptions {
  /** Default 0.7: greedy play repeats itself in loops. */
  readonly temperature?: number;
  /** Words and line ends a prompt may have before its oldest turns are dropped. Default 940, which stays below 1,024 tokens. */
  readonly promptLimit?: number;
  /** Whether the policy states its chance of success before the first action. Default true. */
  readonly statesConfidence?: boolean;
}

/** Most tokens of one action; the longest of the closed language takes 11. */
const actionTokens = 24;

/**
 * The policy of the built-in model: plays from the compact text it was trained on, and reads entries in their short machine forms.
 *
 * @throws {UnsupportedError} `RAW_PROMPT_MISSING` when the model cannot continue raw text.
 */
export function compactPolicy(model: ChatModel, options: CompactPolicyOptions = {}): Policy {
  const { temperature = 0.7, promptLimit = 940, statesConfidence = true } = options;
  if (!model.capabilities.rawPrompt) {
    throw new UnsupportedError('model', {
      code: 'RAW_PROMPT_MISSING',
      message: `The model '${model.id}' only takes chat messages, and the compact policy continues raw text.`,
      hint: 'Use promptedPolicy for chat models.',
    });
  }

  const ask = async (
    turn: PolicyTurn,
    index: number,
    prompt: string,
    before: string | undefined,
    seed: number,
    signal?: AbortSignal,
  ): Promise<ModelCall> => {
    // Both texts end where the model wrote a line end, or the window or an odd action broke the thread: then the whole prompt is new.
    const continues = before !== undefined && prompt.startsWith(`${before}\n`);
    if (before !== undefined && !continues) model.release?.(turn.episodeId);
    const response = await model.chat({
      prompt,
      temperature,
      maxTokens: index === 0 && statesConfidence && turn.steps.length === 0 ? 4 : actionTokens,
      stop: ['\n'],
      seed,
      cacheKey: turn.episodeId,
      signal,
    });
    return {
      id: `${turn.episodeId}.c${index}`,
      parent: continues ? `${turn.episodeId}.c${index - 1}` : undefined,
      model: model.id,
      newMessages: [{ role: 'user', content: continues ? prompt.slice(before.length) : prompt }],
      newPromptIds: response.newPromptIds,
      completion: response.text,
      promptTokens: response.promptTokens,
      completionTokens: response.completionTokens,
      tokens: response.tokens,
      confidence: parseConfidence(response.text),
    };
  };

  return {
    name: 'compact',
    version: `${model.id}/compact-2/T${temperature}${statesConfidence ? '' : '/silent'}`,
    async act(turn, { seed, signal }) {
      const head = headOf(turn);
      const calls: ModelCall[] = [];
      let stated = turn.steps[0]?.calls[0]?.confidence === undefined ? '' : `${turn.steps[0].calls[0].completion}\n`;
      if (turn.steps.length === 0 && statesConfidence) {
        const call = await ask(turn, 0, head, undefined, seed, signal);
        calls.push(call);
        if (call.confidence !== undefined) stated = `${call.completion}\n`;
      }
      const prompt = promptOf(head, stated, turn.steps, promptLimit);
      const index = turn.steps.reduce((count, step) => count + step.calls.length, calls.length);
      const call = await ask(
        turn,
        index,
        prompt,
        previousText(turn, calls, head, stated, promptLimit),
        seed ^ 0x5bd1e995,
        signal,
      );
      return { action: call.completion.trim(), calls: [...calls, call] };
    },
    release: (episodeId) => model.release?.(episodeId),
  };
}

function headOf(turn: PolicyTurn): string {
  return renderHead(
    compactTask(turn.task.instruction, turn.initialObservation),
    compactLines(turn.advice?.entries ?? []),
  );
}

/** The prompt for the next action: the oldest turns, and the stated confidence, fall out when the context is full. */
function promptOf(head: string, stated: string, steps: PolicyTurn['steps'], limit: number): string {
  const turns = steps.map((step) => ({ action: step.action, observation: compactObservation(step.observation ?? '') }));
  let first = 0;
  if (compactRenderer.countTokens(renderPrompt(head, stated, turns)) > limit) {
    for (let count = 1; count <= turns.length; count += 1)
      first = firstTurnThatFits(head, turns.slice(0, count), first, limit, compactRenderer.countTokens);
  }
  return renderPrompt(head, first === 0 ? stated : '', turns, first);
}

/** What the previous call's prompt and completion were together; the next prompt continues it unless the window moved. */
function previousText(
  turn: PolicyTurn,
  calls: readonly ModelCall[],
  head: string,
  stated: string,
  limit: number,
): string | undefined {
  const before = calls.at(-1);
  if (before !== undefined) return head + before.completion;
  const last = turn.steps.at(-1)?.calls.at(-1);
  return last === undefined ? undefined : promptOf(head, stated, turn.steps.slice(0, -1), limit) + last.completion;
}
