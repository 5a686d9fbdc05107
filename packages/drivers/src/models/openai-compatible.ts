import { setTimeout as wait } from 'node:timers/promises';

import {
  boundaryError,
  isAbort,
  ModelError,
  SkillError,
  systemClock,
  UnsupportedError,
  type ChatModel,
  type ChatRequest,
  type Clock,
} from '@skillrl/core';

import { fetchFailure } from '../http/fetch-failure.ts';
import { serverAddress } from '../http/server-address.ts';
import { checkRequest, type CheckedRequest } from './checked-request.ts';
import { explainResponse } from './openai/explain-response.ts';
import { parseReply, type OpenAiReply } from './openai/reply.ts';
import { fetchWithRetry } from '../http/fetch-with-retry.ts';

export interface OpenAiCompatibleOptions {
  readonly model: string;
  /** Up to and with `/v1`. Default `https://api.openai.com/v1`. A user name and password in it are sent, and shown to nobody. */
  readonly baseUrl?: string;
  /** Sent as a bearer token, and to nobody else: it stands in no error and no record. */
  readonly apiKey?: string;
  /** Most tokens of a reply when the request does not say. Default 512. */
  readonly maxTokens?: number;
  /** Whether the server has `/completions`, which continues raw text. Default: yes, unless it is OpenAI's own. */
  readonly rawPrompt?: boolean;
  /** How many times a request is sent again when the server is busy or cannot be reached. Default 4. */
  readonly retries?: number;
  /** Wait before the first retry in milliseconds, doubled with each; a server's `Retry-After` comes first. Default 500. */
  readonly backoffMs?: number;
  /** A server that asks for a longer wait than this, in milliseconds, is not waited for. Default 60,000. */
  readonly longestWaitMs?: number;
  /** How long one attempt may take, reply included; it is not made again. Default, and most that Node waits, 300,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
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
  const { model, baseUrl = openAi, apiKey, retries = 4, backoffMs = 500, longestWaitMs = 60_000 } = options;
  const { timeoutMs = 300_000, clock = systemClock } = options;
  const { url, authorization } = serverAddress(baseUrl, 'MODEL_URL_INVALID', apiKey);
  const place = { model, baseUrl: url };
  const isOpenAi = url === openAi;

  const chatModel: ChatModel = {
    id: `openai:${model}@${place.baseUrl}`,
    capabilities: { tokens: false, rawPrompt: options.rawPrompt ?? !isOpenAi, messages: true, jsonSchema: true },
    async chat(request: ChatRequest): Promise<OpenAiReply> {
      const checked = checkRequest(request, chatModel, options);
      const { path, body } = typeof checked.prompt === 'string' ? rawRequest(checked) : messagesRequest(checked);
      try {
        const response = await fetchWithRetry(() => post(path, { model, ...body }, checked.signal), {
          retries,
          backoffMs,
          longestWaitMs,
          signal: checked.signal,
          sleep: (ms, signal) => wait(ms, undefined, { signal }),
          now: () => clock.now(),
        });
        const text = withoutSecret(await response.text());
        if (!response.ok) throw explainResponse(response.status, text, place);
        return parseReply(json(text));
      } catch (error) {
        throw checked.signal?.aborted === true ? checked.signal.reason : explained(error);
      }
    },
  };

  function post(path: string, body: object, signal: AbortSignal | undefined): Promise<Response> {
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (authorization !== undefined) headers['authorization'] = authorization;
    const timeout = AbortSignal.timeout(timeoutMs);
    return fetch(`${url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
  }

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

  /** Some servers repeat the key they were sent when they refuse it. */
  function withoutSecret(text: string): string {
    return apiKey === undefined || apiKey === '' ? text : text.replaceAll(apiKey, '[key]');
  }

  function explained(error: unknown): unknown {
    if (error instanceof SkillError) return error;
    const failure = fetchFailure(error);
    if (isAbort(error) || failure?.kind === 'too-slow') {
      return new ModelError({
        code: 'MODEL_TIMEOUT',
        message: `${url} gave no whole answer of '${model}' within ${timeoutMs} ms.`,
        hint: 'Give it more time, or ask for fewer tokens.',
        retryable: true,
      });
    }
    if (failure === undefined) return boundaryError('model', `ask '${model}' at ${url}`, error);
    if (failure.kind === 'broken-off') {
      return new ModelError({
        code: 'REPLY_INCOMPLETE',
        message: `${url} broke the reply of '${model}' off (${failure.reason}).`,
        retryable: true,
      });
    }
    return new ModelError({
      code: 'MODEL_UNREACHABLE',
      message: `Nothing answers at ${url} (${failure.reason}).`,
      hint: 'Start the server, or correct the address: openai:MODEL@http://host:port/v1.',
      retryable: true,
    });
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

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
