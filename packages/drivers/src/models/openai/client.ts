import { setTimeout as wait } from 'node:timers/promises';

import { boundaryError, isAbort, ModelError, SkillError, systemClock, type Clock } from '@skillrl/core';

import { fetchFailure } from '../../http/fetch-failure.ts';
import { fetchWithRetry } from '../../http/fetch-with-retry.ts';
import { serverAddress } from '../../http/server-address.ts';
import { explainResponse } from './explain-response.ts';

export interface OpenAiClientOptions {
  readonly model: string;
  /** Up to and with `/v1`. A user name and password in it are sent, and shown to nobody. */
  readonly baseUrl: string;
  /** Sent as a bearer token, and to nobody else: it stands in no error and no record. */
  readonly apiKey?: string;
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

/** Requests about one model to a server that speaks OpenAI's HTTP interface. */
export interface OpenAiClient {
  /** Without user name and password. */
  readonly baseUrl: string;
  /**
   * @returns the answer's body, as JSON where it is JSON.
   * @throws {ModelError} `MODEL_UNREACHABLE`, `MODEL_TIMEOUT`, `REPLY_INCOMPLETE`, and what `explainResponse` makes of a refusal; the signal's reason.
   */
  post(path: string, body: object, signal: AbortSignal | undefined): Promise<unknown>;
}

/** @throws {ConfigError} `MODEL_URL_INVALID`, `API_KEY_INVALID` */
export function openAiClient(options: OpenAiClientOptions): OpenAiClient {
  const { model, apiKey, retries = 4, backoffMs = 500, longestWaitMs = 60_000 } = options;
  const { timeoutMs = 300_000, clock = systemClock } = options;
  const { url, authorization } = serverAddress(options.baseUrl, 'MODEL_URL_INVALID', apiKey);

  return {
    baseUrl: url,
    async post(path, body, signal) {
      try {
        const response = await fetchWithRetry(() => send(path, { model, ...body }, signal), {
          retries,
          backoffMs,
          longestWaitMs,
          signal,
          sleep: (ms, aborted) => wait(ms, undefined, { signal: aborted }),
          now: () => clock.now(),
        });
        const text = withoutSecret(await response.text());
        if (!response.ok) throw explainResponse(response.status, text, { model, baseUrl: url });
        return json(text);
      } catch (error) {
        throw signal?.aborted === true ? signal.reason : explained(error);
      }
    },
  };

  function send(path: string, body: object, signal: AbortSignal | undefined): Promise<Response> {
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
      hint: 'Start the server, or correct the address: MODEL@http://host:port/v1.',
      retryable: true,
    });
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
