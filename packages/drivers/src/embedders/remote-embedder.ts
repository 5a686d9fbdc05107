import { setTimeout as wait } from 'node:timers/promises';
import { boundaryError, EmbedderError, isAbort, SkillError, type Embedder } from '@skillrl/core';

import { fetchFailure } from '../http/fetch-failure.ts';
import { fetchWithRetry } from '../http/fetch-with-retry.ts';
import type { SendRequest } from '../models/ollama/connect.ts';
import { checkedEmbedder, otherShape } from './checked-embedder.ts';

export interface RemoteLimits {
  /** Most texts in one request. Default 64. */
  readonly batchSize?: number;
  /** How long one attempt may take. Default 60,000. */
  readonly timeoutMs?: number;
  /** How many times more a request is sent when the server is busy (429, 5xx) or not there. Default 3. */
  readonly retries?: number;
  /** Wait before the first retry, unless the server asks for another (`Retry-After`); doubles with each. Default 250. */
  readonly backoffMs?: number;
  /** A server that asks for a longer wait than this is not waited for. Default 60,000. */
  readonly longestWaitMs?: number;
}

export interface RemoteServer extends RemoteLimits {
  /** Names the vectors' space. */
  readonly id: string;
  /** Where it listens, for messages; without secrets. */
  readonly place: string;
  /** What to do when nothing listens there. */
  readonly startHint: string;
  /** One request, sent by `send`: a vector a text, same order. */
  request(texts: readonly string[], send: SendRequest): Promise<readonly (readonly number[])[]>;
}

/** An embedder behind a server, which never sees an empty text. The length of the vectors is 0 until the first answer told it. */
export function remoteEmbedder(server: RemoteServer): Embedder {
  const { id, place, batchSize = 64, retries = 3, backoffMs = 250, longestWaitMs = 60_000 } = server;
  const { timeoutMs = 60_000 } = server;
  return checkedEmbedder({
    id,
    place,
    batchSize,
    request: async (texts, { signal }) => {
      const send: SendRequest = (attempt) =>
        fetchWithRetry(() => attempt(either(signal, AbortSignal.timeout(timeoutMs))), {
          retries,
          backoffMs,
          longestWaitMs,
          signal,
          sleep: (ms, stop) => wait(ms, undefined, { signal: stop }),
          now: () => Date.now(),
        });
      try {
        return await server.request(texts, send);
      } catch (error) {
        signal?.throwIfAborted();
        throw explained(error, server, timeoutMs);
      }
    },
  });
}

function either(signal: AbortSignal | undefined, timeout: AbortSignal): AbortSignal {
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

function explained(error: unknown, { place, startHint }: RemoteServer, timeoutMs: number): unknown {
  if (error instanceof SkillError) return error;
  if (isAbort(error)) {
    return new EmbedderError({
      code: 'EMBEDDER_TIMEOUT',
      message: `The embedder at ${place} gave no answer within ${timeoutMs} ms.`,
      hint: 'Give it more time or smaller batches.',
      retryable: true,
      cause: error,
    });
  }
  if (error instanceof SyntaxError) return otherShape(place, error.message);
  const failure = fetchFailure(error);
  if (failure === undefined) return boundaryError('embedder', `embed at ${place}`, error);
  if (failure.kind === 'broken-off') {
    return new EmbedderError({
      code: 'EMBEDDER_FAILED',
      message: `The embedder at ${place} broke its answer off (${failure.reason}).`,
      retryable: true,
      cause: error,
    });
  }
  return new EmbedderError({
    code: 'EMBEDDER_UNREACHABLE',
    message: `Nothing that embeds answers at ${place} (${failure.reason}).`,
    hint: startHint,
    retryable: true,
    cause: error,
  });
}

/** The error of a server's refusal. */
export function refusal(status: number, reason: string, { place, model, getHint }: RefusedModel): EmbedderError {
  if (status === 401 || status === 403) {
    return new EmbedderError({
      code: 'EMBEDDER_ACCESS_DENIED',
      message: `${place} refuses access to '${model}' (${status}): ${reason}`,
      hint: 'Check the API key and what it may use.',
    });
  }
  if (status === 404) {
    return new EmbedderError({
      code: 'EMBEDDER_MODEL_MISSING',
      message: `${place} has no model '${model}', or no such address (404): ${reason}`,
      hint: getHint,
    });
  }
  if (status === 501 || /does not support embed/i.test(reason)) {
    return new EmbedderError({
      code: 'EMBEDDER_MODEL_CANNOT_EMBED',
      message: `The model '${model}' at ${place} cannot embed: ${reason}`,
      hint: 'Choose a model made for embedding, such as nomic-embed-text.',
    });
  }
  return new EmbedderError({
    code: 'EMBEDDER_FAILED',
    message: `${place} could not embed with '${model}' (${status}): ${reason}`,
    retryable: status === 429 || status >= 500,
  });
}

export interface RefusedModel {
  readonly place: string;
  readonly model: string;
  /** How to get a model that is missing. */
  readonly getHint: string;
}
