import type { IncomingMessage } from 'node:http';

/** Most bytes of a request; the longest episode that may be recorded in one has some hundred thousand. */
export const longestBody = 4 * 1024 * 1024;

/** What stands in a request, or the status and the JSON-RPC error to refuse it with. */
export type Body =
  | { readonly value: unknown }
  | { readonly status: number; readonly code: number; readonly message: string };

const tooLong = { status: 413, code: -32_000, message: `A request may have ${longestBody} bytes.` } as const;

/** Reads a request as JSON. Of one that is too long no more is kept than is allowed. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  if (Number(request.headers['content-length'] ?? 0) > longestBody) return tooLong;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > longestBody) return tooLong;
    chunks.push(chunk);
  }
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown };
  } catch {
    return { status: 400, code: -32_700, message: 'Parse error: the request is not JSON.' };
  }
}
