import { ModelError } from '@skillrl/core';
import type { Ollama } from 'ollama';

import { serverAddress, type ServerAddress } from '../../http/server-address.ts';

/**
 * Where Ollama listens. As in `OLLAMA_HOST`, which is written for the server, the scheme may be missing, the port is then 11434 unless it
 * is given, and 0.0.0.0 means every address of this machine.
 *
 * @throws {ConfigError} `OLLAMA_HOST_INVALID`
 */
export function ollamaAddress(host = '127.0.0.1'): ServerAddress {
  const withScheme = host.includes('://') ? host : `http://${/:\d+(?:\/|$)/.test(host) ? host : `${host}:11434`}`;
  return serverAddress(withScheme.replace(/(\/\/|@)0\.0\.0\.0(?=[:/]|$)/, '$1127.0.0.1'), 'OLLAMA_HOST_INVALID');
}

/** Sends a request by attempts, each under a signal of its own. */
export type SendRequest = (attempt: (signal: AbortSignal | undefined) => Promise<Response>) => Promise<Response>;

/**
 * A client for one request: the npm client can only give up all its requests at once.
 *
 * @param send - makes the attempts, each with the signal it gets. Default: one, with the signal.
 * @throws {ModelError} `OLLAMA_CLIENT_MISSING`
 */
export async function connect(
  { url, authorization }: ServerAddress,
  signal: AbortSignal | undefined,
  send: SendRequest = (attempt) => attempt(signal),
): Promise<Ollama> {
  const { Ollama } = await loadClient();
  return new Ollama({
    host: url,
    ...(authorization === undefined ? {} : { headers: { authorization } }),
    fetch: (input, init) => send((own) => quietFetch(input, { ...init, signal: either(init?.signal, own) })),
  });
}

async function loadClient(): Promise<typeof import('ollama')> {
  try {
    return await import('ollama');
  } catch (error) {
    throw new ModelError({
      code: 'OLLAMA_CLIENT_MISSING',
      message: "Talking to Ollama needs the package 'ollama', which is not installed.",
      hint: 'npm install ollama@0.6.4',
      cause: error,
    });
  }
}

/** The client prints to the console when an error does not come as JSON, such as a proxy's page: it gets JSON. */
async function quietFetch(input: string | URL | Request, init: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  if (response.ok || response.headers.get('content-type')?.includes('application/json') === true) return response;
  const error = (await response.text()).slice(0, 500) || `${response.status} ${response.statusText}`;
  const retryAfter = response.headers.get('retry-after');
  const headers = retryAfter === null ? {} : { 'retry-after': retryAfter };
  return Response.json({ error }, { status: response.status, headers });
}

/** The status of a refusal by the server, as the client reports it. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { readonly status_code?: unknown } | undefined)?.status_code;
  return typeof status === 'number' ? status : undefined;
}

function either(a: AbortSignal | null | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  if (b === undefined) return a ?? undefined;
  return a === null || a === undefined ? b : AbortSignal.any([a, b]);
}
