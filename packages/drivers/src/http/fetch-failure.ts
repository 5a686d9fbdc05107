/** What became of a request that `fetch` could not finish. */
export interface FetchFailure {
  /** `unreachable`: no answer began; `broken-off`: it ended in its middle; `too-slow`: Node itself waits no longer than five minutes. */
  readonly kind: 'unreachable' | 'broken-off' | 'too-slow';
  /** Such as `ECONNREFUSED`: `fetch` says only "fetch failed", and its cause knows more. */
  readonly reason: string;
}

/** What `fetch`, or the reading of its body, failed of; `undefined` for an error of another kind. */
export function fetchFailure(error: unknown): FetchFailure | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const cause = error.cause as { readonly code?: string; readonly message?: string } | undefined;
  const reason = cause?.code ?? cause?.message ?? error.message;
  const isSlow = reason === 'UND_ERR_HEADERS_TIMEOUT' || reason === 'UND_ERR_BODY_TIMEOUT';
  return { kind: isSlow ? 'too-slow' : error.message === 'terminated' ? 'broken-off' : 'unreachable', reason };
}
