import type { ChatMessage } from '@skillrl/core';
import type { ChatHistoryItem, ChatWrapper, LlamaModel } from 'node-llama-cpp';

export interface RenderedChat {
  readonly ids: readonly number[];
  /** Texts that end the model's turn in this template, where no token of their own does. */
  readonly turnEnds: readonly string[];
}

/** Puts a conversation into the model's own chat template. What messages say never becomes a control token. */
export function renderChat(wrapper: ChatWrapper, model: LlamaModel, messages: readonly ChatMessage[]): RenderedChat {
  const chatHistory: ChatHistoryItem[] = [...messages.map(historyItem), { type: 'model', response: [] }];
  const { contextText, stopGenerationTriggers } = wrapper.generateContextState({ chatHistory });
  return {
    ids: contextText.tokenize(model.tokenizer),
    turnEnds: stopGenerationTriggers.flatMap((trigger) => {
      const parts = trigger.values.map((part) =>
        typeof part === 'string' ? part : isControlToken(part) ? '' : part.value,
      );
      return parts.includes('') ? [] : [parts.join('')];
    }),
  };
}

function isControlToken(part: { toJSON(): { readonly type: string } }): boolean {
  return part.toJSON().type === 'specialToken';
}

function historyItem({ role, content }: ChatMessage): ChatHistoryItem {
  switch (role) {
    case 'system':
      return { type: 'system', text: content };
    case 'assistant':
      return { type: 'model', response: [content] };
    case 'user':
    case 'tool':
      return { type: 'user', text: content };
    default:
      return role satisfies never;
  }
}
