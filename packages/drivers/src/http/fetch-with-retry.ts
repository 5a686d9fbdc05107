import { fetchFailure } from './fetch-failure.ts';

export interface RetryOptions {
  /** How many times more after the first. */
  readonly retries: number;
  /** Wait before the first retry; doubles with each. */
  readonly backoffMs: number;
  /** A server that asks for a longer wait than this is not waited for. */
  readonly longestWaitMs: number;
  readonly signal?: AbortSignal;
  /** Waits; rejects with the signal's reason when it is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Sends a request, again where the server was busy (429, 5xx but 501, which stays) or could not be reached, no sooner than it asks (`Retry-After`).
 *
 * @returns the first response that is not to be retried, or the last one.
 * @throws what the last attempt threw, or the signal's reason.
 */
export async function fetchWithRetry(send: () => Promise<Response>, options: RetryOptions): Promise<Response> {
  const { retries, backoffMs, longestWaitMs, signal, sleep, now } = options;
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await attemptOnce(send);
    if (attempt >= retries || !outcome.isRetryable) return outcome.result();
    const asked = outcome.response === undefined ? undefined : retryAfterMs(outcome.response, now());
    const waitMs = asked ?? backoffMs * 2 ** attempt;
    if (waitMs > longestWaitMs) return outcome.result();
    await outcome.response?.body?.cancel();
    await sleep(waitMs, signal);
  }
}

interface Outcome {
  readonly response?: Response;
  readonly isRetryable: boolean;
  result(): Response;
}

async function attemptOnce(send: () => Promise<Response>): Promise<Outcome> {
  try {
    const response = await send();
    const { status } = response;
    return { response, isRetryable: status === 429 || (status >= 500 && status !== 501), result: () => response };
  } catch (error) {
    return {
      isRetryable: fetchFailure(error)?.kind === 'unreachable',
      result() {
        throw error;
      },
    };
  }
}

/**
 * How long the server asks to wait, in seconds or as a date.
 *
 * Source: RFC 9110, 10.2.3.
 */
export function retryAfterMs(response: Response, now: number): number | undefined {
  const value = response.headers.get('retry-after');
  if (value === null || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
