import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const jsonType = 'application/json; charset=utf-8';
export const plainJsonType = 'application/json';
export const linesType = 'application/x-ndjson';

/** One request, as a route sees it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** What stood in the path in the place of `:name`. */
  readonly params: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

/** What a route answers: a whole body, or lines as they come. */
export type Answer =
  | { readonly status: number; readonly contentType?: string; readonly body?: unknown }
  | { readonly contentType: string; readonly lines: AsyncIterable<string> };

/** A refusal with Ollama's status and text. */
export class WireError extends Error {
  readonly status: number;
  readonly contentType: string;

  constructor(status: number, message: string, contentType = jsonType) {
    super(message);
    this.status = status;
    this.contentType = contentType;
  }
}

export interface Route {
  readonly method: string;
  /** Such as `/v1/models/:name`; the last name takes the rest of the path. */
  readonly path: string;
  readonly answer: (call: Call) => Promise<Answer> | Answer;
}

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the routes on the loopback interface. */
export async function listen(routes: readonly Route[], port: number): Promise<Listening> {
  const server = createServer((request, response) => {
    // A route's own failure is an answer; what is left is a client that went away.
    serve(routes, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(routes: readonly Route[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  const { method = 'GET' } = request;
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);

  const found = routes
    .map((route) => ({ route, params: match(route, method, path) }))
    .find(({ params }) => params !== undefined);
  if (found?.params === undefined)
    return void response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
  const call: Call = { method, path, params: found.params, bytes: Buffer.concat(chunks), signal: left.signal };
  await write(response, await answerOrError(found.route, call));
}

function match({ method, path: pattern }: Route, method_: string, path: string): Record<string, string> | undefined {
  if (method !== method_) return undefined;
  const [fixed = '', name] = pattern.split(':');
  if (name === undefined) return path === fixed ? {} : undefined;
  return path.startsWith(fixed) && path.length > fixed.length ? { [name]: path.slice(fixed.length) } : undefined;
}

async function answerOrError(route: Route, call: Call): Promise<Answer> {
  try {
    return await route.answer(call);
  } catch (error) {
    const status = error instanceof WireError ? error.status : 500;
    const message = error instanceof Error ? error.message : String(error);
    if (route.path.startsWith('/v1/')) return openAiError(status, message);
    return { status, contentType: error instanceof WireError ? error.contentType : jsonType, body: { error: message } };
  }
}

function openAiError(status: number, message: string): Answer {
  const type = status === 404 ? 'not_found_error' : status === 400 ? 'invalid_request_error' : 'api_error';
  return { status, contentType: plainJsonType, body: { error: { message, type, param: null, code: null } } };
}

async function write(response: ServerResponse, answer: Answer): Promise<void> {
  if ('lines' in answer) {
    response.writeHead(200, { 'content-type': answer.contentType });
    for await (const line of answer.lines) response.write(line);
    response.end();
    return;
  }
  const { status, contentType, body } = answer;
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  response.writeHead(status, { ...type, 'content-length': Buffer.byteLength(text) }).end(text);
}

/** The request's body as an object. @throws {WireError} with Ollama's words for an empty or broken one. */
export function jsonBody({ bytes }: Call): Record<string, unknown> {
  if (bytes.length === 0) throw new WireError(400, 'missing request body');
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new WireError(400, 'unexpected EOF');
  }
}

/** Objects as lines of JSON; an error on the way is the last of them. */
export async function* jsonLines(objects: AsyncIterable<object>): AsyncIterable<string> {
  try {
    for await (const object of objects) yield `${JSON.stringify(object)}\n`;
  } catch (error) {
    yield `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`;
  }
}

/** The text under a key, or nothing. */
export function textOf(body: Readonly<Record<string, unknown>>, key: string): string {
  const value = body[key];
  return typeof value === 'string' ? value : '';
}
