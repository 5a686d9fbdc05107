import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request, as a route sees it. */
export interface WireCall {
  readonly method: string;
  /** Without `/api/v1`. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What is answered: JSON, or bytes. */
export interface WireAnswer {
  readonly status: number;
  readonly body: object | string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection is cut in the middle of the body. */
  readonly isHalf?: boolean;
}

/** Instead of an answer: the connection is cut. */
export type WireReply = WireAnswer | 'cut';

export interface Listening {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Serves one function on the loopback interface. */
export async function listen(
  answer: (call: WireCall) => Promise<WireReply> | WireReply,
  port: number,
): Promise<Listening> {
  const server = createServer((request, response) => {
    serve(answer, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}/api/v1`,
    port: bound,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  answer: (call: WireCall) => Promise<WireReply> | WireReply,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const reply = await answer({
    method: request.method ?? 'GET',
    path: pathname.replace(/^\/api\/v1/, ''),
    authorization: request.headers.authorization,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  });
  if (reply === 'cut') return void response.destroy();
  const isJson = typeof reply.body === 'object' && !Buffer.isBuffer(reply.body);
  const bytes = isJson ? JSON.stringify(reply.body) : (reply.body as string | Buffer);
  const type = isJson ? 'application/json' : 'application/octet-stream';
  response.writeHead(reply.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(bytes),
    ...reply.headers,
  });
  if (reply.isHalf !== true) return void response.end(bytes);
  response.write(bytes.slice(0, bytes.length >> 1), () => response.destroy());
}
