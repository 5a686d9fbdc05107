import { ModelError } from '@skillrl/core';
import { z } from 'zod';

const choice = z.object({
  finish_reason: z.string().nullish(),
  message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }).optional(),
  text: z.string().optional(),
});

const replySchema = z.object({
  choices: z.array(choice).min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

export interface OpenAiReply {
  readonly text: string;
  readonly finish: 'stop' | 'length';
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/**
 * What `/chat/completions` and `/completions` answer. Servers that count no tokens give 0.
 *
 * @throws {ModelError} `REPLY_INVALID` for another shape, `REPLY_REFUSED` when the model or a filter declined.
 */
export function parseReply(body: unknown): OpenAiReply {
  const parsed = replySchema.safeParse(body);
  const first = parsed.data?.choices[0];
  const text = first?.message?.content ?? first?.text;
  if (first?.message?.refusal || first?.finish_reason === 'content_filter') {
    throw new ModelError({
      code: 'REPLY_REFUSED',
      message: `The model declined: ${first.message?.refusal ?? 'content filter'}.`,
    });
  }
  if (parsed.data === undefined || first === undefined || text === undefined || text === null) {
    throw new ModelError({
      code: 'REPLY_INVALID',
      message: `The server's answer is not one of an OpenAI-compatible server: ${JSON.stringify(body)?.slice(0, 200)}.`,
      hint: 'The base URL usually ends in /v1.',
    });
  }
  return {
    text,
    finish: first.finish_reason === 'length' ? 'length' : 'stop',
    promptTokens: parsed.data.usage?.prompt_tokens ?? 0,
    completionTokens: parsed.data.usage?.completion_tokens ?? 0,
  };
}
