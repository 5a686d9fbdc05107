import { UnsupportedError, type ChatModel, type ChatRequest } from '@skillrl/core';

import { checkRequest, type CheckedRequest } from './checked-request.ts';
import { openAiClient, type OpenAiClientOptions } from './openai/client.ts';
import { parseReply, type OpenAiReply } from './openai/reply.ts';

export interface OpenAiCompatibleOptions extends Omit<OpenAiClientOptions, 'baseUrl'> {
  /** Up to and with `/v1`. Default `https://api.openai.com/v1`. A user name and password in it are sent, and shown to nobody. */
  readonly baseUrl?: string;
  /** Most tokens of a reply when the request does not say. Default 512. */
  readonly maxTokens?: number;
  /** Whether the server has `/completions`, which continues raw text. Default: yes, unless it is OpenAI's own. */
  readonly rawPrompt?: boolean;
}

const openAi = 'https://api.openai.com/v1';

/**
 * A model behind any server that speaks OpenAI's HTTP interface: messages go to `/chat/completions`, raw text to `/completions`.
 *
 * @throws {ConfigError} `MODEL_URL_INVALID`, `API_KEY_INVALID`
 * @throws on a request {ModelError} `MODEL_UNREACHABLE`, `MODEL_TIMEOUT`, `MODEL_MISSING`, `MODEL_ACCESS_DENIED`, `CONTEXT_OVERFLOW`,
 * `REPLY_INVALID`, `REPLY_INCOMPLETE`, `REPLY_REFUSED`, `MODEL_FAILED`; {UnsupportedError} `CAPABILITY_MISSING` for what the server cannot do.
 */
export function openaiCompatible(options: OpenAiCompatibleOptions): ChatModel {
  const { model, baseUrl = openAi } = options;
  const client = openAiClient({ ...options, baseUrl });
  const isOpenAi = client.baseUrl === openAi;

  const chatModel: ChatModel = {
    id: `openai:${model}@${client.baseUrl}`,
    capabilities: { tokens: false, rawPrompt: options.rawPrompt ?? !isOpenAi, messages: true, jsonSchema: true },
    async chat(request: ChatRequest): Promise<OpenAiReply> {
      const checked = checkRequest(request, chatModel, options);
      const { path, body } = typeof checked.prompt === 'string' ? rawRequest(checked) : messagesRequest(checked);
      return parseReply(await client.post(path, body, checked.signal));
    },
  };

  function messagesRequest({ prompt, jsonSchema, maxTokens, ...request }: CheckedRequest): {
    path: string;
    body: object;
  } {
    const format =
      jsonSchema === undefined
        ? {}
        : { response_format: { type: 'json_schema', json_schema: { name: 'reply', schema: jsonSchema } } };
    // OpenAI's newer models refuse the old name, and most other servers know only that.
    const limit = isOpenAi ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens };
    return { path: '/chat/completions', body: { messages: prompt, ...limit, ...sampling(request), ...format } };
  }

  function rawRequest({ prompt, jsonSchema, maxTokens, ...request }: CheckedRequest): { path: string; body: object } {
    if (jsonSchema !== undefined) {
      throw new UnsupportedError('model', {
        code: 'CAPABILITY_MISSING',
        message: `'${chatModel.id}' cannot keep to a JSON schema while it continues raw text: /completions has no such field.`,
        hint: 'Send a list of messages.',
      });
    }
    return { path: '/completions', body: { prompt, max_tokens: maxTokens, ...sampling(request) } };
  }

  return chatModel;
}

function sampling({ temperature, stop, seed }: Pick<CheckedRequest, 'temperature' | 'stop' | 'seed'>): object {
  return {
    temperature,
    ...(stop.length === 0 ? {} : { stop }),
    ...(seed === undefined ? {} : { seed: seed & 0x7f_ff_ff_ff }),
  };
}
