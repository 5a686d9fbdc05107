import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { ConfigError } from '@skillrl/core';
import type { Memory } from '@skillrl/memory';

import { bankServer, type BankServerOptions } from './bank-server.ts';
import { allowedNames, nameOfHost, nameOfOrigin, refuseUnsafe, tenantOf, type Tokens } from './http-access.ts';
import { HttpSessions } from './http-sessions.ts';
import { readBody } from './read-body.ts';

export interface ServeHttpOptions extends BankServerOptions {
  /** Default `127.0.0.1`. Another than a loopback address needs `tokens`. */
  readonly host?: string;
  /** 0 takes a free one. Default 7333. */
  readonly port?: number;
  /** Bearer tokens and the tenant of each. Without them everybody who reaches the port is the memory's own tenant. */
  readonly tokens?: Tokens;
  /** Names under which clients may call the server, beside loopback names, against DNS rebinding. */
  readonly allowedHosts?: readonly string[];
  /** Sessions that were silent for longer are closed when another begins, in milliseconds. Default half an hour. */
  readonly idleMs?: number;
  /** Sessions a tenant may have; the one that was silent longest is closed for another. Default 100. */
  readonly mostSessions?: number;
}

export interface HttpServer {
  /** `http://127.0.0.1:7333/mcp`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves banks over streamable HTTP at `/mcp`: a session a client, a tenant a token.
 *
 * @throws {ConfigError} `MCP_PUBLIC_WITHOUT_TOKEN`, `MCP_TOKEN_SHORT`, `MCP_CANNOT_LISTEN`.
 */
export async function serveHttp(memory: Memory, options: ServeHttpOptions = {}): Promise<HttpServer> {
  const { host = '127.0.0.1', port = 7333, tokens = {}, allowedHosts = [], onError } = options;
  const { idleMs = 1_800_000, mostSessions = 100 } = options;
  refuseUnsafe(host, tokens);
  const isAllowed = allowedNames(host, allowedHosts);
  const sessions = new HttpSessions({ idleMs, mostEach: mostSessions });

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) refuse(response, 500, 'The server failed.');
      else response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.split('?')[0] !== '/mcp') return refuse(response, 404, 'Not found: the server is at /mcp.');
    const name = nameOfHost(request.headers.host);
    const { origin } = request.headers;
    if (name === undefined || !isAllowed(name) || (origin !== undefined && !isAllowed(nameOfOrigin(origin))))
      return refuse(response, 403, 'This host name is not allowed.');
    const namespace = tenantOf(request.headers.authorization, tokens, memory.namespace);
    if (namespace === undefined) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      return refuse(response, 401, 'A valid bearer token is needed.');
    }
    const id = request.headers['mcp-session-id'];
    const open = typeof id === 'string' ? sessions.of(id, namespace) : undefined;
    if (open === undefined && id !== undefined) return refuse(response, 404, 'There is no such session.');
    if (open === undefined && request.method !== 'POST')
      return refuse(response, 400, 'A session begins with a POST of initialize.');
    const body = request.method === 'POST' ? await readBody(request) : { value: undefined };
    if ('message' in body) return refuse(response, body.status, body.message, body.code);
    const transport = open ?? (await begin(namespace));
    await transport.handleRequest(request, response, body.value);
    // Whatever it was, it began no session.
    if (open === undefined && transport.sessionId === undefined) await transport.close();
  }

  async function begin(namespace: string): Promise<StreamableHTTPServerTransport> {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (sessionId) => {
        sessions.makeRoom(namespace);
        sessions.add(sessionId, namespace, transport);
      },
      onsessionclosed: (sessionId) => sessions.remove(sessionId),
    });
    await bankServer(memory.inNamespace(namespace), { onError }).connect(transport);
    return transport;
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
      await sessions.closeAll();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function refuse(response: ServerResponse, status: number, message: string, code = -32_000): void {
  // What is left of a request that was refused is not read.
  response.writeHead(status, { 'Content-Type': 'application/json', ...(status === 413 && { Connection: 'close' }) });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message }, id: null }));
}
