import { setTimeout as wait } from 'node:timers/promises';

import { isAbort, TrainerError } from '@skillrl/core';
import type { z } from 'zod';

import { fetchFailure } from '../../http/fetch-failure.ts';
import { retryAfterMs } from '../../http/fetch-with-retry.ts';
import { explainRefusal } from './explain-refusal.ts';
import { futureReply } from './replies.ts';

export interface WireOptions {
  /** Without a slash at its end. */
  readonly url: string;
  readonly authorization?: string;
  /** How long a trainer that answers no longer is asked again, by all calls together; and one that is busy, by each. */
  readonly reconnectMs: number;
  /** How long a computation may take. */
  readonly resultMs: number;
  /** Wait before the first repetition; doubles up to `longestWaitMs`. */
  readonly backoffMs: number;
  readonly longestWaitMs: number;
  readonly pollSeconds?: number;
}

export interface PostOptions {
  /** A call that may have been carried out although no answer came can be made again without harm. */
  readonly repeatable: boolean;
}

/** Requests to one trainer. Throws `TrainerError` only. */
export interface Wire {
  post<Reply>(route: string, body: object, reply: z.ZodType<Reply>, options: PostOptions): Promise<Reply>;
  /** Posts, and waits for the result. A result that a restart took is asked for once more by the same call. */
  compute<Reply>(route: string, body: object, reply: z.ZodType<Reply>, options: PostOptions): Promise<Reply>;
  /** Waits for the result of a call that was accepted. */
  result<Reply>(route: string, requestId: string, reply: z.ZodType<Reply>): Promise<Reply>;
  /** Takes away what stands at a route. May be carried out twice. */
  remove(route: string): Promise<void>;
  /** A body of any length; `take` begins anew when it broke off. */
  download(route: string, take: (body: ReadableStream<Uint8Array>) => Promise<void>): Promise<void>;
}

/** One answer may take so long beyond what the server was asked to hold it back. */
const answerMs = 120_000;

/** The one try of a trainer that was given up: it may be back. */
const tryMs = 5_000;

/** A trainer that never answered is asked again for no longer: its address may be wrong. */
const firstAnswerMs = 15_000;

export function tinkerWire(options: WireOptions): Wire {
  const { url, authorization, reconnectMs, resultMs, backoffMs, longestWaitMs, pollSeconds } = options;
  const headers = authorization === undefined ? {} : { authorization };
  const backoff = (attempt: number): number => Math.min(backoffMs * 2 ** attempt, longestWaitMs);

  /** Until when a trainer that is silent is asked again: once that has passed, every call tries once until there is an answer. */
  let silentUntil: number | undefined;
  let patienceMs = Math.min(reconnectMs, firstAnswerMs);

  /** Sends until there is an answer; one that says "later" is none. */
  async function send<Body>(request: WireRequest<Body>): Promise<Answer<Body>> {
    const { route, isRepeatable } = request;
    const busyUntil = Date.now() + reconnectMs;
    for (let attempt = 0; ; attempt += 1) {
      const asked = Date.now();
      const isGivenUp = silentUntil !== undefined && asked > silentUntil;
      const timeoutMs = isGivenUp ? Math.min(request.timeoutMs, tryMs) : request.timeoutMs;
      const { answer, error } = await attemptOnce(url, { ...request, timeoutMs });
      silentUntil = answer === undefined ? (silentUntil ?? asked + patienceMs) : undefined;
      if (answer !== undefined) patienceMs = reconnectMs;
      const isLater = answer === undefined ? isRepeatable || neverSent(error) : isBusy(answer.response.status);
      if (answer !== undefined && !isLater) return answer;
      const waitMs = (answer === undefined ? undefined : retryAfterMs(answer.response, Date.now())) ?? backoff(attempt);
      if (!isLater || Date.now() + waitMs > (silentUntil ?? busyUntil)) {
        if (answer !== undefined) return answer;
        if (isLater) silentUntil = 0;
        throw unreachable(route, url, error);
      }
      await wait(waitMs);
    }
  }

  const posting = (body: object): RequestInit => ({
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  async function post<Reply>(
    route: string,
    body: object,
    reply: z.ZodType<Reply>,
    { repeatable }: PostOptions,
  ): Promise<Reply> {
    const init = posting(body);
    return parsed(route, await send({ route, init, isRepeatable: repeatable, timeoutMs: answerMs, read: text }), reply);
  }

  async function result<Reply>(route: string, requestId: string, reply: z.ZodType<Reply>): Promise<Reply> {
    const until = Date.now() + resultMs;
    const held = pollSeconds === undefined ? {} : { timeout_seconds: Math.min(pollSeconds, resultMs / 1000) };
    const init = posting({ request_id: requestId, ...held });
    const timeoutMs = (pollSeconds ?? 0) * 1000 + answerMs;
    for (let attempt = 0; ; attempt += 1) {
      const asked = Date.now();
      const answer = await send({ route: '/retrieve_future', init, isRepeatable: true, timeoutMs, read: text });
      const { status } = answer.response;
      if (status !== 408) return parsed(status === 404 ? '/retrieve_future' : route, answer, reply);
      // A server that held the question back has waited for us.
      const waitMs = Math.max(0, backoff(attempt) - (Date.now() - asked));
      if (Date.now() + waitMs > until) throw tooSlow(route, resultMs);
      await wait(waitMs);
    }
  }

  return {
    post,
    result,
    async compute(route, body, reply, postOptions) {
      const { request_id: requestId } = await post(route, body, futureReply, postOptions);
      try {
        return await result(route, requestId, reply);
      } catch (error) {
        if (!(error instanceof TrainerError) || error.code !== 'FUTURE_UNKNOWN' || !postOptions.repeatable) throw error;
        const again = await post(route, body, futureReply, postOptions);
        return result(route, again.request_id, reply);
      }
    },
    async remove(route) {
      const init = { method: 'DELETE', headers };
      const answer = await send({ route, init, isRepeatable: true, timeoutMs: answerMs, read: text });
      if (!answer.response.ok) throw explainRefusal(route, answer.response.status, answer.body);
    },
    async download(route, take) {
      const read = async (response: Response): Promise<string> => {
        if (!response.ok || response.body === null) return response.text();
        await take(response.body);
        return '';
      };
      const answer = await send({ route, init: { headers }, isRepeatable: true, timeoutMs: resultMs, read });
      if (!answer.response.ok) throw explainRefusal(route, answer.response.status, answer.body);
    },
  };
}

interface WireRequest<Body> {
  readonly route: string;
  readonly init: RequestInit;
  readonly isRepeatable: boolean;
  readonly timeoutMs: number;
  readonly read: (response: Response) => Promise<Body>;
}

/** A response that was read to its end. */
interface Answer<Body> {
  readonly response: Response;
  readonly body: Body;
}

async function attemptOnce<Body>(
  url: string,
  { route, init, timeoutMs, read }: WireRequest<Body>,
): Promise<{ readonly answer?: Answer<Body>; readonly error?: unknown }> {
  try {
    const response = await fetch(`${url}${route}`, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    return { answer: { response, body: await read(response) } };
  } catch (error) {
    if (fetchFailure(error) === undefined && !isAbort(error)) throw error;
    return { error };
  }
}

const text = (response: Response): Promise<string> => response.text();

function isBusy(status: number): boolean {
  return status === 429 || status === 503;
}

/** Nothing listened, so nothing was carried out. */
function neverSent(error: unknown): boolean {
  return fetchFailure(error)?.reason === 'ECONNREFUSED';
}

function parsed<Reply>(route: string, { response, body }: Answer<string>, reply: z.ZodType<Reply>): Reply {
  if (!response.ok) throw explainRefusal(route, response.status, body);
  const read = reply.safeParse(jsonOf(body));
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new TrainerError({
    code: 'REPLY_INVALID',
    message: `The trainer's answer to ${route} cannot be read: ${issue?.path.join('.') || 'it'}: ${issue?.message ?? ''}.`,
    hint: 'Does the dialect fit the server, and its version?',
    cause: read.error,
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unreachable(route: string, url: string, error: unknown): TrainerError {
  const reason = fetchFailure(error)?.reason ?? 'no answer in time';
  return new TrainerError({
    code: 'TRAINER_UNREACHABLE',
    message: `The trainer at ${url} gave no answer to ${route} (${reason}).`,
    hint: 'Start it, with skillrl trainer start for our own, or correct the address.',
    retryable: true,
    cause: error,
  });
}

function tooSlow(route: string, resultMs: number): TrainerError {
  return new TrainerError({
    code: 'TRAINER_TIMEOUT',
    message: `The trainer has not finished ${route} within ${Math.round(resultMs / 1000)} seconds.`,
    hint: 'Make the same call again to go on waiting, or give it more time.',
    retryable: true,
  });
}
