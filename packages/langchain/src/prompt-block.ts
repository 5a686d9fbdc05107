import { HumanMessage, SystemMessage, type BaseMessage } from '@langchain/core/messages';

export interface Prompt {
  readonly systemMessage: SystemMessage;
  readonly messages: BaseMessage[];
}

/** What was made of a system message last: an agent has one, and shows the same block in every call of a run. */
const made = new WeakMap<SystemMessage, { readonly block: string; readonly message: SystemMessage }>();

/** The prompt with the block last in its system message. A system message of text stays one: some models take no blocks of content. */
export function inSystemMessage({ systemMessage, messages }: Prompt, block: string): Prompt {
  const known = made.get(systemMessage);
  if (known?.block === block) return { systemMessage: known.message, messages };
  const message = withBlock(systemMessage, block);
  made.set(systemMessage, { block, message });
  return { systemMessage: message, messages };
}

function withBlock(systemMessage: SystemMessage, block: string): SystemMessage {
  const { content } = systemMessage;
  if (content.length === 0) return new SystemMessage(block);
  const added =
    typeof content === 'string'
      ? new SystemMessage(`\n\n${block}`)
      : new SystemMessage({ content: [{ type: 'text', text: block }] });
  return systemMessage.concat(added);
}

/** The prompt with the block as a message of its own, before the one at `position`. The thread does not keep it. */
export function beforeMessage({ systemMessage, messages }: Prompt, block: string, position: number): Prompt {
  return { systemMessage, messages: messages.toSpliced(position, 0, new HumanMessage(block)) };
}
