import { AIMessage, type BaseMessage, ToolMessage } from '@langchain/core/messages';
import { estimateTokens } from '@skillrl/memory';
import type { ChatMessage } from '@skillrl/core';

const roles: Readonly<Record<string, ChatMessage['role']>> = {
  system: 'system',
  human: 'user',
  ai: 'assistant',
  tool: 'tool',
};

/** A message as episodes keep it: its text, and an assistant's tool calls as lines below it. */
export function chatMessageOf(message: BaseMessage): ChatMessage {
  return { role: roles[message.getType()] ?? 'user', content: textOf(message) };
}

/** The text of a message; tool calls of an assistant stand below it, one a line: `search {"query":"mugs"}`. */
export function textOf(message: BaseMessage): string {
  // Reading `text` of a message whose content is one text costs more than the content itself.
  const text = typeof message.content === 'string' ? message.content : message.text;
  if (!AIMessage.isInstance(message)) return text;
  const calls = (message.tool_calls ?? []).map(actionOf);
  return [...(text === '' ? [] : [text]), ...calls].join('\n');
}

/** A tool call as an episode's action: the tool's name and its arguments. */
export function actionOf({ name, args }: { readonly name: string; readonly args: unknown }): string {
  return `${name} ${jsonOf(args ?? {})}`;
}

/** A value as JSON; what JSON has no form of as a text. */
export function jsonOf(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? String(value)
    );
  } catch {
    return String(value);
  }
}

export interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** What a tool answered; a `Command` answers by the tool messages of its update. */
export function toolAnswerOf(result: unknown): ToolAnswer {
  if (ToolMessage.isInstance(result)) return { text: result.text, isError: result.status === 'error' };
  const answers = updatedMessages(result).filter((message) => ToolMessage.isInstance(message));
  return {
    text: answers.map(({ text }) => text).join('\n'),
    isError: answers.some(({ status }) => status === 'error'),
  };
}

/** What a model said; a `Command` says it in its update. */
export function repliesOf(result: unknown): AIMessage[] {
  return [result, ...updatedMessages(result)].filter((message) => AIMessage.isInstance(message));
}

function updatedMessages(result: unknown): unknown[] {
  const update = isObject(result) ? result['update'] : undefined;
  const messages = Array.isArray(update) ? update : isObject(update) ? update['messages'] : undefined;
  return Array.isArray(messages) ? messages : messages === undefined ? [] : [messages];
}

/** Tokens of a reply as its server counted them, else estimated. */
export function usageOf(
  reply: BaseMessage,
  prompt: readonly BaseMessage[],
): { readonly promptTokens: number; readonly completionTokens: number } {
  const usage = AIMessage.isInstance(reply) ? reply.usage_metadata : undefined;
  return {
    promptTokens: usage?.input_tokens ?? prompt.reduce((sum, message) => sum + tokensOf(message), 0),
    completionTokens: usage?.output_tokens ?? tokensOf(reply),
  };
}

/** Estimates of messages, which come again in the prompt of every later call. */
const estimates = new WeakMap<BaseMessage, number>();

function tokensOf(message: BaseMessage): number {
  let tokens = estimates.get(message);
  if (tokens === undefined) estimates.set(message, (tokens = estimateTokens(textOf(message))));
  return tokens;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Whether a graph stopped to ask somebody. */
export function isPause(error: unknown): boolean {
  return error instanceof Error && error.name === 'GraphInterrupt';
}
