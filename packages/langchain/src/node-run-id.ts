import { getConfig } from '@langchain/langgraph';

import { isObject } from './messages.ts';

/** The run of the node in whose hook we are; `undefined` where nobody listens to runs. */
export function nodeRunId(): string | undefined {
  const callbacks = getConfig()?.callbacks;
  return isObject(callbacks) && typeof callbacks['getParentRunId'] === 'function'
    ? (callbacks as unknown as { getParentRunId(): string | undefined }).getParentRunId()
    : undefined;
}
