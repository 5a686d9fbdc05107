import { boundaryError, EmbedderError, InputError, isAbort, SkillError, type Embedder } from '@skillrl/core';

import { fetchFailure } from '../http/fetch-failure.ts';

export interface RemoteLimits {
  /** Most texts in one request. Default 64. */
  readonly batchSize?: number;
  /** How long one request may take. Default 60,000. */
  readonly timeoutMs?: number;
}

export interface RemoteServer extends RemoteLimits {
  /** Names the vectors' space. */
  readonly id: string;
  /** Where it listens, for messages; without secrets. */
  readonly place: string;
  /** What to do when nothing listens there. */
  readonly startHint: string;
  /** One request: a vector a text, same order. */
  request(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]>;
}

/**
 * An embedder behind a server: requests of bounded size one after another, checked and brought to unit length. The server never sees an
 * empty text. The length of the vectors is 0 until the first answer told it.
 */
export function remoteEmbedder(server: RemoteServer): Embedder {
  const { id, place, batchSize = 64 } = server;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InputError({
      code: 'BATCH_SIZE_INVALID',
      message: `batchSize is ${batchSize}, and must be a whole number ≥ 1.`,
    });
  }
  let dimensions = 0;

  async function request(texts: readonly string[], signal: AbortSignal | undefined): Promise<Float32Array[]> {
    const vectors = await answer(server, texts, signal);
    if (vectors.length !== texts.length) throw otherShape(place, `${vectors.length} vectors for ${texts.length} texts`);
    return vectors.map((numbers) => {
      if (dimensions === 0) dimensions = numbers.length;
      if (numbers.length !== dimensions || dimensions === 0) {
        throw otherShape(place, `a vector of ${numbers.length} numbers where ${dimensions} were expected`);
      }
      return unitLength(numbers, place);
    });
  }

  return {
    id,
    get dimensions() {
      return dimensions;
    },
    embed: async (texts, { signal } = {}) => {
      signal?.throwIfAborted();
      const asked = texts.filter((text) => text !== '');
      const vectors: Float32Array[] = [];
      for (let start = 0; start < asked.length; start += batchSize) {
        vectors.push(...(await request(asked.slice(start, start + batchSize), signal)));
      }
      // A zero vector of the right length is due even when every text is empty.
      if (dimensions === 0 && texts.length > 0) await request(['text'], signal);
      const next = vectors.values();
      return texts.map((text) => (text === '' ? new Float32Array(dimensions) : next.next().value!));
    },
  };
}

async function answer(
  server: RemoteServer,
  texts: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly number[])[]> {
  const { place, startHint, timeoutMs = 60_000 } = server;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await server.request(texts, signal === undefined ? timeout : AbortSignal.any([signal, timeout]));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof SkillError) throw error;
    if (isAbort(error)) {
      throw new EmbedderError({
        code: 'EMBEDDER_TIMEOUT',
        message: `The embedder at ${place} gave no answer within ${timeoutMs} ms.`,
        hint: 'Give it more time or smaller batches.',
        retryable: true,
        cause: error,
      });
    }
    if (error instanceof SyntaxError) throw otherShape(place, error.message);
    const failure = fetchFailure(error);
    if (failure === undefined) throw boundaryError('embedder', `embed at ${place}`, error);
    if (failure.kind === 'broken-off') {
      throw new EmbedderError({
        code: 'EMBEDDER_FAILED',
        message: `The embedder at ${place} broke its answer off (${failure.reason}).`,
        retryable: true,
        cause: error,
      });
    }
    throw new EmbedderError({
      code: 'EMBEDDER_UNREACHABLE',
      message: `Nothing that embeds answers at ${place} (${failure.reason}).`,
      hint: startHint,
      retryable: true,
      cause: error,
    });
  }
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

export function otherShape(place: string, what: string): EmbedderError {
  return new EmbedderError({
    code: 'EMBEDDER_SHAPE',
    message: `The embedder at ${place} answered with another shape: ${what}.`,
    hint: 'Check that the address is that of an embedding server and that its model was not exchanged.',
  });
}

function unitLength(numbers: readonly number[], place: string): Float32Array {
  const length = Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0));
  if (!Number.isFinite(length)) throw otherShape(place, 'a number that is not finite');
  return Float32Array.from(numbers, (value) => (length === 0 ? 0 : value / length));
}
