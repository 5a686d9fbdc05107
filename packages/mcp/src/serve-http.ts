import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { randomUUID, timingSafeEqual, createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { ConfigError } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';

import { bankServer } from './bank-server.ts';

export interface ServeHttpOptions {
  /** Default `127.0.0.1`. Another than a loopback address needs `tokens`. */
  readonly host?: string;
  /** 0 takes a free one. Default 7333. */
  readonly port?: number;
  /** Bearer tokens and the tenant of each. Without them everybody who reaches the port is the memory's own tenant. */
  readonly tokens?: Readonly<Record<string, string>>;
  /** Names under which clients may call the server, beside loopback names, against DNS rebinding. */
  readonly allowedHosts?: readonly string[];
  /** Sessions that were silent for longer are closed, in milliseconds. Default half an hour. */
  readonly idleMs?: number;
}

export interface HttpServer {
  /** `http://127.0.0.1:7333/mcp`. */
  readonly url: string;
  close(): Promise<void>;
}

interface Session {
  readonly transport: StreamableHTTPServerTransport;
  readonly namespace: string;
  lastUsed: number;
}

const shortestToken = 16;
const mostSessions = 1_000;

/**
 * Serves banks over streamable HTTP at `/mcp`: a session a client, a tenant a token.
 *
 * @throws {ConfigError} `MCP_PUBLIC_WITHOUT_TOKEN`, `MCP_TOKEN_SHORT`, `MCP_CANNOT_LISTEN`.
 */
export async function serveHttp(memory: Memory, options: ServeHttpOptions = {}): Promise<HttpServer> {
  const { host = '127.0.0.1', port = 7333, tokens = {}, allowedHosts = [], idleMs = 1_800_000 } = options;
  refuseUnsafe(host, tokens);
  const sessions = new Map<string, Session>();

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500, 'The server failed.');
      else response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/mcp')
      return refuse(response, 404, 'Not found: the server is at /mcp.');
    if (!isAllowedHost(request.headers.host, [host, ...allowedHosts]))
      return refuse(response, 403, 'This host name is not allowed.');
    const namespace = tenantOf(request.headers.authorization, tokens, memory.namespace);
    if (namespace === undefined) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      return refuse(response, 401, 'A valid bearer token is needed.');
    }
    const id = request.headers['mcp-session-id'];
    const session = typeof id === 'string' ? sessions.get(id) : undefined;
    // A session of another tenant is as good as none: whether it exists is not told.
    if (session !== undefined && session.namespace === namespace) {
      session.lastUsed = Date.now();
      return session.transport.handleRequest(request, response);
    }
    if (id !== undefined) return refuse(response, 404, 'There is no such session.');
    if (request.method !== 'POST') return refuse(response, 400, 'A session begins with a POST of initialize.');
    closeIdle(sessions.size >= mostSessions ? 0 : idleMs);
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (sessionId) => void sessions.set(sessionId, { transport, namespace, lastUsed: Date.now() }),
      onsessionclosed: (sessionId) => void sessions.delete(sessionId),
    });
    await bankServer(memory.inNamespace(namespace)).connect(transport);
    await transport.handleRequest(request, response);
  }

  function closeIdle(silentFor: number): void {
    const before = Date.now() - silentFor;
    for (const [id, { transport, lastUsed }] of sessions) {
      if (lastUsed > before) continue;
      sessions.delete(id);
      void transport.close();
    }
  }

  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    throw new ConfigError({
      code: 'MCP_CANNOT_LISTEN',
      message: `Could not listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Choose another --port; 0 takes a free one.',
      cause,
    });
  }
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${own}/mcp`,
    close: async () => {
      await Promise.allSettled([...sessions.values()].map(({ transport }) => transport.close()));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuseUnsafe(host: string, tokens: Readonly<Record<string, string>>): void {
  const all = Object.keys(tokens);
  if (!isLoopback(host) && all.length === 0) {
    throw new ConfigError({
      code: 'MCP_PUBLIC_WITHOUT_TOKEN',
      message: `Listening on ${host} would open the bank to everybody who can reach this machine.`,
      hint: 'Give a token (--token-file), or listen on 127.0.0.1.',
    });
  }
  const short = all.find((token) => token.length < shortestToken);
  if (short !== undefined) {
    throw new ConfigError({
      code: 'MCP_TOKEN_SHORT',
      message: `A bearer token has ${short.length} characters; it must have at least ${shortestToken}.`,
      hint: 'Make one with: openssl rand -hex 24',
    });
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** The tenant of a request; `undefined` where its token is not known. */
function tenantOf(
  authorization: string | undefined,
  tokens: Readonly<Record<string, string>>,
  own: string,
): string | undefined {
  if (Object.keys(tokens).length === 0) return own;
  const given = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  let tenant: string | undefined;
  // All are compared, each in constant time, so that time tells nothing about a token.
  for (const [token, namespace] of Object.entries(tokens)) {
    if (timingSafeEqual(digest(token), digest(given))) tenant = namespace;
  }
  return tenant;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Against DNS rebinding: a page that resolves its own name to this machine calls it by that name. */
function isAllowedHost(header: string | undefined, allowed: readonly string[]): boolean {
  if (header === undefined) return false;
  const name = header.replace(/:\d+$/u, '').replace(/^\[(.*)\]$/u, '$1');
  return isLoopback(name) || allowed.includes(name) || allowed.includes('0.0.0.0') || allowed.includes('::');
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null }));
}
