import { ModelError } from '@skillrl/core';

import { beforeStop } from '../stop-text.ts';

/** What a line of Ollama's stream holds, in `generate` and `chat` alike. */
export interface ReplyPart {
  readonly text: string;
  readonly done: boolean;
  readonly doneReason?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly logprobs?: readonly { readonly logprob: number; readonly bytes?: readonly number[] }[];
}

export interface Reply {
  readonly text: string;
  readonly finish: 'stop' | 'length';
  /** Absent when we ended the reply: the server tells its counts with its last word. */
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly logprobs: readonly { readonly logprob: number; readonly bytes?: readonly number[] }[];
}

/**
 * Puts a streamed reply together. It ends with the server's last line, or after the token that completes a stop text.
 *
 * @throws {ModelError} `REPLY_INCOMPLETE` when the stream ends without `done`: Ollama cuts off a model that repeats itself.
 */
export async function readReply(parts: AsyncIterable<ReplyPart>, stop: readonly string[]): Promise<Reply> {
  let text = '';
  const logprobs: Reply['logprobs'][number][] = [];
  for await (const part of parts) {
    text += part.text;
    logprobs.push(...(part.logprobs ?? []));
    const { promptTokens, completionTokens } = part;
    const stopped = beforeStop(text, stop);
    if (stopped !== undefined) return { text: stopped, finish: 'stop', promptTokens, completionTokens, logprobs };
    if (part.done) {
      const finish = part.doneReason === 'length' ? 'length' : 'stop';
      return { text, finish, promptTokens, completionTokens, logprobs };
    }
  }
  throw new ModelError({
    code: 'REPLY_INCOMPLETE',
    message: `Ollama broke the reply off after ${JSON.stringify(text.slice(-40))} without saying that it is done.`,
    hint: 'A model that repeats itself is cut off so: try another seed or model.',
    retryable: true,
  });
}
